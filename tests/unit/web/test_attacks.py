"""The Web-Client as an attacker sees it: every route is asked, so that none can be forgotten."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.http import parse_options_header
from werkzeug.routing import IntegerConverter

from persistence.authority_database import AuthorityDatabase
from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.pki import Authority
from server.services.certificate_issuing import CertificateIssuing
from server.services.certificates import Certificates
from server.services.mandant_certificates import MandantCertificates
from tests.support.broken_tables import read_all
from tests.support.directory import open_directory
from tests.support.web import HOST, Browser, WebSite, make_site
from tests.support.web_world import (
    EVIL,
    Route,
    World,
    ask,
    fill_world,
    find_token,
    list_routes,
)
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_sending import command, make_sending
from tests.unit.web.test_certificates import ask as ask_for_certificate
from tests.unit.web.test_certificates import make_csr, name_register
from tests.unit.web.test_matters import EverybodyKnown, write_ersuchen

# Routes with an argument that names nothing of a Mandant.
SHARED = {
    "static": "files for everybody",
    "figures.export_figures": "names the form of a file; figures are those of the own Mandant",
    "figures.export_costs": "the same",
    "administration_catalogue.show_massnahme": "a key of the common catalogue",
    "administration_catalogue.change_massnahme": "changes what the own Mandant accepts",
}
# Routes with an object of a Mandant: another Mandant is told that there is none.
OWNED = {
    "administration_catalogue.change_own_massnahme",
    "administration_catalogue.remove_own_massnahme",
    "administration_catalogue.show_own_massnahme",
    "administration_certificates.download_certificate",
    "administration_certificates.download_chain",
    "administration_certificates.revoke_certificate",
    "administration_certificates.show_certificate",
    "administration_certificates.show_revocation",
    "administration_users.change_details",
    "administration_users.change_role",
    "administration_users.lock_user",
    "administration_users.reset_user",
    "administration_users.show_user",
    "administration_users.unlock_user",
    "attachments.add_attachments",
    "attachments.download_attachment",
    "attachments.name_attachments",
    "attachments.show_attachments",
    "bank_details.remove_bank_details",
    "capture.save_step",
    "capture.save_template_step",
    "capture.show_step",
    "capture.show_template_step",
    "drafts.ask_before_removing_draft",
    "drafts.ask_before_removing_template",
    "drafts.copy_draft",
    "drafts.make_template",
    "drafts.remove_draft",
    "drafts.remove_template",
    "drafts.use_template",
    "messages.confirm_message",
    "messages.download_all",
    "messages.download_file",
    "messages.download_letter",
    "messages.open_message",
    "messages.show_message",
    "messages.withdraw_message",
    "replies.send_reply",
    "replies.show_reply",
    "review.release_bank_details",
    "review.save_review",
    "review.send_draft",
    "review.show_letter",
    "review.show_preview",
    "review.show_review",
    "sent.copy_sent",
    "sent.show_sent",
    "sent.withdraw",
    "vorgaenge.show_vorgang",
}
# Whose asking side has nothing to answer yet; the asked side has.
OF_THE_ASKED = {"messages.open_message", "messages.confirm_message"}
_OPERATOR = frozenset({Role.OPERATOR})
# What a session writes about itself.
_OF_SESSIONS = frozenset({"web_session", "web_user", "web_audit", "web_address"})


@pytest.fixture
def world(
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    author: Caller,
    reader: Caller,
    tmp_path: Path,
) -> World:
    directory = EverybodyKnown()
    register = open_directory(tmp_path / "verzeichnis.sqlite")
    site = make_site(database, clock, directory, blobs, name_register(tmp_path))
    sending = make_sending(database, blobs, directory, clock)
    content = write_ersuchen(author, reader)
    for text in (b"VS-2026-0815", b"Bescheid vom 12.01.2026"):
        content = content.replace(text, _escape(EVIL[:50]))
    message = command(author, reader.mandant.identifier, b"<html>", message=content)
    message.parts[1].attributes["filename"] = EVIL
    filled = fill_world(site, blobs, clock, author, reader, lambda: sending.send(message))
    filled.keys["certificate"] = _issue_certificate(filled, register, tmp_path / "ca.pem")
    return filled


def _issue_certificate(world: World, register: AuthorityDatabase, ca_file: Path) -> str:
    """The fingerprint of one that the owner has asked for, and got."""
    ca = Authority.create("Eigene CA", world.clock())
    ca_file.write_bytes(ca.credential.pem_certificate())
    administrator = world.site.sign_in(Role.ADMINISTRATOR, world.owner.mandant.key, "antrag")
    assert (
        ask_for_certificate(
            administrator, make_csr(ec.generate_private_key(ec.SECP384R1())), tage="7"
        ).status_code
        == 303
    )
    trust = TrustDatabase(register.engine)
    assert CertificateIssuing(world.database, trust, lambda: ca, world.clock).issue_due()
    here = MandantCertificates(world.database, world.clock)
    listed = {item.fingerprint for item in Certificates(trust, here, world.clock).list_all()}
    (issued,) = listed - {world.owner.certificate_fingerprint, world.asked.certificate_fingerprint}
    return issued


def _escape(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


class Screens:
    """Browsers of one Mandant, one for each role."""

    def __init__(self, site: WebSite, mandant: Caller, word: str) -> None:
        self._site, self._mandant, self._word = site, mandant, word
        self._open: dict[Role, Browser] = {}

    def find(self, route: Route) -> Browser:
        """A browser of a role that may ask the route; the operator's where nobody else may."""
        role = sorted(route.roles - _OPERATOR or _OPERATOR)[0]
        if role not in self._open:
            mandant_key = None if role is Role.OPERATOR else self._mandant.mandant.key
            login = f"{self._word}-{role}"
            self._open[role] = self._site.sign_in(role, mandant_key, login)
        return self._open[role]


