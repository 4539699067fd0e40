"""Importing all Gemeinden of Germany, compared with reading the file and one bulk insert.

`python -m bench.directory_import` prints both and their ratio, and exits 1 where it is above the
goal. The data lie beside the project; where they are missing, as many made-up rows are taken.
"""

import csv
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from persistence.authority_database import AuthorityDatabase
from persistence.engine import begin_writing, make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.services.clock import read_clock
from server.services.directory_data.importing import DirectoryImport
from server.services.directory_data.reading import read_files
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import SHARED

DATA = SHARED / "data" / "gemeinden-plz.csv"
ROWS = 12_950
ROUNDS = 5
GOAL = 10.0

_plain = Table(
    "plain",
    MetaData(),
    Column("key", Integer, primary_key=True),
    *(Column(name, String(255), nullable=False) for name in ("ags", "plz", "ort", "kreis")),
)


def main() -> int:
    """Runs the benchmark and prints its result."""
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as name:
        folder = Path(name)
        path = DATA if DATA.is_file() else _write_synthetic(folder / "synthetic.csv")
        pairs = [(_time_plain(folder, path), _time_import(folder, path)) for _ in range(ROUNDS)]
    plain = statistics.median(pair[0] for pair in pairs)
    imported = statistics.median(pair[1] for pair in pairs)
    ratio = imported / plain
    print(f"{path.name}: reading and one bulk insert {plain * 1000:.0f} ms (median of {ROUNDS})")
    print(f"import: {imported * 1000:.0f} ms = {ratio:.1f} times as long (goal {GOAL:.0f})")
    return 1 if ratio > GOAL else 0


def _time_plain(folder: Path, path: Path) -> float:
    engine = make_engine(f"sqlite:///{_name_database(folder)}")
    with begin_writing(engine) as connection:
        _plain.create(connection)

    def work() -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                {name: row[name] for name in ("ags", "plz", "ort", "kreis")}
                for row in csv.DictReader(file)
            ]
        with begin_writing(engine) as connection:
            connection.execute(insert(_plain), rows)

    seconds = _measure(work)
    engine.dispose()
    return seconds


def _time_import(folder: Path, path: Path) -> float:
    database = AuthorityDatabase(make_engine(f"sqlite:///{_name_database(folder)}"))
    upgrade_schema(database.engine, DatabaseKind.AUTHORITY)
    job = DirectoryImport(database, read_clock, read_shipped_codelisten())

    def work() -> None:
        plan = job.run(read_files([path], lambda lines, size, name: lines))
        if plan.version is None:
            raise RuntimeError("nothing was imported")

    seconds = _measure(work)
    database.engine.dispose()
    return seconds


def _measure(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _name_database(folder: Path) -> Path:
    return folder / f"{time.monotonic_ns()}.sqlite"


def _write_synthetic(path: Path) -> Path:
    lines = ["ags,plz,ort,kreis,deprecated"]
    for number in range(ROWS):
        lines.append(f"{1000000 + number:08},{10000 + number % 8000},Ort {number},Kreis,0")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
