"""The pages about client certificates: the own ones alone, asked for, entered, revoked."""

from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.test import TestResponse

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.certificate import ClientCertificate, Holder
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.errors import AmtshilfeError, Faults
from server.pki import Authority
from server.pki.exchange import belongs_to, has_key, make_request
from server.services.certificate_issuing import CertificateIssuing
from server.services.certificates import Certificates
from server.services.mandant_certificates import MandantCertificates
from server.services.tenancy import Tenancy
from tests.support.audit import list_actions, list_audit
from tests.support.directory import open_directory
from tests.support.web import HOST, Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock

CERTIFICATES = "/behoerde/zertifikate"
ISSUE = f"{CERTIFICATES}/ausstellen"
REGISTER = f"{CERTIFICATES}/eintragen"


@pytest.fixture
def directory(tmp_path: Path) -> AuthorityDatabase:
    return open_directory(tmp_path / "verzeichnis.sqlite")


@pytest.fixture
def ca(tmp_path: Path, clock: FixedClock) -> Authority:
    """The CA of the installation; its certificate lies where the Web-Client looks."""
    authority = Authority.create("Eigene CA", clock.now)
    (tmp_path / "ca.pem").write_bytes(authority.credential.pem_certificate())
    return authority


def open_site(
    database: Database, clock: FixedClock, folder: Path, asked: str = "https://localhost:8444"
) -> WebSite:
    return make_site(database, clock, sections=name_register(folder, asked))


def name_register(folder: Path, asked: str = "https://localhost:8444") -> dict[str, object]:
    """Settings of an installation whose register of certificates lies in this folder."""
    authority = {
        "database_url": f"sqlite:///{folder}/verzeichnis.sqlite",
        "ca_certificate": str(folder / "ca.pem"),
    }
    return {"authority_server": authority, "authority_client": {"url": f"{asked}/authority/1"}}


@pytest.fixture
def site(database: Database, clock: FixedClock, tmp_path: Path) -> WebSite:
    return open_site(database, clock, tmp_path)


@pytest.fixture
def administrator(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.ADMINISTRATOR, author.mandant.key, "anna")


@pytest.fixture
def issuing(
    database: Database, directory: AuthorityDatabase, ca: Authority, clock: FixedClock
) -> CertificateIssuing:
    """What the worker does."""
    return CertificateIssuing(database, TrustDatabase(directory.engine), lambda: ca, clock)


def send_file(
    browser: Browser, path: str, field: str, content: bytes, **values: str
) -> TestResponse:
    hidden = find_hidden(browser.get(path).text, path)
    data = {**hidden, "tage": "30", **values, field: (BytesIO(content), "neu.pem")}
    return browser.client.post(path, base_url=HOST, data=data, content_type="multipart/form-data")


def ask(browser: Browser, content: bytes, **values: str) -> TestResponse:
    return send_file(browser, ISSUE, "antrag", content, **values)


def upload(browser: Browser, content: bytes, **values: str) -> TestResponse:
    return send_file(browser, REGISTER, "datei", content, **values)


def list_register(
    site: WebSite, directory: AuthorityDatabase, clock: FixedClock
) -> dict[str, ClientCertificate]:
    here = MandantCertificates(site.database, clock)
    found = Certificates(TrustDatabase(directory.engine), here, clock).list_all()
    return {item.fingerprint: item for item in found}


def revoke(browser: Browser, fingerprint: str, **values: str) -> TestResponse:
    path = f"{CERTIFICATES}/{fingerprint}/sperren"
    given = {"grund": "keyCompromise", "bestaetigt": "y", **values}
    return browser.submit(path, path, **{name: item for name, item in given.items() if item})


def make_csr(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, is_der: bool = False) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Jemand anderes")])
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.DER if is_der else serialization.Encoding.PEM
    return request.public_bytes(encoding)


def test_certificates_of_the_own_authority_are_shown_with_their_end(
    administrator: Browser, author: Caller, reader: Caller, site: WebSite
) -> None:
    page = administrator.get(CERTIFICATES).text
    assert author.certificate_fingerprint in page
    assert reader.certificate_fingerprint not in page