def list_owned(site: WebSite) -> list[Route]:
    return [route for route in list_routes(site) if route.name in OWNED]


def list_changes(site: WebSite) -> list[Route]:
    return [route for route in list_routes(site) if route.method != "GET"]


def read_data(world: World) -> dict[str, list[Any]]:
    return {
        name: rows for name, rows in read_all(world.database).items() if name not in _OF_SESSIONS
    }


def test_every_route_with_an_argument_has_a_case(site: WebSite) -> None:
    named = {
        route.name
        for route in list_routes(site)
        if route.rule.arguments and route.roles != _OPERATOR
    }
    assert named == OWNED | set(SHARED)


def test_objects_of_another_mandant_are_not_there(world: World) -> None:
    stranger = add_caller(world.database, "fremd", world.clock)
    screens = Screens(world.site, stranger, "fremd")
    for route in list_owned(world.site):
        screens.find(route)
    before = read_data(world)
    answers = {
        f"{route.method} {route.rule.rule}": ask(
            screens.find(route), route, world.path(route)
        ).status_code
        for route in list_owned(world.site)
    }
    assert {name: code for name, code in answers.items() if code != 404} == {}
    assert read_data(world) == before


def test_own_objects_are_there(world: World) -> None:
    """The counterpart: the addresses of the test before are right."""
    own, asked = (
        Screens(world.site, world.owner, "eigen"),
        Screens(world.site, world.asked, "ander"),
    )
    missing = []
    # Those that remove something come last.
    for route in sorted(list_owned(world.site), key=lambda route: "remove" in route.name):
        is_asked = route.name in OF_THE_ASKED or route.name.startswith("replies")
        screens = asked if is_asked else own
        values = {"vorgang_id": _find_vorgang(world, world.asked)} if is_asked else {}
        if route.name.startswith("replies"):
            _open_message(world, asked)
        answer = ask(screens.find(route), route, world.path(route, **values))
        if answer.status_code in (404, 500):
            missing.append((route.method, route.rule.rule, answer.status_code))
    assert missing == []


def _find_vorgang(world: World, caller: Caller) -> str:
    from persistence.stores.vorgaenge import Overdue
    from server.domain.vorgang import VorgangCriteria

    with world.database.reading() as stores:
        overdue = Overdue(world.clock().date(), 14)
        (found,) = stores.vorgaenge.list_found(caller.mandant.key, VorgangCriteria(), overdue, 9)
    return found.vorgang_id


def _open_message(world: World, asked: Screens) -> None:
    route = next(r for r in list_routes(world.site) if r.name == "messages.open_message")
    ask(asked.find(route), route, world.path(route))


def test_attachment_of_another_draft_is_not_there(world: World, blobs: FolderBlobs) -> None:
    stranger = add_caller(world.database, "fremd", world.clock)
    browser = world.site.sign_in(Role.SACHBEARBEITER, stranger.mandant.key)
    own = browser.submit("/entwuerfe", "/entwuerfe/neu").headers["Location"].split("/")[2]
    key = world.keys["attachment"]
    assert browser.get(f"/entwuerfe/{own}/anlagen/{key}").status_code == 404
    before = read_data(world)["draft_attachment"]
    browser.post(
        f"/entwuerfe/{own}/anlagen/arten",
        csrf_token=find_token(browser),
        entfernen=str(key),
        **{f"art-{key}": "bescheid"},
    )
    assert read_data(world)["draft_attachment"] == before


