"""A directory for measuring: all of Germany where its list is at hand, else invented places.

Each of the first places has two rules for its main street, whatever the number of rules: so the
same questions meet the same rules, among ten thousand or a million.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from persistence.authority_database import AuthorityDatabase
from persistence.authority_tables import behoerde, gemeinde, regel
from persistence.stores.behoerden import to_behoerde_row
from persistence.stores.gemeinden import to_gemeinde_row
from persistence.stores.regeln import to_regel_row
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.eintrag import Eintrag
from server.domain.gemeinde import Gemeinde
from server.domain.regel import Regel, Region
from tests.support.directory import read_gemeinden_file
from tests.support.installation import SHARED

PLACES = SHARED / "data" / "gemeinden-plz.csv"
MAIN_STREET = "Hauptstraße"
_INVENTED = 12_950
# So many places are asked for; each has two rules of its own in the smaller directory too.
ASKED = 5_000


def read_places(path: Path = PLACES) -> Sequence[Gemeinde]:
    """Real places where they are at hand; otherwise as many invented ones."""
    if path.exists():
        return read_gemeinden_file(path)
    return [
        Gemeinde(
            f"{number % 16 + 1:02}{number:06}", f"{number % 8_168 + 1_000:05}", f"Ort {number}"
        )
        for number in range(_INVENTED)
    ]


def fill(directory: AuthorityDatabase, places: Sequence[Gemeinde], street_rules: int) -> None:
    """Places, an authority and a rule for each Gemeinde, and rules for streets."""
    identifiers = {item.ags: PartyIdentifier(f"ags:{item.ags}", "bench") for item in places}
    with directory.writing() as store:
        version = store.versions.open("Messung", datetime.now(UTC))
        store.versions.insert_rows(gemeinde, map(to_gemeinde_row, places), version)
        entries = map(_make_eintrag, identifiers.values())
        store.versions.insert_rows(behoerde, map(to_behoerde_row, entries), version)
        rules = _make_rules(places, identifiers, street_rules)
        store.versions.insert_rows(regel, map(to_regel_row, rules), version)


def _make_eintrag(identifier: PartyIdentifier) -> Eintrag:
    anschrift = Anschrift("Am Markt", "1", "07743", "Jena")
    return Eintrag(Behoerde(identifier, f"Kasse {identifier.value}", anschrift, Kanal.BRIEF))


def _make_rules(
    places: Sequence[Gemeinde], identifiers: dict[str, PartyIdentifier], street_rules: int
) -> Iterator[Regel]:
    for ags, identifier in identifiers.items():
        yield Regel(Region(ags=ags), (), identifier)
    for number in range(street_rules):
        street, half = number // 2 // ASKED, number % 2
        place = places[number // 2 % ASKED]
        region = Region(
            ags=place.ags,
            plz=place.plz,
            strasse=f"Weg {street}" if street else MAIN_STREET,
            number_from="1" if half else "101",
            number_to="99" if half else "199",
        )
        yield Regel(region, (), identifiers[place.ags])
