"""The list of the CA of an installation: what it names, and that it does not run out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.trust_database import TrustDatabase
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import BoundCertificate, Holder
from server.pki import Authority, BadKeyMaterial, write_private
from server.pki.revocation import RevocationList, read_crl
from server.services.own_revocation_list import OwnAuthority, OwnRevocationList
from tests.unit.conftest import FixedClock

HOLDER = Holder(PartyIdentifier("ags:1", "xoev"))


class Place:
    """A CA with its files, and a register."""

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.clock = clock
        self.authority = Authority.create("Test CA", clock.now)
        self.own = OwnAuthority(folder / "ca.pem", folder / "ca.key", folder / "ca.crl")
        self.own.certificate.write_bytes(self.authority.credential.pem_certificate())
        write_private(self.own.key, self.authority.credential.pem_key())
        self.trust = TrustDatabase(make_engine(f"sqlite:///{folder}/authority.sqlite"))
        upgrade_schema(self.trust.engine, DatabaseKind.AUTHORITY)
        self.list = OwnRevocationList(self.trust, self.own, clock)

    def add_revoked(self, authority: Authority) -> BoundCertificate:
        credential = authority.issue_client("a", self.clock.now)
        info = credential.info
        new = BoundCertificate(
            holder=HOLDER,
            fingerprint=info.fingerprint,
            subject=info.subject,
            accepted_until=info.not_after,
            der=credential.der_certificate(),
            issuer=info.issuer,
            serial=info.serial,
            not_before=info.not_before,
            not_after=info.not_after,
        )
        with self.trust.writing() as stores:
            stores.certificates.add(new, self.clock.now)
            stores.certificates.revoke(new.fingerprint, self.clock.now, "superseded")
        return new

    def read(self) -> RevocationList:
        return read_crl(self.own.crl.read_bytes(), self.own.certificate.read_bytes())


@pytest.fixture
def place(tmp_path: Path, clock: FixedClock) -> Iterator[Place]:
    made = Place(tmp_path, clock)
    yield made
    made.trust.engine.dispose()


def test_write_names_what_the_own_ca_has_issued_and_the_register_has_revoked(place: Place) -> None:
    assert place.list.find_end() is None
    ours = place.add_revoked(place.authority)
    foreign = place.add_revoked(Authority.create("Andere CA", place.clock.now))
    assert [place.list.has_issued(item) for item in (ours, foreign)] == [True, False]
    assert place.list.write(timedelta(days=3)) == 1
    assert place.read().revoked == {ours.serial: place.clock.now}
    assert place.list.find_end() == place.clock.now + timedelta(days=3)


def test_write_without_a_key_leaves_the_list_as_it_was(place: Place) -> None:
    place.list.write()
    before = place.own.crl.read_bytes()
    place.own.key.chmod(0o644)
    with pytest.raises(BadKeyMaterial, match="0600"):
        place.list.write()
    place.own.key.unlink()
    with pytest.raises(FileNotFoundError):
        place.list.write()
    assert place.own.crl.read_bytes() == before


def test_renew_writes_anew_when_half_of_the_time_has_passed(place: Place) -> None:
    place.list.write(timedelta(days=10))
    first = place.clock.now
    place.clock.advance(days=4)
    assert not place.list.renew()
    place.clock.advance(days=1)
    assert place.list.renew()
    assert place.read().last_update == first + timedelta(days=5)
    assert place.read().next_update == first + timedelta(days=15)


def test_renew_names_what_was_revoked_since_the_list_was_written(place: Place) -> None:
    place.list.write()
    place.add_revoked(Authority.create("Andere CA", place.clock.now))
    assert not place.list.renew()
    ours = place.add_revoked(place.authority)
    place.clock.advance(minutes=1)
    assert place.list.renew()
    assert place.read().revoked.keys() == {ours.serial}
    place.clock.advance(minutes=1)
    assert not place.list.renew()


def test_renew_without_list_or_key_does_nothing(place: Place) -> None:
    assert not place.list.renew()
    assert not place.own.crl.exists()
    place.list.write()
    before = place.own.crl.read_bytes()
    place.own.key.unlink()
    place.clock.advance(days=29)
    assert not place.list.renew()
    assert place.own.crl.read_bytes() == before
