"""Whatever moment the connector dies at: each message goes once, and nothing is lost or stuck."""

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients.fachverfahren.connector import Connector
from tests.support.connecting import (
    Site,
    connecting,
    make_site,
    read_document,
    read_log,
    start_connector,
    wait_until,
)
from tests.support.installation import Installation, make_installation, serving

# Everything by which the connector changes the disk.
DISK_CALLS = ("rename", "fsync", "mkdir", "unlink", "rmdir")
KILLS = 34
FIRST_MESSAGES = 20
MESSAGES = 60


class Crash(BaseException):
    """The process is gone: nothing in the connector may catch this."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo of its own, so that its mailboxes hold what these tests sent and nothing else."""
    made = make_installation(tmp_path_factory.mktemp("crashes") / "demo")
    with serving(made):
        yield made


def crash_at(monkeypatch: pytest.MonkeyPatch, position: int) -> Iterator[int]:
    """Counts the calls that change the disk; the one at `position` does not happen."""
    counter = itertools.count(1)

    def make(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if next(counter) == position:
                raise Crash
            return original(*arguments, **options)

        return call

    for name in DISK_CALLS:
        monkeypatch.setattr(os, name, make(getattr(os, name)))
    return counter


def run_until_crash(site: Site, monkeypatch: pytest.MonkeyPatch, position: int) -> bool:
    """One round that dies at a call; False where the round has fewer calls."""
    with monkeypatch.context() as patched:
        crash_at(patched, position)
        try:
            Connector(site.settings, threading.Event()).run_once()
        except Crash:
            return True
    return False


def run_round(site: Site) -> None:
    assert Connector(site.settings, threading.Event()).run_once(), site


def take_away(folder: Path, target: Path) -> None:
    """What a Fachverfahren does: it moves what it sees to a place of its own."""
    for name in os.listdir(folder):
        if not name.startswith("."):
            assert not (target / name).exists()
            os.rename(folder / name, target / name)


def list_messages(folder: Path) -> Counter[bytes]:
    """The messages that lie in folders as the inbox makes them; each must be complete."""
    found: Counter[bytes] = Counter()
    for path in folder.iterdir():
        assert read_document(path / "kopf.xml")["messageId"]
        assert (path / "anlagen" / "anlage.txt").read_bytes()
        found[(path / "nachricht.xml").read_bytes()] += 1
    return found


def number_payload(installation: Installation, number: int) -> bytes:
    return installation.payload() + f"<!-- {number} -->".encode()


def test_connector_dying_before_any_change_of_the_disk_sends_and_receives_once(
    served: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    potsdam = make_site(tmp_path / "potsdam", served, "potsdam", ready_files=True)
    jena = make_site(tmp_path / "jena", served, "jena")
    receipts, arrived = tmp_path / "receipts", tmp_path / "arrived"
    receipts.mkdir()
    arrived.mkdir()
    crashed = {potsdam.config: True, jena.config: True}
    for position in itertools.count(1):
        if not any(crashed.values()):
            break
        potsdam.put(f"a{position}", number_payload(served, position), anlage_txt=b"Anlage")
        (potsdam.folders.outbox / f"a{position}.fertig").touch()
        crashed[potsdam.config] = run_until_crash(potsdam, monkeypatch, position)
        take_away(potsdam.folders.receipts, receipts)
        run_until_crash(potsdam, monkeypatch, position * 7 % 30 + 1)
        take_away(potsdam.folders.receipts, receipts)
        run_round(potsdam)
        take_away(potsdam.folders.receipts, receipts)
        crashed[jena.config] = run_until_crash(jena, monkeypatch, position)
        take_away(jena.folders.inbox, arrived)
        run_until_crash(jena, monkeypatch, position * 7 % 20 + 1)
        take_away(jena.folders.inbox, arrived)
        run_round(jena)
        take_away(jena.folders.inbox, arrived)
    assert position > 20
    expected = Counter(number_payload(served, number) for number in range(1, position))
    assert list_messages(arrived) == expected
    ids = Counter(read_document(path)["messageId"] for path in receipts.iterdir())
    assert len(ids) == ids.total() == position - 1
    for site in (potsdam, jena):
        assert site.visible(site.folders.outbox) == site.visible(site.folders.failed) == []
        assert site.under_way() == []
    assert len(potsdam.visible(potsdam.folders.sent)) == position - 1


def test_connector_killed_many_times_sends_and_receives_each_message_once(
    served: Installation, tmp_path: Path
) -> None:
    potsdam = make_site(tmp_path / "potsdam", served, "potsdam", ready_files=True)
    jena = make_site(tmp_path / "jena", served, "jena")
    arrived = tmp_path / "arrived"
    arrived.mkdir()
    moments = random.Random(20261125)
    numbers = iter(range(1, MESSAGES + 1))
    for number in itertools.islice(numbers, FIRST_MESSAGES):
        put_ready(potsdam, served, number)
    for _ in range(KILLS // 2):
        for number in itertools.islice(numbers, 2):
            put_ready(potsdam, served, number)
        kill_at_work((potsdam, jena), moments)
        take_away(jena.folders.inbox, arrived)
    for number in numbers:
        put_ready(potsdam, served, number)
    with connecting(potsdam), connecting(jena):
        wait_until(lambda: len(potsdam.visible(potsdam.folders.sent)) == MESSAGES)
        wait_until(lambda: served.fachverfahren("jena").receive().nachricht is None)
    take_away(jena.folders.inbox, arrived)
    assert list_messages(arrived) == Counter(
        number_payload(served, number) for number in range(1, MESSAGES + 1)
    )
    ids = Counter(potsdam.receipt_ids())
    assert len(ids) == ids.total() == MESSAGES
    assert potsdam.visible(potsdam.folders.outbox) == potsdam.under_way() == []
    assert potsdam.visible(potsdam.folders.failed) == []
    assert read_log(potsdam).count("connector started") == KILLS // 2 + 1


def put_ready(site: Site, installation: Installation, number: int) -> None:
    site.put(f"k{number}", number_payload(installation, number), anlage_txt=b"Anlage")
    (site.folders.outbox / f"k{number}.fertig").touch()


def kill_at_work(sites: tuple[Site, ...], moments: random.Random) -> None:
    """Starts a connector for each site, and kills each at some moment of its first round."""
    begun = [read_log(site).count("connector started") for site in sites]
    processes = [start_connector(site) for site in sites]
    for site, before, process in zip(sites, begun, processes, strict=True):
        wait_until(lambda: read_log(site).count("connector started") > before)  # noqa: B023
        time.sleep(moments.uniform(0, 0.7))
        process.kill()
        process.wait(10)


def test_connector_writes_only_where_nobody_looks(
    served: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others see came there whole, by a rename, and was durable before."""
    potsdam = make_site(tmp_path / "potsdam", served, "potsdam", ready_files=True)
    jena = make_site(tmp_path / "jena", served, "jena")
    written: list[Path] = []
    original = os.fsync

    def note(descriptor: int) -> None:
        written.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        original(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    put_ready(potsdam, served, 1)
    put_ready(potsdam, served, 2)
    (potsdam.folders.outbox / "k2.xml").write_bytes(b"<falsch/>")
    assert not Connector(potsdam.settings, threading.Event()).run_once()
    run_round(jena)
    files = [path for path in written if not path.is_dir()]
    states = (potsdam.folders.state, jena.folders.state)
    assert [path for path in files if not any(map(path.is_relative_to, states))] == []
    names = {path.name for path in files}
    assert names >= {"quittung.xml", "grund.txt", "k1.report.xml", "kopf.xml", "anlage.txt"}
    for folder in (potsdam.folders.receipts, potsdam.folders.reports, jena.folders.inbox):
        assert folder in written
