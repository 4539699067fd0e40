"""Certificates on real databases: one holder each, overlap, revocation."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

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
def certificates(trust: TrustDatabase, database: Database, clock: FixedClock) -> Certificates:
    return Certificates(trust, database, clock)


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
    assert [item.fingerprint for item in certificates.list_all()] == [bound.fingerprint]
    assert issuer.knock(bound.fingerprint) == ["", ""]


def test_register_certificate_of_another_is_refused(
    certificates: Certificates, issuer: Issuer, reader: Caller
) -> None:
    der = issuer.make_der()
    certificates.register(der, GERA)
    with pytest.raises(CertificateRefused, match="gehört schon zu xoev:ags:16052000"):
        certificates.register(der, Holder(reader.mandant.identifier))
    with pytest.raises(CertificateRefused, match="gibt es nicht"):
        certificates.register(der, Holder(centre="fehlt"))
    assert [item.holder for item in certificates.list_all()] == [GERA]


def test_register_certificate_that_is_bound_here_to_another_leaves_nothing_behind(
    certificates: Certificates, issuer: Issuer, database: Database, author: Caller, reader: Caller
) -> None:
    der = issuer.make_der()
    info = describe_der(der)
    with database.writing() as stores:
        stores.mandanten.bind_certificate(
            author.mandant.key, info.fingerprint, info.subject, info.not_after
        )
    for holder in (Holder(reader.mandant.identifier), GERA):
        with pytest.raises(CertificateRefused, match="gehört hier schon zu xoev:ags:potsdam"):
            certificates.register(der, holder)
    assert certificates.list_all() == ()


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
    holder = Holder(reader.mandant.identifier)
    with pytest.raises(CertificateRefused, match="noch kein Zertifikat"):
        certificates.rotate(issuer.make_der(), holder, 30)
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
    with pytest.raises(CertificateRefused, match="schon seit"):
        certificates.revoke(bound.fingerprint, RevocationReason.UNSPECIFIED)
    with pytest.raises(CertificateRefused, match="ist gesperrt"):
        certificates.register(bound.der, GERA)


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
