"""Every change in the Web-Client and its entry in the audit: both are there, or neither.

The routes come from the application: one that is neither in CHANGES nor in UNTOLD fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from tests.support import change_requests as make
from tests.support.audited_changes import Request, Scene, watching_transactions
from tests.support.change_requests import (
    act_on,
    act_on_mandant,
    act_on_measure,
    act_on_message,
    act_on_user,
    administer,
)
from tests.support.web import WebSite
from tests.support.web_world import list_routes
from tests.unit.conftest import FixedClock
from tests.unit.web.test_letterhead import TEXTS
from tests.unit.web.test_own_massnahmen import GIVEN


@dataclass(frozen=True)
class Change:
    """A valid request to a route, and what the audit says of it."""

    route: str
    prepare: Callable[[Scene], Request]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Untold:
    """A route whose change stands in no audit: why, and which tables it may write."""

    route: str
    prepare: Callable[[Scene], Request]
    reason: str
    tables: frozenset[str] = frozenset()


# Written with the change; of the directory's database first into a table of its own.
AUDIT = {"web_audit", "pending_audit"}
CHANGES = [
    Change(
        "administration_authority.change_mailbox",
        administer("/behoerde", "/behoerde/postfach"),
        ("postfach-geaendert",),
    ),
    Change(
        "administration_authority.change_fallbacks",
        administer("/behoerde/ersatzwege", tage="21", abgelehnt="letter", kein_endpunkt=""),
        ("ersatzwege-geaendert",),
    ),
    Change(
        "administration_authority.change_print",
        administer(
            "/behoerde/druck", output="folder", duplex="nein", colour="", cost_centre="4711"
        ),
        ("druck-geaendert",),
    ),
    Change(
        "administration_catalogue.add_massnahme",
        administer("/eigene-massnahme", **GIVEN),
        ("eigene-massnahme-angelegt",),
    ),
    Change(
        "administration_catalogue.change_massnahme",
        administer("/massnahmen/vermoegensauskunft", hinweis="Bitte anrufen."),
        ("massnahme-geaendert",),
    ),
    Change(
        "administration_catalogue.change_own_massnahme",
        act_on_measure("aendern", name="Besuch", rechtsgrundlagen="§ 258 AO"),
        ("eigene-massnahme-geaendert",),
    ),
    Change(
        "administration_catalogue.remove_own_massnahme",
        act_on_measure("loeschen"),
        ("eigene-massnahme-geloescht",),
    ),
    Change(
        "administration_certificates.ask_for_certificate",
        make.ask_for_certificate,
        ("zertifikat-beantragt",),
    ),
    Change(
        "administration_certificates.register_certificate",
        make.register_certificate,
        ("zertifikat-eingetragen",),
    ),
    Change(
        "administration_certificates.revoke_certificate",
        make.revoke_certificate,
        ("zertifikat-gesperrt",),
    ),
    Change(
        "administration_letterhead.change_letterhead",
        administer(make.LETTERHEAD, **TEXTS),
        ("briefkopf-geaendert",),
    ),
    Change(
        "administration_letterhead.reset_letterhead",
        make.reset_letterhead,
        ("briefkopf-zurueckgesetzt",),
    ),
    Change(
        "administration_users.change_details",
        act_on_user("angaben", name="Eva Linde", email="linde@amt.example"),
        ("benutzer-geaendert",),
    ),
    Change(
        "administration_users.change_role",
        act_on_user("rolle", rolle="manager"),
        ("rolle-geaendert",),
    ),
    Change(
        "administration_users.invite_user",
        administer(
            make.USERS, login="kim", name="Kim Birke", email="kim@amt.example", rolle="manager"
        ),
        ("benutzer-angelegt",),
    ),
    Change("administration_users.lock_user", act_on_user("sperren"), ("benutzer-gesperrt",)),
    Change(
        "administration_users.reset_user",
        act_on_user("zuruecksetzen"),
        ("benutzer-zurueckgesetzt",),
    ),
    Change("administration_users.unlock_user", make.unlock_user, ("benutzer-entsperrt",)),
    Change("attachments.add_attachments", make.add_attachments, ("entwurf-anlagen",)),
    Change("attachments.name_attachments", make.name_attachments, ("entwurf-anlagen",)),
    Change("attachments.name_attachments", make.remove_attachment, ("entwurf-anlagen",)),
    Change(
        "bank_details.choose_release",
        administer(make.BANK, f"{make.BANK}/freigabe", freigabe="y"),
        ("vier-augen",),
    ),
    Change(
        "bank_details.register_bank_details",
        administer(make.BANK, kontoinhaber="Kasse", iban=make.IBAN),
        ("bankverbindung-eingetragen",),
    ),
    Change(
        "bank_details.remove_bank_details", make.remove_bank_details, ("bankverbindung-entfernt",)
    ),
    Change("capture.save_step", make.save_step, ("entwurf-geaendert",)),
    Change("capture.save_template_step", make.save_template_step, ("vorlage-geaendert",)),
    Change(
        "codelist_import.import_lists",
        act_on(make.upload_lists, "uebernehmen"),
        ("codelisten-importiert",),
    ),
    Change("drafts.begin_draft", make.begin_draft, ("entwurf-begonnen",)),
    Change("drafts.copy_draft", make.copy_draft, ("entwurf-kopiert",)),
    Change("drafts.make_template", make.turn_into_template, ("vorlage-angelegt",)),
    Change("drafts.remove_draft", make.remove_draft, ("entwurf-geloescht",)),
    Change("drafts.remove_template", make.remove_template, ("vorlage-geloescht",)),
    Change("drafts.use_template", make.use_template, ("entwurf-kopiert",)),
    Change("messages.confirm_message", act_on_message("bestaetigen"), ("empfang-bestaetigt",)),
    Change("messages.open_message", act_on_message("oeffnen"), ("nachricht-geoeffnet",)),
    Change("messages.withdraw_message", make.withdraw_message, ("nachricht-zurueckgezogen",)),
    Change(
        "operation_batches.acknowledge_differences",
        act_on(make.differ, "geklaert", umfang="alle", grund="gezählt"),
        ("abweichung-geklaert",),
    ),
    Change(
        "operation_batches.ask_output",
        act_on(make.hand_over, "abfragen"),
        ("druckausgabe-gefragt",),
    ),
    Change("operation_batches.close_batches", make.close_batches, ("stapel-geschlossen",)),
    Change(
        "operation_batches.give_up_batch",
        act_on(make.close_batch, "aufgeben"),
        ("stapel-aufgegeben",),
    ),
    Change("operation_batches.recall_letter", make.recall_letter, ("brief-zurueckgezogen",)),
    Change("operation_batches.retry_batch", make.hand_over_at_once, ("stapel-sofort-uebergeben",)),
    Change(
        "operation_batches.retry_batch",
        make.set_anew,
        ("stapel-neu-gesetzt", "zustellung-fortgesetzt"),
    ),
    Change(
        "operation_delivery.cancel_message",
        act_on(make.park, f"{make.QUEUE}/abbrechen", grund="doppelt"),
        ("zustellung-abgebrochen",),
    ),
    Change(
        "operation_delivery.redirect_message",
        act_on(make.park, f"{make.QUEUE}/umleiten"),
        ("zustellung-umgeleitet",),
    ),
    Change("operation_delivery.retry_many", make.retry_many, ("zustellung-fortgesetzt",)),
    Change(
        "operation_delivery.retry_message",
        act_on(make.park, f"{make.QUEUE}/fortsetzen"),
        ("zustellung-fortgesetzt",),
    ),
    Change(
        "operation_directory.import_files",
        act_on(make.upload_places, "uebernehmen"),
        ("verzeichnis-importiert",),
    ),
    Change("operation_directory.roll_back", make.roll_back, ("verzeichnis-zurueckgenommen",)),
    Change("operation_doubts.settle_doubt", make.settle_doubt, ("zweifel-erledigt",)),
    Change(
        "operation_mandanten.change_access",
        act_on_mandant("zugang", ereignis="deactivated"),
        ("zugang-geaendert",),
    ),
    Change(
        "operation_mandanten.change_contact",
        act_on_mandant("kontakt", kontakt="Max Birke"),
        ("kontaktperson-geaendert",),
    ),
    Change(
        "operation_mandanten.change_unknown", act_on_mandant("schemata"), ("unbekannte-schemata",)
    ),
    Change("operation_mandanten.register_mandant", make.register_mandant, ("mandant-angemeldet",)),
    Change("profile.change_password", make.change_password, ("kennwort-geaendert",)),
    Change("replies.send_reply", make.send_reply, ("sachstand-gesendet",)),
    Change(
        "review.release_bank_details", make.release_bank_details, ("bankverbindung-freigegeben",)
    ),
    Change("review.save_review", make.save_review, ("entwurf-geaendert",)),
    Change("review.send_draft", make.send_draft, ("ersuchen-gesendet",)),
    Change("second_factor.confirm", make.confirm_factor, ("zweiter-faktor",)),
    Change("second_factor.remove", make.remove_factor, ("zweiter-faktor",)),
    Change("sent.copy_sent", make.copy_sent, ("entwurf-kopiert",)),
    Change("sent.withdraw", make.withdraw_sent, ("nachricht-zurueckgezogen",)),
    Change("sign_in.check_code", make.check_code, ("anmeldung",)),
    Change("sign_in.sign_in", make.sign_in, ("anmeldung",)),
]
_LISTS = frozenset({"codelist_upload"})
_FILES = frozenset({"directory_upload", "directory_upload_file"})
_UPLOAD = "kept for a day for who uploaded them; nothing of the installation changes"
UNTOLD = [
    Untold(
        "administration_letterhead.preview_letterhead", make.preview_letterhead, "draws a sample"
    ),
    Untold("codelist_import.upload_lists", make.try_lists, _UPLOAD, _LISTS),
    Untold(
        "codelist_import.discard_lists",
        act_on(make.upload_lists, "verwerfen"),
        _UPLOAD,
        _LISTS,
    ),
    Untold(
        "operation_directory.upload_files",
        make.try_places,
        _UPLOAD,
        _FILES,
    ),
    Untold(
        "operation_directory.discard_files",
        act_on(make.upload_places, "verwerfen"),
        _UPLOAD,
        _FILES,
    ),
    Untold("profile.change_theme", make.change_theme, "a cookie of the browser"),
    Untold("sign_in.cancel_code", make.cancel_code, "ends the own session alone"),
    Untold("sign_in.sign_out", make.sign_out, "ends the own session alone"),
]


@pytest.fixture
def scene(
    database: Database, tmp_path: Path, clock: FixedClock, author: Caller, reader: Caller
) -> Scene:
    return Scene(database, tmp_path, clock, author, reader)


def test_every_route_that_may_change_something_has_its_case(site: WebSite) -> None:
    routes = {route.name for route in list_routes(site) if route.method != "GET"}
    told, untold = {case.route for case in CHANGES}, {case.route for case in UNTOLD}
    assert routes == told | untold
    assert told & untold == set()


def find_endpoint(site: WebSite, path: str) -> str:
    """The route that a POST to the path reaches."""
    endpoint, _ = site.app.url_map.bind("localhost").match(path, "POST")
    return str(endpoint)


def name_case(case: Change | Untold) -> str:
    return f"{case.route}-{getattr(case.prepare, '__name__', '')}"


@pytest.mark.parametrize("case", CHANGES, ids=name_case)
def test_change_and_its_entry_are_there_both_or_neither(scene: Scene, case: Change) -> None:
    change = case.prepare(scene)
    assert find_endpoint(scene.site, change.path) == case.route
    before, told = scene.look(), scene.list_audit()
    with scene.refusing_audit():
        assert change.send().status_code == 500
    assert scene.look() == before
    with watching_transactions() as transactions:
        answer = change.send()
    assert answer.status_code in (200, 303), answer.text
    assert any(tables & AUDIT and tables - AUDIT for tables in transactions), transactions
    entries = scene.list_audit()[len(told) :]
    assert tuple(entry.action for entry in entries) == case.actions
    assert {entry.actor for entry in entries} == {change.person.name}
    assert {entry.mandant_key for entry in entries} == {change.find_mandant_key()}
    after = scene.look()
    assert {name for name in after if after[name] != before[name]} - {"web_audit"}


@pytest.mark.parametrize("case", UNTOLD, ids=name_case)
def test_what_is_untold_changes_nothing_else(scene: Scene, case: Untold) -> None:
    request = case.prepare(scene)
    assert find_endpoint(scene.site, request.path) == case.route
    before = scene.look()
    answer = request.send()
    assert answer.status_code in (200, 303), answer.text
    after = scene.look()
    assert {name for name in after if after[name] != before[name]} == case.tables
