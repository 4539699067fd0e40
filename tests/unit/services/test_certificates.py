"""Certificates on real databases: one holder each, overlap, revocation."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.trust_database import TrustDatabase
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder, RevocationReason
from server.domain.data_centre import DataCentre, MandantService
from server.domain.mandant import Caller
from server.errors import AmtshilfeError
from server.pki import Authority, BadKeyMaterial, describe_der
from server.services.certificates import CertificateRefused, Certificates
from server.services.data_centres import DataCentres
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import Mandanten
from server.services.participants import Participants
from server.services.tenancy import Tenancy
from tests.unit.conftest import FixedClock

CITY = PartyIdentifier("ags:16052000", "xoev")
GERA = Holder(CITY)


@pytest.fixture
def trust(tmp_path: Path) -> Iterator[TrustDatabase]:
    made = TrustDatabase(make_engine(f"sqlite:///{tmp_path}/authority.sqlite"))
    upgrade_schema(made.engine, DatabaseKind.AUTHORITY)
    yield made
    made.engine.dispose()


@pytest.fixture
def databases(trust: TrustDatabase, database: Database) -> tuple[TrustDatabase, Database]:
    return trust, database


@pytest.fixture
def certificates(trust: TrustDatabase, database: Database, clock: FixedClock) -> Certificates:
    return Certificates(trust, MandantCertificates(database, clock), clock)


class Issuer:
    """A CA and the two doors at which its certificates are shown."""

    def __init__(self, trust: TrustDatabase, database: Database, clock: FixedClock) -> None:
        self.authority = Authority.create("Test CA", clock.now)
        self._clock = clock
        tenancy = Tenancy(database, clock)
        participants = Participants(trust, clock, lambda print_: str(tenancy.identify(print_)))
        self._doors = (tenancy.identify, participants.identify)

    def make_der(self) -> bytes:
        return self.authority.issue_client("a", self._clock.now).der_certificate()

    def knock(self, fingerprint: str) -> list[str]:
        """The refusals of the XTA server and of the Authority-Server; empty where let in."""
        answers = []
        for identify in self._doors:
            try:
                identify(fingerprint)
            except AmtshilfeError as error:
                answers.append(error.fault.code)
            else:
                answers.append("")
        return answers


@pytest.fixture
def issuer(trust: TrustDatabase, database: Database, clock: FixedClock) -> Issuer:
    return Issuer(trust, database, clock)


def test_register_certificate_of_a_mandant_lets_it_in_at_both_servers(
    certificates: Certificates, issuer: Issuer, reader: Caller
) -> None:
    holder, der = Holder(reader.mandant.identifier), issuer.make_der()
    bound = certificates.register(der, holder)
    assert certificates.register(der, holder) == bound
    prints = [item.fingerprint for item in certificates.list_all()]
    assert sorted(prints) == sorted([reader.certificate_fingerprint, bound.fingerprint])
    assert issuer.knock(bound.fingerprint) == ["", ""]


def test_register_certificate_of_another_is_refused(
    certificates: Certificates, issuer: Issuer, reader: Caller
) -> None:
    der = issuer.make_der()
    first = certificates.register(der, GERA).fingerprint
    with pytest.raises(CertificateRefused, match="gehört schon zu xoev:ags:16052000"):
        certificates.register(der, Holder(reader.mandant.identifier))
    with pytest.raises(CertificateRefused, match="gibt es nicht"):
        certificates.register(der, Holder(centre="fehlt"))
    assert [item.holder for item in certificates.list_all() if item.fingerprint == first] == [GERA]


def test_register_certificate_that_is_bound_here_to_another_leaves_nothing_behind(
    certificates: Certificates,
    issuer: Issuer,
    databases: tuple[TrustDatabase, Database],
    author: Caller,
    reader: Caller,
) -> None:
    trust, database = databases
    der = issuer.make_der()
    info = describe_der(der)
    with database.writing() as stores:
        stores.mandanten.bind_certificate(
            author.mandant.key, info.fingerprint, info.subject, info.not_after
        )
    for holder in (Holder(reader.mandant.identifier), GERA):
        with pytest.raises(CertificateRefused, match="gehört hier schon zu xoev:ags:potsdam"):
            certificates.register(der, holder)
    with trust.reading() as registered:
        assert registered.certificates.list_all() == ()


def test_register_what_is_no_certificate_or_has_ended_is_refused(
    certificates: Certificates, issuer: Issuer, clock: FixedClock
) -> None:
    with pytest.raises(BadKeyMaterial):
        certificates.register(b"unsinn", GERA)
    ended = issuer.authority.issue_client("a", clock.now, clock.now - timedelta(days=1))
    with pytest.raises(CertificateRefused, match="galt nur bis zum"):
        certificates.register(ended.der_certificate(), GERA)


def test_rotate_old_and_new_count_during_the_overlap_then_only_the_new(
    certificates: Certificates, issuer: Issuer, clock: FixedClock, reader: Caller
) -> None:
    with pytest.raises(CertificateRefused, match="noch kein Zertifikat"):
        certificates.rotate(issuer.make_der(), GERA, 30)
    holder = Holder(reader.mandant.identifier)
    old = certificates.register(issuer.make_der(), holder)
    new = certificates.rotate(issuer.make_der(), holder, 30)
    clock.advance(days=30)
    assert [issuer.knock(item.fingerprint) for item in (old, new)] == [["", ""], ["", ""]]
    clock.advance(seconds=1)
    assert issuer.knock(old.fingerprint) == ["9010", "9010"]
    assert issuer.knock(new.fingerprint) == ["", ""]


def test_revoke_is_followed_by_the_authority_server_at_once(
    certificates: Certificates, issuer: Issuer, clock: FixedClock
) -> None:
    bound = certificates.register(issuer.make_der(), GERA)
    with pytest.raises(CertificateRefused, match="mindestens 8 Zeichen"):
        certificates.revoke(bound.fingerprint[:4], RevocationReason.UNSPECIFIED)
    with pytest.raises(CertificateRefused, match="0 Zertifikate"):
        certificates.revoke("0" * 64, RevocationReason.UNSPECIFIED)
    revoked = certificates.revoke(bound.fingerprint[:12], RevocationReason.KEY_COMPROMISE)
    assert (revoked.revoked, revoked.reason) == (clock.now, "keyCompromise")
    assert certificates.list_all() == (revoked,)
    assert issuer.knock(bound.fingerprint)[1] == "9010"
    clock.advance(days=1)
    assert certificates.revoke(bound.fingerprint, RevocationReason.UNSPECIFIED) == revoked
    with pytest.raises(CertificateRefused, match="ist gesperrt"):
        certificates.register(bound.der, GERA)


def test_revoke_of_a_mandant_of_this_server_is_followed_here_without_any_list(
    certificates: Certificates, issuer: Issuer, clock: FixedClock, reader: Caller
) -> None:
    bound = certificates.register(issuer.make_der(), Holder(reader.mandant.identifier))
    certificates.revoke(bound.fingerprint, RevocationReason.UNSPECIFIED)
    clock.advance(seconds=1)
    assert issuer.knock(bound.fingerprint) == ["9010", "9010"]
    assert issuer.knock(reader.certificate_fingerprint)[0] == ""


def test_certificates_that_only_this_server_knows_are_listed_replaced_and_revoked(
    certificates: Certificates,
    issuer: Issuer,
    databases: tuple[TrustDatabase, Database],
    clock: FixedClock,
    reader: Caller,
) -> None:
    old = reader.certificate_fingerprint
    (found,) = certificates.list_all()
    assert (found.fingerprint, str(found.holder)) == (old, str(reader.mandant.identifier))
    new = certificates.rotate(issuer.make_der(), found.holder, 30)
    ends = {item.fingerprint: item.accepted_until for item in certificates.list_all()}
    assert ends[old] == clock.now + timedelta(days=30)
    assert certificates.revoke(old[:12], RevocationReason.SUPERSEDED).revoked == clock.now
    clock.advance(seconds=1)
    assert [issuer.knock(item)[0] for item in (old, new.fingerprint)] == ["9010", ""]
    history = Mandanten(databases[1], clock, 30).show(str(found.holder)).history
    texts = [entry.text for entry in history]
    assert texts[0] == f"Zertifikat {new.fingerprint} gebunden"
    assert [text.split(" (UTC)")[0] for text in texts[1:]] == [
        f"Zertifikat {old} gilt bis 23.12.2026 12:00",
        f"Zertifikat {old} gilt bis 23.11.2026 12:00",
    ]


def test_find_holder_answers_for_certificates_that_count_now(
    certificates: Certificates, issuer: Issuer, trust: TrustDatabase, clock: FixedClock
) -> None:
    def refuse(_fingerprint: str | None) -> str:
        raise AssertionError("the register is asked alone")

    participants = Participants(trust, clock, refuse)
    old = certificates.register(issuer.make_der(), GERA).fingerprint
    new = certificates.rotate(issuer.make_der(), GERA, 1).fingerprint
    assert [participants.find_holder(item) for item in (old, new, "0" * 64)] == [GERA, GERA, None]
    clock.advance(days=1, seconds=1)
    assert [participants.find_holder(item) for item in (old, new)] == [None, GERA]
    certificates.revoke(new, RevocationReason.UNSPECIFIED)
    assert participants.find_holder(new) is None


def test_register_weak_key_is_refused_with_the_reason(
    certificates: Certificates, issuer: Issuer, clock: FixedClock
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    weak = issuer.authority.sign_client("a", key.public_key(), clock.now)
    der = weak.public_bytes(serialization.Encoding.DER)
    with pytest.raises(BadKeyMaterial, match="2048 Bit; nach BSI TR-02102"):
        certificates.register(der, GERA)
    assert certificates.list_all() == ()


def test_find_data_centre_answers_with_its_certificates_that_count(
    certificates: Certificates, issuer: Issuer, trust: TrustDatabase, clock: FixedClock
) -> None:
    centres = DataCentres(trust, clock)
    url = "https://mitte.example/m"
    centres.register(DataCentre("mitte", "Mitte", url, url, url), replaces=False)
    centres.serve(MandantService(CITY, "mitte", clock.now.date()))
    kept, gone = (
        certificates.register(issuer.make_der(), Holder(centre="mitte")) for _ in range(2)
    )
    certificates.revoke(gone.fingerprint, RevocationReason.SUPERSEDED)
    answer = centres.find(CITY)
    assert answer is not None
    assert answer.certificates == (kept.der,)


@pytest.mark.parametrize("centre", ["", "mitte"])
def test_holder_that_is_not_exactly_one_cannot_be_made(centre: str) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Holder(CITY if centre else None, centre)
