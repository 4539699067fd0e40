"""Look-ups of Zuständigkeit, as ratios measured in one run.

In this process: at least a third of the rate of one indexed query through SQLAlchemy, and with
1,000,000 rules for streets at most 1.5 times the time with 10,000. Over SOAP: at least half of
the rate of a call that answers a constant, and less than 300 MB in the serving process with all
of Germany loaded. Exit code 1 where one goal is missed.
"""

import http.client
import itertools
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from bench.germany import ASKED, MAIN_STREET, fill, read_places
from bench.processes import list_children, read_peak
from persistence.authority_database import AuthorityDatabase
from persistence.authority_tables import behoerde
from persistence.engine import make_engine
from server.domain.anschrift import Anschrift
from server.domain.gemeinde import Gemeinde
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.directory_cache import DirectoryCache
from server.services.shipped_ortsteile import read_shipped_ortsteile
from server.services.zustaendigkeit import ZustaendigkeitFinder
from server.settings import AuthorityServerSettings
from server.settings_file import load_settings
from tests.support.calls import make_calls
from tests.support.directory import open_directory
from tests.support.installation import Installation, is_served, make_installation

FEW, MANY = 10_000, 1_000_000
ROUNDS, CALLS, SOAP_CALLS = 7, 1_500, 200
QUERY_GOAL, SIZE_GOAL, SOAP_GOAL = 1 / 3, 1.5, 0.5
MEBIBYTE = 1024 * 1024
MEMORY_GOAL = 300 * MEBIBYTE


def main() -> int:
    """Runs the benchmark and prints its table."""
    places = read_places()
    print(f"{len(places)} pairs of Gemeinde and postal code")
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as name:
        is_met = [*_measure_process(Path(name), places), *_measure_soap(Path(name), places)]
    return 0 if all(is_met) else 1


def _measure_process(folder: Path, places: Sequence[Gemeinde]) -> Iterator[bool]:
    few, many = (_open_filled(folder / f"{rules}.sqlite", places, rules) for rules in (FEW, MANY))
    actions = {
        "query": _make_query(few),
        "few": _make_lookup(few, places),
        "many": _make_lookup(many, places),
    }
    rates = _measure_in_turn(actions, CALLS)
    print(f"one indexed query: {rates['query']:.0f}/s; look-up: {rates['few']:.0f}/s")
    yield _tell("look-up / query", rates["few"] / rates["query"], QUERY_GOAL)
    yield _tell(
        f"time with {MANY} / {FEW} rules", rates["few"] / rates["many"], SIZE_GOAL, is_limit=True
    )


def _open_filled(path: Path, places: Sequence[Gemeinde], rules: int) -> AuthorityDatabase:
    directory = open_directory(path)
    fill(directory, places, rules)
    return directory


def _make_query(directory: AuthorityDatabase) -> Callable[[], object]:
    keys = itertools.cycle(range(1, 2_001))

    def query() -> object:
        with directory.engine.connect() as connection:
            return connection.execute(select(behoerde).where(behoerde.c.key == next(keys))).one()

    return query


def _make_lookup(directory: AuthorityDatabase, places: Sequence[Gemeinde]) -> Callable[[], object]:
    threshold = AuthorityServerSettings().ort_similarity
    cache = DirectoryCache(directory, threshold, read_shipped_ortsteile())
    finder = ZustaendigkeitFinder(directory, cache)
    asked = [item for item in places[:ASKED] if not item.is_deprecated]
    questions = itertools.cycle(
        ZustaendigkeitAnfrage("bussgeld", Anschrift(MAIN_STREET, "7", item.plz, item.ort))
        for item in asked
    )
    today = date(2026, 11, 25)

    def look_up() -> object:
        return finder.explain(next(questions), today)

    return look_up


def _measure_in_turn(actions: dict[str, Callable[[], object]], calls: int) -> dict[str, float]:
    """Calls a second of each; they take turns, so that what disturbs one disturbs all."""
    samples: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            start = time.perf_counter()
            for _ in range(calls):
                action()
            samples[name].append(calls / (time.perf_counter() - start))
    return {name: statistics.median(rates) for name, rates in samples.items()}


def _measure_soap(folder: Path, places: Sequence[Gemeinde]) -> Iterator[bool]:
    installation = make_installation(folder / "demo")
    settings = load_settings(installation.config)
    fill(AuthorityDatabase(make_engine(settings.authority_server.database_url)), places, FEW)
    with _serving(installation) as supervisor:
        client = _Client(installation)
        constant = make_calls("")["findBehoerde"].content
        lookup = make_calls("")["zustaendigkeit"].content
        rates = _measure_in_turn(
            {
                "constant": lambda: client.post("findBehoerde", constant),
                "lookup": lambda: client.post("zustaendigkeit", lookup),
            },
            SOAP_CALLS,
        )
        (worker,) = list_children(supervisor)
        memory = read_peak(worker)
    print(f"SOAP, constant: {rates['constant']:.0f}/s; look-up: {rates['lookup']:.0f}/s")
    yield _tell("SOAP look-up / constant", rates["lookup"] / rates["constant"], SOAP_GOAL)
    yield _tell("memory in MB", memory / MEBIBYTE, MEMORY_GOAL / MEBIBYTE, is_limit=True)


class _Client:
    """Posts prepared bytes over one connection, made anew where the server has closed it."""

    def __init__(self, installation: Installation) -> None:
        context = ssl.create_default_context(cafile=str(installation.ca))
        context.load_cert_chain(installation.certificate("potsdam"))
        parts = urlsplit(installation.url("authority"))
        self._path = parts.path
        self._connection = http.client.HTTPSConnection(
            str(parts.hostname), parts.port, context=context, timeout=60
        )

    def post(self, operation: str, content: bytes) -> None:
        action = f"urn:damtshilfe:authority:1/{operation}"
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
        self._connection.request("POST", self._path, content, headers)
        response = self._connection.getresponse()
        response.read()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"the server answered {response.status}")


@contextmanager
def _serving(installation: Installation) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.authority_process", str(installation.config)]
    with (
        (installation.folder / "bench.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,  # noqa: S603
    ):
        try:
            deadline = time.monotonic() + 60
            while not is_served(installation.url("authority")):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the Authority-Server did not start")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _tell(name: str, value: float, goal: float, is_limit: bool = False) -> bool:
    is_met = value <= goal if is_limit else value >= goal
    sign = "at most" if is_limit else "at least"
    print(f"{name}: {value:.2f} (goal: {sign} {goal:.2f}){'' if is_met else ' MISSED'}")
    return is_met


if __name__ == "__main__":
    sys.exit(main())
