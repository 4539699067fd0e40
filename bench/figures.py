"""How long figures take: the sums of a million messages of one Mandant in a year.

    python -m bench.figures [MESSAGES] [URL]

Random messages are added to the sums as the worker adds them, without rows of their own; then each
grouping is asked for, for a month, a year, and a year with broken months. For comparison the same
is done with a thousand messages.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert

from persistence.database import Database
from persistence.engine import begin_writing, make_engine
from persistence.figure_tables import figure_party
from persistence.schema import DatabaseKind, upgrade_schema
from server.domain.behoerde import PartyIdentifier
from server.domain.figure_query import FigureQuery
from server.domain.figures import (
    Contribution,
    Counted,
    FigureDirection,
    FigureGrouping,
    FigureSpan,
    MessageCell,
    MessageSums,
    find_changes,
)
from server.domain.mandant import Caller
from server.services.clock import read_clock
from server.services.codelisten import Codelisten
from server.services.figures.showing import Figures
from server.xmlio.shipped_codelisten import read_shipped_codelisten

_BATCH = 20_000
_PARTNERS = 400
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_REPEATS = 7


def main() -> None:
    """Prints milliseconds at the median."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for messages in (1_000, number):
        with tempfile.TemporaryDirectory() as folder:
            url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'x.sqlite'}"  # noqa: PLR2004
            _measure(url, messages)


def _measure(url: str, messages: int) -> None:
    engine = make_engine(url)
    upgrade_schema(engine, DatabaseKind.XTA)
    database = Database(engine)
    caller = _add_mandant(database)
    started = time.perf_counter()
    for start in range(0, messages, _BATCH):
        batch = list(_make_messages(caller.mandant.key, start, min(_BATCH, messages - start)))
        cells, _ = find_changes((Counted(), Counted((item,))) for item in batch)
        with database.writing() as stores:
            stores.figures.add_to_cells(cells)
    print(f"{messages} messages added in {time.perf_counter() - started:.0f} s", flush=True)
    figures = Figures(
        database, read_clock, Codelisten(database, read_clock, read_shipped_codelisten()), {}
    )
    for first, last in (
        (date(2025, 11, 1), date(2025, 11, 30)),
        (_FIRST, _LAST),
        (_FIRST + timedelta(days=4), _LAST - timedelta(days=9)),
    ):
        for grouping in FigureGrouping:
            query = FigureQuery(first, last, grouping)
            if not query.find_problem():
                times = sorted(_time(figures, caller, query) for _ in range(_REPEATS))
                print(f"  {first} {last} {grouping:12} {statistics.median(times):8.1f} ms")
    engine.dispose()


def _time(figures: Figures, caller: Caller, query: FigureQuery) -> float:
    started = time.perf_counter()
    figures.show(caller, query)
    return (time.perf_counter() - started) * 1000


def _add_mandant(database: Database) -> Caller:
    with database.writing() as stores:
        key = stores.mandanten.add(PartyIdentifier("ags:1", "xoev"), "Erste", True)
        mandant = stores.mandanten.find(PartyIdentifier("ags:1", "xoev"))
    assert mandant is not None
    assert mandant.key == key
    with begin_writing(database.engine) as connection:
        rows = [
            {"value": f"ags:{item}", "type": "xoev", "name": f"Behörde {item}"}
            for item in range(_PARTNERS)
        ]
        connection.execute(insert(figure_party), rows)
    return Caller.of_mandant(mandant)


def _make_messages(mandant_key: int, start: int, number: int) -> Iterator[Contribution]:
    """Partners as the towns of a Land are: few that write often, many that write seldom."""
    choose = random.Random(start)  # noqa: S311
    arten = ("hundesteuer", "gewerbesteuer", "grundsteuer-b", "bussgeld", "abfallgebuehr")
    kinds = ("ersuchen", "eingangsbestaetigung", "sachstand", "erledigung", "rueckfrage")
    for _ in range(number):
        cell = MessageCell(
            mandant_key,
            FigureSpan.DAY,
            _FIRST + timedelta(days=choose.randrange(365)),
            choose.choice(list(FigureDirection)),
            1 + min(_PARTNERS - 1, int(choose.paretovariate(0.6)) - 1),
            choose.choice(kinds),
            choose.choices(("postfach", "brief", "rechenzentrum"), (70, 20, 10))[0],
            choose.choices(("bestaetigt", "abgeholt", "verfallen"), (90, 8, 2))[0],
            choose.choice(arten),
        )
        sums = MessageSums(1, 1, 1, choose.randrange(10_000, 90_000), 1, 7200, 1, 3600)
        yield Contribution(cell, 1, sums)


if __name__ == "__main__":
    main()
