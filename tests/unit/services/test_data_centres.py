"""Data centres on a real database: registered, moved, asked by day."""

from datetime import date

import pytest

from persistence.schema import DatabaseKind
from persistence.trust_database import TrustDatabase
from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre, MandantService
from server.services.data_centres import DataCentreRefused, DataCentres
from tests.unit.conftest import FixedClock, NewEngine

pytestmark = pytest.mark.both_databases

JENA = PartyIdentifier("ags:16053000", "xoev")
GERA = PartyIdentifier("ags:16052000", "xoev")
NEW_YEAR = date(2027, 1, 1)


def make_centre(name: str, host: str = "xta.example") -> DataCentre:
    base = f"https://{host}/{name}"
    return DataCentre(name, f"Rechenzentrum {name}", f"{base}/m", f"{base}/s", f"{base}/b")


@pytest.fixture
def centres(new_engine: NewEngine, clock: FixedClock) -> DataCentres:
    database = TrustDatabase(new_engine(DatabaseKind.AUTHORITY))
    made = DataCentres(database, clock)
    for name in ("alt", "neu"):
        made.register(make_centre(name), replaces=False)
    return made


def serving(centres: DataCentres, day: date | None = None) -> str | None:
    answer = centres.find(JENA, day)
    return answer.centre.name if answer else None


def test_move_answers_by_day_and_today_by_the_clock(
    centres: DataCentres, clock: FixedClock
) -> None:
    centres.serve(MandantService(JENA, "alt", date(2026, 1, 1)))
    moved = centres.move(JENA, "neu", NEW_YEAR)
    assert moved.gaps == ()
    assert serving(centres, date(2025, 12, 31)) is None
    assert serving(centres, date(2026, 12, 31)) == "alt"
    assert serving(centres, NEW_YEAR) == "neu"
    assert serving(centres) == "alt"
    clock.advance(days=39)
    assert serving(centres) == "neu"


def test_move_that_is_refused_changes_nothing(centres: DataCentres) -> None:
    before = centres.serve(MandantService(JENA, "alt", date(2026, 1, 1)))
    for centre in ("alt", "fehlt"):
        with pytest.raises(DataCentreRefused):
            centres.move(JENA, centre, NEW_YEAR)
    assert centres.list_services() == (before,)


def test_serve_overlap_is_refused_and_a_gap_is_told(centres: DataCentres) -> None:
    centres.serve(MandantService(JENA, "alt", date(2026, 1, 1), date(2026, 6, 30)))
    with pytest.raises(DataCentreRefused, match=r"bis zum 30\.06\.2026 schon von alt betreut"):
        centres.serve(MandantService(JENA, "neu", date(2026, 6, 30)))
    gaps = centres.serve(MandantService(JENA, "neu", date(2026, 8, 1))).gaps
    assert [(gap.first, gap.last) for gap in gaps] == [(date(2026, 7, 1), date(2026, 7, 31))]
    assert serving(centres, date(2026, 7, 15)) is None
    assert centres.serve(MandantService(GERA, "alt", date(2026, 6, 30))).gaps == ()


def test_serve_last_day_before_the_first_is_refused(centres: DataCentres) -> None:
    with pytest.raises(DataCentreRefused, match="liegt vor dem ersten"):
        centres.serve(MandantService(JENA, "alt", NEW_YEAR, date(2026, 12, 31)))


def test_register_known_centre_is_refused_and_replaced_on_request(centres: DataCentres) -> None:
    changed = make_centre("alt", "neu.example")
    with pytest.raises(DataCentreRefused, match="gibt es bereits"):
        centres.register(changed, replaces=False)
    centres.register(changed, replaces=True)
    assert centres.list_all() == (changed, make_centre("neu"))
    with pytest.raises(DataCentreRefused, match="gibt es nicht"):
        centres.register(make_centre("fehlt"), replaces=True)


@pytest.mark.parametrize(
    "url", ["http://xta.example/m", "https://", "https:// x/m", "xta.example", "https://[x/m"]
)
def test_register_address_that_is_none_is_refused(centres: DataCentres, url: str) -> None:
    with pytest.raises(DataCentreRefused, match="keine Adresse"):
        centres.register(DataCentre("x", "X", url, url, url), replaces=False)
    assert len(centres.list_all()) == 2


@pytest.mark.parametrize(("name", "title"), [("", "X"), ("x" * 65, "X"), ("x", " "), ("x\n", "X")])
def test_register_name_that_is_none_is_refused(centres: DataCentres, name: str, title: str) -> None:
    url = "https://xta.example/m"
    with pytest.raises(DataCentreRefused, match="Zeichen"):
        centres.register(DataCentre(name, title, url, url, url), replaces=False)