def test_every_change_needs_the_token_of_its_session(world: World) -> None:
    own, other = Screens(world.site, world.owner, "eigen"), Screens(world.site, world.owner, "zwei")
    changes = [route for route in list_changes(world.site) if route.roles]
    assert len(changes) > 30
    tokens = {route.name: find_token(other.find(route)) for route in changes}
    for route in changes:
        own.find(route)
    before = read_data(world)
    wrong = []
    for route in changes:
        browser, path = own.find(route), _path_of(world, route)
        codes = [
            browser.post(path).status_code,
            browser.post(path, csrf_token=tokens[route.name]).status_code,
            browser.post(path, csrf_token="").status_code,
            _post_from_elsewhere(browser, path),
        ]
        if codes != [400, 400, 400, 403]:
            wrong.append((route.rule.rule, codes))
    assert wrong == []
    assert read_data(world) == before


def _path_of(world: World, route: Route) -> str:
    """Objects that only operators name are not there; what they ask is looked at before."""
    names = {"batch_id": "x", "kennung": "x", "token": "x", "version": 1, "form": "csv"}
    return world.path(route, **names)


def _post_from_elsewhere(browser: Browser, path: str) -> int:
    answer = browser.client.post(
        path,
        base_url=HOST,
        data={"csrf_token": find_token(browser)},
        headers={"Origin": "https://localhost.boese.example"},
    )
    return answer.status_code


def test_looking_changes_nothing(world: World) -> None:
    own = Screens(world.site, world.owner, "eigen")
    routes = [route for route in list_routes(world.site) if route.method == "GET" and route.roles]
    for route in routes:
        own.find(route)
    before = read_data(world)
    failed = []
    for route in routes:
        answer = own.find(route).get(_path_of(world, route))
        if answer.status_code >= 500:
            failed.append((route.rule.rule, answer.status_code))
    assert failed == []
    assert read_data(world) == before


def test_no_page_lets_markup_of_others_through(world: World) -> None:
    own, asked = (
        Screens(world.site, world.owner, "eigen"),
        Screens(world.site, world.asked, "ander"),
    )
    _open_message(world, asked)
    shown, let_through = 0, []
    for route in list_routes(world.site):
        if route.method != "GET" or not route.roles:
            continue
        for screens in (own, asked):
            answer = screens.find(route).get(_path_of(world, route))
            if answer.mimetype != "text/html":
                continue
            shown += "&lt;img src=x" in answer.text
            if (
                "<img src=x" in answer.text
                or "<script>alert" in answer.text
                or ">49<" in answer.text
            ):
                let_through.append(route.rule.rule)
    assert let_through == []
    # Lists, drafts, templates, attachments, preview, users, bank details, the message, the matter.
    assert shown >= 9


def test_every_page_of_a_person_is_kept_by_nobody(world: World) -> None:
    own = Screens(world.site, world.owner, "eigen")
    wrong = []
    for route in list_routes(world.site):
        if not route.roles:
            continue
        browser, path = own.find(route), _path_of(world, route)
        answer = browser.get(path) if route.method == "GET" else browser.post(path)
        headers = answer.headers
        is_fine = (
            headers["Cache-Control"] == "no-store"
            and "Cookie" in headers["Vary"]
            and headers["X-Content-Type-Options"] == "nosniff"
            and "default-src 'none'" in headers["Content-Security-Policy"]
            and "Server" not in headers
        )
        if not is_fine:
            wrong.append((route.rule.rule, dict(headers)))
    assert wrong == []


