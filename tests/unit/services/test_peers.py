"""Other data centres as callers: known by the register, speaking only for those whom they serve."""

from datetime import date, timedelta
from typing import Any

import pytest

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder
from server.domain.mandant import Caller, CentreCaller
from server.errors import AmtshilfeError
from server.services.directory import DirectoryUnavailable
from server.services.peers import Peers
from server.services.tenancy import Tenancy
from tests.unit.conftest import FixedClock

PRINT = "a" * 64
JENA = PartyIdentifier("ags:16053000", "xoev")


class StandInRegister:
    """Holders by fingerprint, and the data centres that served a Mandant, the last one first."""

    def __init__(self) -> None:
        self.holders: dict[str, Holder | None] = {PRINT: Holder(centre="ost")}
        self.served: tuple[str, ...] = ("ost",)
        self.since: date | None = None
        self.is_down = False
        self.asked = 0

    def find_holder(self, fingerprint: str) -> Holder | None:
        self.asked += 1
        if self.is_down:
            raise DirectoryUnavailable
        return self.holders.get(fingerprint)

    def list_recent_centres(self, _mandant: PartyIdentifier, since: date) -> tuple[str, ...]:
        if self.is_down:
            raise DirectoryUnavailable
        self.since = since
        return self.served


@pytest.fixture
def register() -> StandInRegister:
    return StandInRegister()


@pytest.fixture
def peers(database: Database, register: StandInRegister, clock: FixedClock) -> Peers:
    return make_peers(database, register, clock, "mitte")


def make_peers(
    database: Database, register: StandInRegister, clock: FixedClock, own_name: str
) -> Peers:
    known: Any = register
    tenancy = Tenancy(database, clock)
    return Peers(tenancy, known, clock, own_name=own_name, former_days=14)


def refuse(peers: Peers, fingerprint: str | None) -> str:
    with pytest.raises(AmtshilfeError) as refused:
        peers.identify(fingerprint)
    return refused.value.fault.code


def test_identify_certificate_of_a_data_centre_is_that_data_centre(peers: Peers) -> None:
    assert peers.identify(PRINT) == CentreCaller("ost")


def test_identify_mandant_of_this_server_needs_no_register(
    peers: Peers, register: StandInRegister, author: Caller
) -> None:
    register.is_down = True
    assert peers.identify(author.certificate_fingerprint) == author
    assert register.asked == 0


def test_identify_register_down_is_temporary(peers: Peers, register: StandInRegister) -> None:
    register.is_down = True
    assert refuse(peers, PRINT) == "9031"


@pytest.mark.parametrize("holder", [None, Holder(mandant=JENA), Holder(centre="mitte")])
def test_identify_certificate_of_nobody_else_is_unknown(
    peers: Peers, register: StandInRegister, holder: Holder | None
) -> None:
    register.holders[PRINT] = holder
    assert refuse(peers, PRINT) == "9012"


def test_identify_without_certificate_is_unknown(peers: Peers) -> None:
    assert refuse(peers, None) == "9012"


def test_identify_server_that_stands_alone_knows_no_data_centres(
    database: Database, register: StandInRegister, clock: FixedClock
) -> None:
    assert refuse(make_peers(database, register, clock, ""), PRINT) == "9012"
    assert register.asked == 0


def test_require_author_data_centre_speaks_for_whom_it_serves_or_served_lately(
    peers: Peers, register: StandInRegister, clock: FixedClock
) -> None:
    peers.require_author(CentreCaller("ost"), JENA)
    assert register.since == clock.now.date() - timedelta(days=14)
    register.served = ("west", "ost")
    peers.require_author(CentreCaller("ost"), JENA)


@pytest.mark.parametrize(
    ("served", "text"), [(("west",), "von west betreut"), ((), "von keinem Rechenzentrum")]
)
def test_require_author_data_centre_for_somebody_else_is_refused(
    peers: Peers, register: StandInRegister, served: tuple[str, ...], text: str
) -> None:
    register.served = served
    with pytest.raises(AmtshilfeError, match=text) as refused:
        peers.require_author(CentreCaller("ost"), JENA)
    assert refused.value.fault.code == "9014"


def test_require_author_mandant_speaks_for_itself_alone(peers: Peers, author: Caller) -> None:
    peers.require_author(author, author.mandant.identifier)
    with pytest.raises(AmtshilfeError) as refused:
        peers.require_author(author, JENA)
    assert refused.value.fault.code == "9014"
