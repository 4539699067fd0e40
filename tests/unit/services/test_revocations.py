"""Revocation lists: fetched, kept, out of date."""

from datetime import timedelta
from pathlib import Path

import pytest

from clients.revocation import RevocationListUnreachable
from server.errors import AmtshilfeError
from server.pki import Authority, Credential
from server.pki.revocation import Revocation, write_crl
from server.services.revocations import RevocationRules, Revocations
from tests.unit.conftest import FixedClock


class Publisher:
    """A CA that publishes a list, or is away."""

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.authority = Authority.create("Test CA", clock.now)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self.authority.credential.pem_certificate())
        self._clock = clock
        self.content = b""
        self.is_away = False
        self.calls = 0
        self.publish()

    def publish(self, *revoked: Credential, by: Authority | None = None) -> None:
        items = [Revocation(item.info.serial, self._clock.now, "superseded") for item in revoked]
        issuer = by or self.authority
        self.content = write_crl(issuer, items, self._clock.now, timedelta(days=1))

    def fetch(self, _url: str) -> bytes:
        self.calls += 1
        if self.is_away:
            raise RevocationListUnreachable("away")
        return self.content


@pytest.fixture
def publisher(tmp_path: Path, clock: FixedClock) -> Publisher:
    return Publisher(tmp_path, clock)


def make(publisher: Publisher, clock: FixedClock) -> Revocations:
    rules = RevocationRules(
        ("https://ca.example/liste.crl",),
        publisher.ca,
        publisher.ca.parent / "sperrlisten",
        timedelta(minutes=10),
        timedelta(hours=72),
    )
    return Revocations(rules, publisher.fetch, clock)


def check(revocations: Revocations, credential: Credential) -> str:
    """The code of the refusal; empty where there is none."""
    try:
        revocations.check(credential.der_certificate())
    except AmtshilfeError as error:
        return error.fault.code
    return ""


def test_check_revoked_is_refused_when_the_list_is_fetched_anew(
    publisher: Publisher, clock: FixedClock
) -> None:
    revocations = make(publisher, clock)
    one, other = (publisher.authority.issue_client(name, clock.now) for name in "ab")
    assert check(revocations, one) == ""
    publisher.publish(one)
    assert (check(revocations, one), publisher.calls) == ("", 1)
    clock.advance(minutes=10)
    assert (check(revocations, one), check(revocations, other)) == ("9010", "")
    assert publisher.calls == 2


def test_check_same_serial_of_another_authority_is_not_revoked(
    publisher: Publisher, clock: FixedClock
) -> None:
    stranger = Authority.create("Andere CA", clock.now).issue_client("a", clock.now)
    publisher.publish(stranger)
    assert check(make(publisher, clock), stranger) == ""


def test_check_list_counts_on_for_the_soft_fail_and_no_longer(
    publisher: Publisher, clock: FixedClock
) -> None:
    revocations = make(publisher, clock)
    one, other = (publisher.authority.issue_client(name, clock.now) for name in "ab")
    publisher.publish(one)
    assert check(revocations, one) == "9010"
    publisher.is_away = True
    clock.advance(hours=24 + 72)
    assert (check(revocations, one), check(revocations, other)) == ("9010", "")
    clock.advance(minutes=1)
    assert check(revocations, other) == "9031"
    publisher.is_away = False
    publisher.publish()
    clock.advance(minutes=10)
    assert check(revocations, other) == ""


def test_check_kept_list_survives_a_restart(publisher: Publisher, clock: FixedClock) -> None:
    one = publisher.authority.issue_client("a", clock.now)
    publisher.publish(one)
    assert check(make(publisher, clock), one) == "9010"
    publisher.is_away = True
    assert check(make(publisher, clock), one) == "9010"


def test_check_list_of_who_is_no_authority_here_is_not_believed(
    publisher: Publisher, clock: FixedClock
) -> None:
    one = publisher.authority.issue_client("a", clock.now)
    publisher.publish(one, by=Authority.create("Test CA", clock.now))
    assert check(make(publisher, clock), one) == ""
    publisher.content = b"-----BEGIN X509 CRL-----\nunsinn"
    assert check(make(publisher, clock), one) == ""


def test_check_without_any_list_counts_from_the_start(
    publisher: Publisher, clock: FixedClock
) -> None:
    publisher.is_away = True
    revocations = make(publisher, clock)
    one = publisher.authority.issue_client("a", clock.now)
    assert check(revocations, one) == ""
    clock.advance(hours=73)
    assert check(revocations, one) == "9031"


def test_check_list_of_another_authority_that_is_out_of_date_is_no_hindrance(
    publisher: Publisher, clock: FixedClock
) -> None:
    revocations = make(publisher, clock)
    stranger = Authority.create("Andere CA", clock.now).issue_client("a", clock.now)
    assert check(revocations, stranger) == ""
    publisher.is_away = True
    clock.advance(days=10)
    assert check(revocations, stranger) == ""
    assert check(revocations, publisher.authority.issue_client("a", clock.now)) == "9031"