def test_every_cookie_is_bound_to_host_https_and_pages(world: World) -> None:
    own = Screens(world.site, world.owner, "eigen")
    cookies = list(world.site.open_browser().sign_in("opfer").headers.getlist("Set-Cookie"))
    for route in sorted(list_routes(world.site), key=lambda r: r.name == "sign_in.sign_out"):
        browser, path = (
            (own.find(route), _path_of(world, route))
            if route.roles
            else (
                world.site.open_browser(),
                _path_of(world, route) if route.rule.arguments == set() else "/static/x",
            )
        )
        answer = (
            browser.get(path)
            if route.method == "GET"
            else browser.post(path, csrf_token=find_token(browser) if route.roles else "")
        )
        cookies += answer.headers.getlist("Set-Cookie")
    assert len({cookie.partition("=")[0] for cookie in cookies}) >= 3
    wrong = [
        cookie
        for cookie in cookies
        if not cookie.startswith("__Host-")
        or not {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        or "SameSite=Strict" not in cookie
        or "Domain" in cookie
    ]
    assert wrong == []


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 400, "-1", "0", "1.5", "१"])
def test_numbers_that_no_object_has_are_not_there(world: World, number: str) -> None:
    own = Screens(world.site, world.owner, "eigen")
    wrong = []
    for route in list_routes(world.site):
        if "<int:" not in route.rule.rule or not route.roles:
            continue
        path = _path_of(world, route)
        for name, converter in route.rule._converters.items():
            if isinstance(converter, IntegerConverter) and (name, number) != ("position", "0"):
                known = str({"key": world._find_key(route), "position": 0, "version": 1}[name])
                asked = f"/{number}".join(path.rsplit(f"/{known}", 1))
                code = ask(own.find(route), route, asked).status_code
                if code != 404 and not (code == 303 and route.roles == _OPERATOR):
                    wrong.append((asked, code))
    assert wrong == []


@pytest.mark.parametrize("text", ["%00", "a%00b", "..%2f..%2fetc%2fpasswd", "%ff", "x" * 3000, "'"])
def test_names_that_no_object_has_are_not_there(world: World, text: str) -> None:
    own = Screens(world.site, world.owner, "eigen")
    wrong = []
    for route in list_routes(world.site):
        names = [
            name for name in route.rule.arguments if name.endswith(("_id", "kennung", "token"))
        ]
        if not names or not route.roles:
            continue
        path = _path_of(world, route)
        fixed = world.path(route, **dict.fromkeys(names, "PLATZ"), version=1)
        del path
        code = ask(own.find(route), route, fixed.replace("PLATZ", text)).status_code
        if code not in (303, 308, 400, 404, 422):
            wrong.append((route.method, fixed, code))
    assert wrong == []


NAMES = [
    'a"; filename="b.exe',
    "a\r\nSet-Cookie: x=1",
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/abs/olut.pdf",
    "C:\\x.pdf",
    "übersicht €.pdf",
    "\u202egnp.exe",
    "NUL",
    ".htaccess",
    "",
    "a" * 400 + ".pdf",
    "\x00x.pdf",
    "a;b=c.pdf",
]