def test_certificate_is_replaced_with_an_overlap(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    author: Caller,
    clock: FixedClock,
) -> None:
    issued = Authority.create("Test CA", clock.now).issue_client("potsdam", clock.now)
    answer = upload(administrator, issued.pem_certificate(), tage="7")
    assert answer.status_code == 303, answer.text
    here = MandantCertificates(site.database, clock)
    register = Certificates(TrustDatabase(directory.engine), here, clock)
    found = {item.fingerprint: item for item in register.list_all()}
    assert len(found) == 2
    assert all(item.holder.is_same(Holder(author.mandant.identifier)) for item in found.values())
    assert (found[author.certificate_fingerprint].accepted_until - clock.now).days <= 7
    assert ("zertifikat-eingetragen", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    page = administrator.get(CERTIFICATES).text
    assert "endet in höchstens 7 Tagen" in page
    with site.database.reading() as stores:
        history = stores.mandanten.list_access_entries(author.mandant.key)
    assert {entry.actor for entry in history} == {"Name von anna (anna)"}


@pytest.mark.parametrize("content", [b"", b"kein Zertifikat"])
def test_file_that_is_no_certificate_is_refused(
    directory: AuthorityDatabase, site: WebSite, administrator: Browser, content: bytes
) -> None:
    answer = upload(administrator, content)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert "zertifikat-eingetragen" not in list_actions(site.database)


def test_certificate_of_another_authority_is_refused(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    reader: Caller,
    clock: FixedClock,
) -> None:
    issued = Authority.create("Test CA", clock.now).issue_client("jena", clock.now)
    other = site.sign_in(Role.ADMINISTRATOR, reader.mandant.key)
    upload(other, issued.pem_certificate())
    answer = upload(administrator, issued.pem_certificate())
    assert answer.status_code == 422 and "gehört hier schon zu" in answer.text


def test_without_a_register_no_certificate_is_taken(
    administrator: Browser, clock: FixedClock
) -> None:
    issued = Authority.create("Test CA", clock.now).issue_client("potsdam", clock.now)
    answer = upload(administrator, issued.pem_certificate())
    assert answer.status_code == 422 and "Das Register der Zertifikate liegt nicht" in answer.text


@pytest.mark.parametrize("is_der", [False, True])
def test_certificate_is_asked_for_signed_by_the_worker_and_downloaded(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    issuing: CertificateIssuing,
    ca: Authority,
    author: Caller,
    clock: FixedClock,
    is_der: bool,
) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    assert ask(administrator, make_csr(key, is_der), tage="7").status_code == 303
    page = administrator.get(CERTIFICATES).text
    assert "EC, secp384r1" in page and "wird ausgestellt" in page and "every 2s" in page
    assert ("zertifikat-beantragt", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    # The process that browsers reach has signed nothing.
    assert list(list_register(site, directory, clock)) == [author.certificate_fingerprint]
    assert issuing.issue_due() and not issuing.issue_due()
    found = list_register(site, directory, clock)
    new = next(item for item in found if item != author.certificate_fingerprint)
    assert found[new].subject == f"CN={author.mandant.identifier}"
    assert (found[author.certificate_fingerprint].accepted_until - clock.now).days <= 7
    assert ("zertifikat-ausgestellt", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    page = administrator.get(CERTIFICATES).text
    assert ">ausgestellt<" in page and "every 2s" not in page
    answer = administrator.get(f"{CERTIFICATES}/{new}/kette.pem")
    assert f'filename="kette-{new[:8]}.pem"' in answer.headers["Content-Disposition"]
    leaf, issuer = x509.load_pem_x509_certificates(answer.data)
    der = leaf.public_bytes(serialization.Encoding.DER)
    assert has_key(der, key.public_key()) and belongs_to(der, ca.credential.pem_certificate())
    assert issuer == ca.credential.certificate
    alone = administrator.get(f"{CERTIFICATES}/{new}/zertifikat.pem").data
    assert x509.load_pem_x509_certificates(alone) == [leaf]
    assert Tenancy(site.database, clock).identify(new).mandant.key == author.mandant.key


def test_request_that_waits_for_long_is_not_watched_any_more(
    directory: AuthorityDatabase, administrator: Browser, ca: Authority, clock: FixedClock
) -> None:
    ask(administrator, make_request("potsdam")[1])
    clock.advance(minutes=3)
    page = administrator.get(CERTIFICATES).text
    assert "wartet auf die Zertifizierungsstelle" in page and "every 2s" not in page


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "Bitte wählen Sie eine Datei."),
        (b"kein Antrag", "kein lesbarer Zertifikatsantrag"),
        (make_csr(rsa.generate_private_key(65537, 2048)), "2048 Bit"),
        (make_csr(ec.generate_private_key(ec.SECP256K1())), "Kurve secp256k1"),
        (make_request("a")[0], "privaten Schlüssel"),
        (b"x" * 70_000, "höchstens 64 KiB"),
    ],
    ids=["empty", "nonsense", "short-rsa", "curve", "private-key", "large"],
)
def test_request_that_cannot_be_signed_is_refused_at_its_field(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    ca: Authority,
    content: bytes,
    text: str,
) -> None:
    answer = ask(administrator, content)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert text in answer.text
    assert "zertifikat-beantragt" not in list_actions(site.database)


