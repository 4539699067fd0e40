"""What the server makes of the answers about data centres. The wire is a stand-in here."""

from datetime import date, timedelta
from typing import Any

import pytest

from clients.authority import AuthorityServerFailed, WireDataCentre, WireHolder, WireKennung
from clients.authority_cache import Answered
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder
from server.domain.data_centre import DataCentre
from server.services.directory import Directory, DirectoryUnavailable

JENA = PartyIdentifier("ags:16053000", "xoev")
TODAY = date(2026, 11, 25)


def serve(name: str, first: date, last: date | None) -> WireDataCentre:
    url = f"https://{name}"
    return WireDataCentre(name, name.title(), f"{url}/m", f"{url}/s", f"{url}/b", first, last, ())


class StandInClient:
    """West until the tenth, Mitte until yesterday, Ost from today; holders by fingerprint."""

    def __init__(self) -> None:
        yesterday = TODAY - timedelta(days=1)
        self.services = [
            serve("west", date(2025, 1, 1), date(2026, 11, 10)),
            serve("mitte", date(2026, 11, 11), yesterday),
            serve("ost", TODAY, None),
        ]
        self.is_away = False
        self.forgotten = 0

    def find_data_centre(
        self, _mandant: WireKennung, day: date | None = None
    ) -> Answered[WireDataCentre | None]:
        if self.is_away:
            raise AuthorityServerFailed("weg")
        asked = day or TODAY
        fitting = [
            item
            for item in self.services
            if item.valid_from <= asked and (item.valid_to is None or asked <= item.valid_to)
        ]
        return Answered(fitting[0] if fitting else None)

    def forget_data_centre(self, _mandant: WireKennung) -> None:
        self.forgotten += 1

    def find_holder(self, fingerprint: str) -> Answered[WireHolder]:
        if self.is_away:
            raise AuthorityServerFailed("weg")
        mandant = WireKennung(JENA.value, JENA.type)
        known = {"m": WireHolder(mandant=mandant), "c": WireHolder("ost")}
        return Answered(known.get(fingerprint, WireHolder()))


@pytest.fixture
def client() -> StandInClient:
    return StandInClient()


@pytest.fixture
def directory(client: StandInClient) -> Directory:
    known: Any = client
    return Directory(known)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, ("ost",)), (1, ("ost", "mitte")), (14, ("ost", "mitte")), (15, ("ost", "mitte", "west"))],
)
def test_list_recent_centres_goes_back_to_the_day(
    directory: Directory, days: int, expected: tuple[str, ...]
) -> None:
    assert directory.list_recent_centres(JENA, TODAY - timedelta(days=days)) == expected


def test_list_recent_centres_ends_at_a_gap(directory: Directory, client: StandInClient) -> None:
    del client.services[1]
    assert directory.list_recent_centres(JENA, date(2026, 1, 1)) == ("ost",)
    del client.services[1]
    assert directory.list_recent_centres(JENA, date(2026, 1, 1)) == ()


def test_find_data_centre_gives_endpoints_and_asks_anew_where_it_shall(
    directory: Directory, client: StandInClient
) -> None:
    ost = DataCentre("ost", "Ost", "https://ost/m", "https://ost/s", "https://ost/b")
    assert directory.find_data_centre(JENA) == ost
    assert client.forgotten == 0
    assert directory.find_data_centre(JENA, is_asked_anew=True) == ost
    assert client.forgotten == 1


@pytest.mark.parametrize(
    ("fingerprint", "holder"), [("m", Holder(JENA)), ("c", Holder(centre="ost")), ("x", None)]
)
def test_find_holder_is_a_mandant_a_data_centre_or_nobody(
    directory: Directory, fingerprint: str, holder: Holder | None
) -> None:
    assert directory.find_holder(fingerprint) == holder


def test_directory_away_is_told_for_every_question(
    directory: Directory, client: StandInClient
) -> None:
    client.is_away = True
    for ask in (
        lambda: directory.find_data_centre(JENA),
        lambda: directory.find_holder("m"),
        lambda: directory.list_recent_centres(JENA, TODAY),
    ):
        with pytest.raises(DirectoryUnavailable):
            ask()