def test_names_of_files_do_no_harm_in_headers_and_archives(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> None:
    directory = EverybodyKnown()
    site = make_site(database, clock, directory, blobs)
    sending = make_sending(database, blobs, directory, clock)
    content = write_ersuchen(author, reader)
    message = command(author, reader.mandant.identifier, *[b"x"] * len(NAMES), message=content)
    for part, name in zip(message.parts[1:], NAMES, strict=True):
        part.attributes["filename"] = name
    sending.send(message)
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    with database.reading() as stores:
        found = stores.messages.find("urn:x:1")
    assert found is not None
    path = f"/nachrichten/{found.key}"
    for position in range(len(NAMES) + 1):
        answer = browser.get(f"{path}/dateien/{position}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert "Set-Cookie" not in answer.headers
        kind, options = parse_options_header(answer.headers["Content-Disposition"])
        assert kind == "attachment" and set(options) == {"filename"}
        require_harmless(options["filename"])
    with zipfile.ZipFile(io.BytesIO(browser.get(f"{path}/alle.zip").data)) as archive:
        names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(NAMES) + 1
    for name in names:
        require_harmless(name)


def require_harmless(name: str) -> None:
    assert name and not name.startswith((".", "/")), name
    assert not set(name) & set('/\\:"\r\n\x00\u202e'), name
    assert ".." not in name.split("/") and name.upper() != "NUL", name


@pytest.mark.parametrize(
    "target",
    [
        "//boese.example",
        "/\\boese.example",
        "https://boese.example",
        "javascript:alert(1)",
        "/\t/boese.example",
        "//[",
        "http://[",
        "/\r\nSet-Cookie: x=1",
        "\\\\boese.example",
        "data:text/html,x",
        " //boese.example",
        "/%0d%0aLocation:%20x",
    ],
)
def test_sign_in_leads_nowhere_else(world: World, target: str) -> None:
    browser = world.site.open_browser()
    page = browser.get("/anmelden?weiter=" + target.replace("\r\n", "%0d%0a").replace("\t", "%09"))
    assert page.status_code == 200
    answer = browser.submit(
        "/anmelden", "/anmelden", login="opfer", password="ein Kennwort für Tests", weiter=target
    )
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\"))
    assert "\r" not in location and "\n" not in location


def test_origin_that_is_no_address_is_refused(world: World) -> None:
    browser = world.site.sign_in(Role.SACHBEARBEITER, world.owner.mandant.key)
    token = find_token(browser)
    for origin in (
        "http://[",
        "null",
        "",
        "https://localhost",
        "https://localhost:8445.boese.example",
    ):
        answer = browser.client.post(
            "/abmelden", base_url=HOST, data={"csrf_token": token}, headers={"Origin": origin}
        )
        assert answer.status_code == 403, origin


def test_session_of_an_attacker_is_not_taken_over_by_the_sign_in(world: World) -> None:
    browser = world.site.open_browser()
    browser.client.set_cookie("__Host-sitzung", "vom-angreifer", domain="localhost", secure=True)
    assert browser.sign_in("opfer").status_code == 303
    cookie = browser.client.get_cookie("__Host-sitzung", domain="localhost")
    assert cookie is not None and cookie.value != "vom-angreifer"
    other = world.site.open_browser()
    other.client.set_cookie("__Host-sitzung", "vom-angreifer", domain="localhost", secure=True)
    assert other.get("/profil").status_code == 303


def test_second_sign_in_in_a_browser_ends_its_first_session(world: World) -> None:
    browser = world.site.sign_in(Role.SACHBEARBEITER, world.owner.mandant.key)
    first = browser.client.get_cookie("__Host-sitzung", domain="localhost")
    assert first is not None
    token = find_token(browser)
    again = browser.post(
        "/anmelden", csrf_token=token, login="opfer", password="ein Kennwort für Tests"
    )
    assert again.status_code == 303
    other = world.site.open_browser()
    other.client.set_cookie("__Host-sitzung", first.value, domain="localhost", secure=True)
    assert other.get("/profil").status_code == 303


@pytest.mark.parametrize(
    "host", ["boese.example", "localhost.boese.example", "localhost@boese", ""]
)
def test_host_that_is_not_ours_gets_nothing(world: World, host: str) -> None:
    answer = world.site.app.test_client().get("/anmelden", base_url=HOST, headers={"Host": host})
    assert answer.status_code == 400
    assert host == "" or host not in answer.text


def test_forwarded_host_is_not_believed(world: World) -> None:
    headers = {"X-Forwarded-Host": "boese.example", "X-Forwarded-Proto": "http"}
    answer = world.site.open_browser().get("/eingang", **headers)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/anmelden")


@pytest.mark.parametrize(
    "path", ["/gibt-es-nicht", "/static/gibt-es-nicht.css", "/static/../app.py"]
)
def test_error_pages_tell_nothing_and_are_kept_by_nobody(world: World, path: str) -> None:
    answer = world.site.open_browser().get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text and "werkzeug" not in answer.text.lower()
    assert answer.headers["Cache-Control"] == "no-store"


PLACES = [
    "WyJ4IiwiMjAyNi0xMS0yM1QxMjowMDowMCswMDowMCIsMWU5OTksMF0",
    "WyJ4IiwiMjAyNi0xMS0yM1QxMjowMDowMCswMDowMCIsOTk5OTk5OTk5OTk5OTk5OTk5OTksMF0",
    "WyIyMDI2LTExLTIzVDEyOjAwOjAwKzAwOjAwIiwxZTk5OV0",
    "WyIyMDI2LTExLTIzVDEyOjAwOjAwKzAwOjAwIiw5OTk5OTk5OTk5OTk5OTk5OTk5OV0",
    "WyJcdTAwMDAiLCIyMDI2LTExLTIzVDEyOjAwOjAwKzAwOjAwIiwxLDBd",
    "W1tb" * 900,
    "9" * 300,
    "%00",
    "-1",
]


@pytest.mark.parametrize("place", PLACES)
def test_places_in_lists_that_nobody_wrote_are_the_first_page(world: World, place: str) -> None:
    own = Screens(world.site, world.owner, "eigen")
    wrong = []
    for route in list_routes(world.site):
        if route.method != "GET" or not route.roles or route.rule.arguments:
            continue
        code = own.find(route).get(f"{route.rule.rule}?ab={place}&suche={place}").status_code
        if code >= 500:
            wrong.append((route.rule.rule, code))
    assert wrong == []