def test_requests_that_wait_are_few(
    directory: AuthorityDatabase, administrator: Browser, ca: Authority
) -> None:
    answers = [ask(administrator, make_request("potsdam")[1]) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [422]
    assert "Es warten schon 5 Anträge" in answers[-1].text


def test_key_of_a_revoked_certificate_is_not_signed_again(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    issuing: CertificateIssuing,
    author: Caller,
    clock: FixedClock,
) -> None:
    request = make_request("potsdam")[1]
    for _ in range(2):
        ask(administrator, request)
    assert issuing.issue_next()
    new = next(
        item
        for item in list_register(site, directory, clock)
        if item != author.certificate_fingerprint
    )
    revoke(administrator, new)
    # The other one was asked for before; the worker looks, too.
    refused = issuing.issue_next()
    assert refused and not refused.fingerprint
    assert "ist ein Zertifikat gesperrt" in administrator.get(CERTIFICATES).text
    assert ("zertifikat-abgelehnt", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    answer = ask(administrator, request)
    assert answer.status_code == 422 and "ist ein Zertifikat gesperrt" in answer.text


def test_certificate_is_revoked_after_its_effect_was_told(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    author: Caller,
    clock: FixedClock,
) -> None:
    own = author.certificate_fingerprint
    path = f"{CERTIFICATES}/{own}/sperren"
    assert path in administrator.get(f"{CERTIFICATES}/{own}").text
    page = administrator.get(path).text
    assert "das letzte gültige Zertifikat" in page and str(author.mandant.identifier) in page
    tenancy = Tenancy(site.database, clock)
    for missing in ({"bestaetigt": ""}, {"grund": ""}):
        answer = revoke(administrator, own, **missing)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
        assert tenancy.identify(own).mandant.key == author.mandant.key
    assert revoke(administrator, own).status_code == 303
    clock.advance(seconds=1)
    with pytest.raises(AmtshilfeError) as refusal:
        tenancy.identify(own)
    assert refusal.value.fault is Faults.CERTIFICATE_EXPIRED
    with site.database.reading() as stores:
        entry = stores.audit.list_newest(author.mandant.key, 1)[0][1]
    assert (entry.action, entry.subject) == ("zertifikat-gesperrt", own)
    assert "keyCompromise" in entry.text
    assert "Es gilt schon nicht mehr" in administrator.get(path).text


def test_certificate_of_the_register_is_shown_as_revoked(
    directory: AuthorityDatabase, administrator: Browser, clock: FixedClock
) -> None:
    issued = Authority.create("Andere CA", clock.now).issue_client("potsdam", clock.now)
    upload(administrator, issued.pem_certificate(), tage="0")
    assert revoke(administrator, issued.info.fingerprint).status_code == 303
    assert ">gesperrt<" in administrator.get(CERTIFICATES).text
    page = administrator.get(f"{CERTIFICATES}/{issued.info.fingerprint}").text
    assert "in fremde Hände geraten" in page and "/sperren" not in page


def test_certificate_of_another_authority_is_not_found(
    directory: AuthorityDatabase, site: WebSite, administrator: Browser, reader: Caller
) -> None:
    foreign = f"{CERTIFICATES}/{reader.certificate_fingerprint}"
    for path in ("", "/sperren", "/zertifikat.pem", "/kette.pem"):
        assert administrator.get(f"{foreign}{path}").status_code == 404
    hidden = find_hidden(administrator.get(REGISTER).text, REGISTER)
    values = {**hidden, "grund": "superseded", "bestaetigt": "y"}
    assert administrator.post(f"{foreign}/sperren", **values).status_code == 404
    assert "zertifikat-gesperrt" not in list_actions(site.database)


def test_requests_of_another_authority_are_not_shown(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    reader: Caller,
    ca: Authority,
) -> None:
    ask(administrator, make_request("potsdam")[1])
    other = site.sign_in(Role.ADMINISTRATOR, reader.mandant.key)
    assert "wird ausgestellt" not in other.get(CERTIFICATES).text


def test_foreign_certificate_without_overlap_leaves_the_others(
    directory: AuthorityDatabase,
    site: WebSite,
    administrator: Browser,
    author: Caller,
    clock: FixedClock,
) -> None:
    before = list_register(site, directory, clock)[author.certificate_fingerprint]
    issued = Authority.create("Andere CA", clock.now).issue_client("potsdam", clock.now)
    assert upload(administrator, issued.pem_certificate(), tage="").status_code == 303
    found = list_register(site, directory, clock)
    assert found[author.certificate_fingerprint] == before
    page = administrator.get(f"{CERTIFICATES}/{issued.info.fingerprint}").text
    assert "Die Kette hat die Stelle" in page
    assert (
        administrator.get(f"{CERTIFICATES}/{issued.info.fingerprint}/kette.pem").status_code == 404
    )
    told = administrator.get(f"{CERTIFICATES}/{issued.info.fingerprint}/sperren").text
    assert "auch dort sperren" in told and "Weiter gelten:" in told


def test_without_register_or_ca_pages_tell_what_to_do_instead(
    administrator: Browser, author: Caller, tmp_path: Path
) -> None:
    page = administrator.get(CERTIFICATES).text
    assert "damtshilfe authority cert request" in page and ISSUE not in page
    assert "stellt keine Zertifikate aus" in administrator.get(ISSUE).text
    own = f"{CERTIFICATES}/{author.certificate_fingerprint}"
    assert "/sperren" not in administrator.get(own).text
    assert revoke(administrator, author.certificate_fingerprint).status_code == 422
    open_directory(tmp_path / "verzeichnis.sqlite")
    # The register without a CA takes certificates of others.
    page = administrator.get(CERTIFICATES).text
    assert REGISTER in page and ISSUE not in page


def test_authority_server_of_others_is_named(
    database: Database, clock: FixedClock, tmp_path: Path, author: Caller, ca: Authority
) -> None:
    open_directory(tmp_path / "verzeichnis.sqlite")
    site = open_site(database, clock, tmp_path, "https://zentral.example")
    browser = site.sign_in(Role.ADMINISTRATOR, author.mandant.key)
    own = f"{CERTIFICATES}/{author.certificate_fingerprint}"
    for path in (ISSUE, REGISTER, f"{own}/sperren"):
        assert "https://zentral.example/authority/1" in browser.get(path).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_certificates_are_for_the_administrator(site: WebSite, author: Caller, role: Role) -> None:
    browser = site.sign_in(role, None if role is Role.OPERATOR else author.mandant.key)
    for path in (CERTIFICATES, ISSUE, REGISTER, f"{CERTIFICATES}/x", f"{CERTIFICATES}/x/sperren"):
        assert browser.get(path).status_code == 403


@pytest.mark.parametrize(("is_listed", "told"), [(True, "gilt sofort"), (False, "vertraut seinem")])
def test_certificate_whose_issuer_the_server_does_not_trust_is_told(
    directory: AuthorityDatabase,
    database: Database,
    author: Caller,
    clock: FixedClock,
    tmp_path: Path,
    is_listed: bool,
    told: str,
) -> None:
    other, own = (Authority.create(name, clock.now) for name in ("Andere CA", "Eigene CA"))
    listed = [own, other] if is_listed else [own]
    trusted = tmp_path / "client-ca.pem"
    trusted.write_bytes(b"".join(item.credential.pem_certificate() for item in listed))
    tls = {"tls": {"client_ca": str(trusted)}}
    site = make_site(database, clock, sections=name_register(tmp_path) | tls)
    browser = site.sign_in(Role.ADMINISTRATOR, author.mandant.key)
    answer = upload(browser, other.issue_client("potsdam", clock.now).pem_certificate())
    assert answer.status_code == 303
    page = browser.get(CERTIFICATES).text
    assert told in page and ("CN=Andere CA" in page or is_listed)


def test_certificate_is_not_judged_where_the_list_of_cas_cannot_be_read(
    directory: AuthorityDatabase, administrator: Browser, clock: FixedClock
) -> None:
    issued = Authority.create("Andere CA", clock.now).issue_client("potsdam", clock.now)
    assert upload(administrator, issued.pem_certificate()).status_code == 303
    assert "gilt sofort" in administrator.get(CERTIFICATES).text


def test_requests_that_wait_are_told_to_the_operator_and_marked_when_they_wait_long(
    site: WebSite,
    administrator: Browser,
    ca: Authority,
    issuing: CertificateIssuing,
    clock: FixedClock,
) -> None:
    operator = site.sign_in(Role.OPERATOR, None, "jo")
    assert "Kein Antrag auf ein Zertifikat wartet." in operator.get("/betrieb/lage").text
    for asks in (True, True, False):
        if asks:
            csr = make_csr(ec.generate_private_key(ec.SECP384R1()))
            assert ask(administrator, csr, tage="7").status_code == 303
        assert "wartet lange" not in operator.get("/betrieb/lage").text
        clock.advance(minutes=20)
    page = operator.get("/betrieb/lage").text
    assert "2 Anträge warten auf ein Zertifikat" in page and "wartet lange" in page
    assert "Nichts wartet" not in page
    assert issuing.issue_due()
    page = operator.get("/betrieb/lage").text
    assert "Ein Antrag wartet auf ein Zertifikat" in page and "wartet lange" not in page
    assert issuing.issue_due()
    assert "Kein Antrag auf ein Zertifikat wartet." in operator.get("/betrieb/lage").text
