"""Certificates that were asked for are signed once, whatever breaks off in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.trust_database import TrustDatabase
from server.domain.certificate import Holder
from server.domain.certificate_request import CertificateRequest, NewCertificateRequest
from server.domain.mandant import Caller
from server.pki import Authority, BadKeyMaterial
from server.pki.exchange import make_request
from server.services.certificate_issuing import CertificateIssuing
from server.services.certificates import Certificates
from server.services.mandant_certificates import MandantCertificates
from tests.support.audit import list_audit
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases


@pytest.fixture
def trust(tmp_path: Path) -> Iterator[TrustDatabase]:
    made = TrustDatabase(make_engine(f"sqlite:///{tmp_path}/authority.sqlite"))
    upgrade_schema(made.engine, DatabaseKind.AUTHORITY)
    yield made
    made.engine.dispose()


@pytest.fixture
def ca(clock: FixedClock) -> Authority:
    return Authority.create("Eigene CA", clock.now)


@pytest.fixture
def issuing(
    database: Database, trust: TrustDatabase, ca: Authority, clock: FixedClock
) -> CertificateIssuing:
    return CertificateIssuing(database, trust, lambda: ca, clock)


def add_request(
    database: Database, caller: Caller, clock: FixedClock, csr: bytes = b"", days: int | None = 7
) -> None:
    new = NewCertificateRequest(
        mandant_key=caller.mandant.key,
        actor="Anna Ahorn (anna)",
        csr=csr or make_request("a")[1],
        key_name="EC, secp256r1",
        overlap_days=days,
        created=clock.now,
    )
    with database.writing() as stores:
        stores.certificate_requests.add(new)


def list_requests(database: Database, caller: Caller) -> tuple[CertificateRequest, ...]:
    with database.reading() as stores:
        return stores.certificate_requests.list_newest(caller.mandant.key, 10)


def test_issue_next_signs_for_the_holder_in_the_order_of_requests(
    issuing: CertificateIssuing,
    database: Database,
    trust: TrustDatabase,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    for caller in (author, reader):
        add_request(database, caller, clock)
    done = list(iter(issuing.issue_next, None))
    assert [item.mandant_key for item in done] == [author.mandant.key, reader.mandant.key]
    with trust.reading() as stores:
        for item in done:
            bound = stores.certificates.find(item.fingerprint)
            assert bound and bound.holder.is_same(item.holder)
            assert bound.subject == f"CN={item.holder}"
    assert (
        list_audit(database, "action", "actor")
        == [("zertifikat-ausgestellt", "Anna Ahorn (anna)")] * 2
    )
    with database.reading() as stores:
        assert not stores.certificate_requests.is_any_open()
        assert stores.mandanten.find_caller(done[0].fingerprint) is not None


def test_issue_next_after_a_crash_goes_on_with_what_was_signed(
    issuing: CertificateIssuing,
    database: Database,
    trust: TrustDatabase,
    author: Caller,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_request(database, author, clock)

    def break_off(*_arguments: object, **_names: object) -> None:
        raise InterruptedError

    for where in ("take_in", "rotate", "_bind"):
        with monkeypatch.context() as patch:
            patch.setattr(Certificates, where, break_off)
            with pytest.raises(InterruptedError):
                issuing.issue_next()
    with monkeypatch.context() as patch:
        patch.setattr(MandantCertificates, "bind", break_off)
        with pytest.raises(InterruptedError):
            issuing.issue_next()
    (waiting,) = list_requests(database, author)
    assert waiting.der and not waiting.finished
    done = issuing.issue_next()
    assert done and done.der == waiting.der
    holder = Holder(author.mandant.identifier)
    with trust.reading() as stores:
        found = stores.certificates.list_all()
    assert [(item.fingerprint, item.holder.is_same(holder)) for item in found] == [
        (done.fingerprint, True)
    ]
    assert len(list_audit(database, "action", "actor")) == 1


def test_issue_due_without_the_key_waits_and_loses_nothing(
    database: Database, trust: TrustDatabase, ca: Authority, author: Caller, clock: FixedClock
) -> None:
    asked: list[int] = []

    def load() -> Authority:
        asked.append(1)
        if len(asked) == 1:
            raise BadKeyMaterial("Der Schlüssel fehlt.")
        return ca

    issuing = CertificateIssuing(database, trust, load, clock)
    assert not issuing.issue_due() and not asked
    add_request(database, author, clock)
    assert not issuing.issue_due()
    assert not issuing.issue_due() and len(asked) == 1
    clock.advance(minutes=5)
    assert issuing.issue_due()
    assert list_requests(database, author)[0].fingerprint


def test_request_that_cannot_be_read_is_refused_and_holds_up_no_other(
    issuing: CertificateIssuing, database: Database, author: Caller, clock: FixedClock
) -> None:
    add_request(database, author, clock, b"kein Antrag")
    add_request(database, author, clock, days=None)
    assert issuing.issue_due() and issuing.issue_due()
    newest, oldest = list_requests(database, author)
    assert newest.fingerprint and not newest.refusal
    assert not oldest.fingerprint and "kein lesbarer Zertifikatsantrag" in oldest.refusal
    assert {action for action, _ in list_audit(database, "action", "actor")} == {
        "zertifikat-ausgestellt",
        "zertifikat-abgelehnt",
    }
