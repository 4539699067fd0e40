"""How long figures take: the sums of a million messages of one Mandant in a year.

    python -m bench.figures [MESSAGES] [URL]

Random messages are added to the sums as the worker adds them, without rows of their own; then each
grouping is asked for, for a month, a year, and a year with broken months, and the pages of a year
are drawn, also with filters. For comparison the same is done with a thousand messages. On SQLite
CPU time is measured, on PostgreSQL time that passes. Exit code 1 where a page of a year takes
longer than 150 ms at the median.
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.slow_statements import Statements
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
from server.domain.rights import Role
from server.services.clock import read_clock
from server.services.codelisten import Codelisten
from server.services.figures.showing import Figures
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.web import make_site

# So that each cell is written once.
_BATCH = 1_000_000
_PARTNERS = 400
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_REPEATS = 5
_GOAL_SECONDS = 0.150
_PERIODS = (
    (date(2025, 11, 1), date(2025, 11, 30)),
    (_FIRST, _LAST),
    (_FIRST + timedelta(days=4), _LAST - timedelta(days=9)),
)
_FILTERS = ("", "&kanal=brief", "&einnahmeart=hundesteuer&art=ersuchen", "&behoerde=2")


def main() -> int:
    """Prints milliseconds at the median."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    is_met = True
    for messages in (1_000, number):
        with tempfile.TemporaryDirectory() as folder:
            url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'x.sqlite'}"  # noqa: PLR2004
            is_met = _measure(url, messages)
    return 0 if is_met else 1


def _measure(url: str, messages: int) -> bool:
    engine = make_engine(url)
    upgrade_schema(engine, DatabaseKind.XTA)
    database, statements = Database(engine), Statements(engine)
    caller = _add_mandant(database)
    started = statements.read_clock()
    _add_messages(database, caller, messages)
    print(f"{messages} messages added in {statements.read_clock() - started:.0f} s", flush=True)
    figures = Figures(
        database, read_clock, Codelisten(database, read_clock, read_shipped_codelisten()), {}
    )
    for first, last in _PERIODS:
        for grouping in FigureGrouping:
            query = FigureQuery(first, last, grouping)
            if not query.find_problem():
                seconds = _time(statements, lambda: figures.show(caller, query))  # noqa: B023
                print(f"  {first} {last} {grouping:12} {seconds * 1000:8.1f} ms", flush=True)
    is_met = _measure_pages(database, statements, caller)
    engine.dispose()
    return is_met


def _measure_pages(database: Database, statements: Statements, caller: Caller) -> bool:
    """The pages of a year as a manager sees them."""
    browser = make_site(database, read_clock).sign_in(Role.MANAGER, caller.mandant.key)
    verdicts = []
    for first, last in _PERIODS[1:]:
        for chosen in _FILTERS:
            for grouping in FigureGrouping:
                if grouping is FigureGrouping.DAY:
                    continue
                address = f"/auswertung?von={first}&bis={last}&gliederung={grouping}{chosen}"
                seconds = _time(statements, lambda: browser.get(address))  # noqa: B023
                verdicts.append(seconds <= _GOAL_SECONDS)
                verdict = "ok" if verdicts[-1] else "MISSED"
                print(f"  {address} {seconds * 1000:8.1f} ms {verdict}", flush=True)
    return all(verdicts)


def _time(statements: Statements, ask: Callable[[], object]) -> float:
    """Seconds at the median."""
    times = []
    for _ in range(_REPEATS):
        started = statements.read_clock()
        ask()
        times.append(statements.read_clock() - started)
    return statistics.median(times)


def _add_messages(database: Database, caller: Caller, messages: int) -> None:
    for start in range(0, messages, _BATCH):
        batch = list(_make_messages(caller.mandant.key, start, min(_BATCH, messages - start)))
        cells, _ = find_changes((Counted(), Counted((item,))) for item in batch)
        with database.writing() as stores:
            stores.figures.add_to_cells(cells)


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
    sys.exit(main())
