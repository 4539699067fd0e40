"""Client certificates of Mandanten: bound to exactly one, several at a time, taken away."""

from datetime import timedelta

import pytest

from persistence.database import Database
from server.domain.client_certificate import ClientCertificate
from server.domain.mandant import Caller
from server.errors import AmtshilfeError
from server.running.mandanten import render_ending_certificates
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import Mandanten, MandantRefused, UnknownMandant
from server.services.tenancy import Tenancy
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

NEW = "c0ffee" + "0" * 58


@pytest.fixture
def certificates(database: Database, clock: FixedClock) -> MandantCertificates:
    return MandantCertificates(database, clock)


def make(clock: FixedClock, days: int = 365, fingerprint: str = NEW) -> ClientCertificate:
    return ClientCertificate(fingerprint, "CN=neu", clock.now + timedelta(days=days))


def kennung(caller: Caller) -> str:
    return str(caller.mandant.identifier)


def test_bind_second_certificate_both_are_let_in(
    certificates: MandantCertificates, database: Database, author: Caller, clock: FixedClock
) -> None:
    for _ in range(2):
        certificates.bind(kennung(author), make(clock))
    tenancy = Tenancy(database, clock)
    for fingerprint in (author.certificate_fingerprint, NEW):
        assert tenancy.identify(fingerprint).mandant.key == author.mandant.key
    history = Mandanten(database, clock, 30).show(kennung(author)).history
    assert [entry.text for entry in history] == [f"Zertifikat {NEW} gebunden"]


def test_bind_certificate_of_another_mandant_is_refused(
    certificates: MandantCertificates, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    certificates.bind(kennung(author), make(clock))
    with pytest.raises(MandantRefused, match="gehört bereits zu potsdam"):
        certificates.bind(kennung(reader), make(clock))


def test_bind_ended_certificate_or_unknown_mandant_is_refused(
    certificates: MandantCertificates, author: Caller, clock: FixedClock
) -> None:
    with pytest.raises(MandantRefused, match="galt bis zum"):
        certificates.bind(kennung(author), make(clock, days=0))
    with pytest.raises(UnknownMandant):
        certificates.bind("xoev:ags:nirgends", make(clock))


def test_take_away_certificate_is_let_in_no_more(
    certificates: MandantCertificates, database: Database, author: Caller, clock: FixedClock
) -> None:
    certificates.bind(kennung(author), make(clock))
    assert certificates.take_away(kennung(author), NEW[:10].upper()).certificate.fingerprint == NEW
    with pytest.raises(AmtshilfeError, match="9012"):
        Tenancy(database, clock).identify(NEW)
    assert Tenancy(database, clock).identify(author.certificate_fingerprint)


@pytest.mark.parametrize("start", ["", "c0ffe", "00000000"])
def test_take_away_unclear_which_is_refused(
    certificates: MandantCertificates, author: Caller, clock: FixedClock, start: str
) -> None:
    certificates.bind(kennung(author), make(clock))
    with pytest.raises(MandantRefused):
        certificates.take_away(kennung(author), start)


def test_take_away_never_takes_that_of_another_mandant(
    certificates: MandantCertificates, author: Caller, reader: Caller
) -> None:
    with pytest.raises(MandantRefused, match="hat 0 Zertifikate"):
        certificates.take_away(kennung(author), reader.certificate_fingerprint)


def test_list_all_ending_certificates_are_told_by_rung(
    certificates: MandantCertificates, author: Caller, clock: FixedClock
) -> None:
    certificates.bind(kennung(author), make(clock, days=20))
    first, *others = certificates.list_all()
    assert first.certificate.fingerprint == NEW
    (line,) = render_ending_certificates((first, *others), clock.now)
    assert "Zertifikat von potsdam endet in weniger als 30 Tagen: c0ffee" in line
