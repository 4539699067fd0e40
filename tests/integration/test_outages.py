"""Outages of what a data centre stands on, with real processes (docs/operation.md).

OUTAGE_SECONDS says how long something is away (default 3).
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from clients.xta import (
    OutgoingMessage,
    ReportStatus,
    ReportView,
    RetryPolicy,
    WirePart,
    XtaFault,
)
from tests.support import disks, postgres
from tests.support.disks import Disk, data_on_a_disk
from tests.support.installation import Installation, make_installation, run_cli, serving
from tests.support.jumping_clock import JumpingClock
from tests.support.postgres import PASSWORD, Cluster, ClusterOptions, running_cluster
from tests.support.two_centres import FAST, make_two_centres

OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "3"))
HOUR = 3600
SHORT_PAUSES = {
    "DAMTSHILFE_DELIVERY__BREAKER_FIRST_SECONDS": "1",
    "DAMTSHILFE_DELIVERY__BREAKER_LONGEST_SECONDS": "1",
}
# So long a client may wait for the answer that says that something is away.
ANSWER_SECONDS = 15

_Result = TypeVar("_Result")

needs_disk = pytest.mark.skipif(
    bool(disks.find_reason_to_skip()), reason=disks.find_reason_to_skip()
)
needs_postgres = pytest.mark.skipif(
    bool(postgres.find_reason_to_skip()), reason=postgres.find_reason_to_skip()
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Installation, Disk]]:
    """An installation on SQLite whose data lie on a disk of 32 MiB; nothing runs yet."""
    installation = make_installation(tmp_path / "demo")
    with data_on_a_disk(installation.folder, 32) as made:
        yield installation, made


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster that is stopped and started here."""
    with running_cluster(ClusterOptions(is_durable=False)) as made:
        yield made


def make_on_postgres(folder: Path, cluster: Cluster) -> Installation:
    name = f"ausfall_{time.monotonic_ns()}"
    return make_installation(
        folder,
        *("--database-url", cluster.create_database(name)),
        *("--authority-database-url", cluster.create_database(f"{name}_verzeichnis")),
    )


def new_id(installation: Installation) -> str:
    return installation.xta("potsdam").create_message_id()


def send(installation: Installation, reader: str, message_id: str = "") -> str:
    message_id = message_id or new_id(installation)
    installation.xta("potsdam").send(write_message(installation, reader, message_id))
    return message_id


def write_message(installation: Installation, reader: str, message_id: str) -> OutgoingMessage:
    """A message with bytes of its own: what is stored already takes no room."""
    attachment = WirePart(mark(installation, message_id), "application/pdf", "bescheid.pdf")
    return installation.outgoing(message_id, reader, attachments=[attachment])


def mark(installation: Installation, message_id: str) -> bytes:
    return installation.attachment() + f"\n% {message_id}\n".encode()


def require_passing_fault(installation: Installation, reader: str, message_id: str) -> None:
    """Sending is refused for now with a typed fault, and soon."""
    client = installation.xta("potsdam", retries=RetryPolicy(attempts=1))
    begun = time.monotonic()
    with pytest.raises(XtaFault) as caught:
        client.send(write_message(installation, reader, message_id))
    assert (caught.value.code, caught.value.exception) == ("9030", "XTAWSTechnicalProblemException")
    assert "unverändert wiederholen" in caught.value.reason
    assert time.monotonic() - begun < ANSWER_SECONDS


def fetch_and_close(installation: Installation, message_id: str) -> None:
    """The message is in the mailbox with all its bytes."""
    reader = installation.xta("jena")
    fetched = reader.fetch(message_id)
    assert fetched is not None
    assert fetched.message.content == installation.payload()
    assert [part.content for part in fetched.attachments] == [mark(installation, message_id)]
    reader.close(fetched.request_id, [message_id])


def await_true(read: Callable[[], _Result], holds: Callable[[_Result], bool]) -> _Result:
    deadline = time.monotonic() + 90
    while not holds(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def await_code(installation: Installation, message_id: str, code: str) -> ReportView:
    client = installation.xta("potsdam")
    return await_true(lambda: client.find_report(message_id), lambda view: code in view.codes)


def await_success(call: Callable[[], _Result]) -> _Result:
    deadline = time.monotonic() + 30
    while True:
        try:
            return call()
        except XtaFault:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def list_letters(installation: Installation) -> list[str]:
    return [path.name for path in (installation.folder / "druck").glob("*/*.pdf")]


def read_log(installation: Installation) -> str:
    return "".join(path.read_text() for path in installation.folder.glob("serve-*.log"))


def list_staged(installation: Installation) -> list[Path]:
    return list((installation.folder / "daten" / "inhalte" / "eingang").glob("*"))


@needs_disk
def test_full_disk_is_a_passing_fault_and_nothing_is_half_stored(
    disk: tuple[Installation, Disk],
) -> None:
    installation, data = disk
    with serving(installation, FAST) as process:
        before = send(installation, "jena")
        refused = [new_id(installation) for _ in range(3)]
        letter_id = new_id(installation)
        data.fill()
        for message_id in refused:
            require_passing_fault(installation, "jena", message_id)
        require_passing_fault(installation, "cochem", letter_id)
        assert list_staged(installation) == []
        # What was accepted can still be asked for.
        assert installation.xta("potsdam").find_report(before).status == ReportStatus.OPEN
        data.free()
        for message_id in (*refused, letter_id):
            with pytest.raises(XtaFault) as caught:
                installation.xta("potsdam").find_report(message_id)
            assert caught.value.code == "9070"
        for message_id in refused:
            send(installation, "jena", message_id)
        send(installation, "cochem", letter_id)
        assert set(installation.xta("jena").list_message_ids()) == {before, *refused}
        for message_id in (before, *refused):
            fetch_and_close(installation, message_id)
        await_code(installation, letter_id, "brief-ausgegeben")
        assert len(list_letters(installation)) == 1
        assert process.poll() is None
    log = read_log(installation)
    assert "restarting" not in log
    assert "No space left on device" in log or "database or disk is full" in log


@needs_disk
def test_full_disk_holds_the_letters_that_were_accepted(disk: tuple[Installation, Disk]) -> None:
    installation, data = disk
    with serving(installation, FAST, part="xta"), serving(installation, FAST, part="authority"):
        letter_ids = [send(installation, "cochem") for _ in range(3)]
        data.fill()
        with serving(installation, FAST, part="worker") as worker:
            time.sleep(OUTAGE_SECONDS)
            assert worker.poll() is None
            data.free()
            for message_id in letter_ids:
                await_code(installation, message_id, "brief-ausgegeben")
    assert len(list_letters(installation)) == 3


@needs_disk
@needs_postgres
def test_readonly_disk_refuses_what_is_new_and_hands_out_what_is_there(
    tmp_path: Path, cluster: Cluster
) -> None:
    installation = make_on_postgres(tmp_path / "demo", cluster)
    with (
        data_on_a_disk(installation.folder, 32) as data,
        serving(installation, FAST, part="xta") as process,
        serving(installation, FAST, part="authority"),
    ):
        before, letter_id = send(installation, "jena"), send(installation, "cochem")
        refused = new_id(installation)
        data.set_readonly()
        with serving(installation, FAST, part="worker") as worker:
            require_passing_fault(installation, "jena", refused)
            fetch_and_close(installation, before)
            assert await_code(installation, letter_id, "zustellung-verzoegert").status == 0
            assert list_letters(installation) == []
            data.set_writable()
            await_code(installation, letter_id, "brief-ausgegeben")
            assert worker.poll() is None
        send(installation, "jena", refused)
        fetch_and_close(installation, refused)
        assert len(list_letters(installation)) == 1
        assert process.poll() is None
    assert "Read-only file system" in read_log(installation)


@needs_disk
def test_readonly_disk_at_the_start_is_told(disk: tuple[Installation, Disk]) -> None:
    installation, data = disk
    data.set_readonly()
    result = run_cli("serve", "--config", str(installation.config), expected=1)
    data.set_writable()
    assert "Traceback" not in result.stderr
    assert "Datenbank" in result.stderr


@needs_postgres
def test_database_gone_is_a_passing_fault_and_all_goes_on_when_it_is_back(
    tmp_path: Path, cluster: Cluster
) -> None:
    installation = make_on_postgres(tmp_path / "demo", cluster)
    with serving(installation, FAST) as process:
        before, refused = send(installation, "jena"), new_id(installation)
        early_letter = send(installation, "cochem")
        cluster.stop()
        try:
            until = time.monotonic() + OUTAGE_SECONDS
            while time.monotonic() < until:
                require_passing_fault(installation, "jena", refused)
                time.sleep(0.5)
        finally:
            cluster.start()
        await_success(lambda: send(installation, "jena", refused))
        late_letter = send(installation, "cochem")
        for message_id in (before, refused):
            fetch_and_close(installation, message_id)
        for message_id in (early_letter, late_letter):
            await_code(installation, message_id, "brief-ausgegeben")
        assert len(list_letters(installation)) == 2
        assert process.poll() is None
    log = read_log(installation)
    assert "the worker waits" in log
    assert "restarting" not in log
    assert PASSWORD not in log


def test_other_data_centre_gone_holds_its_messages_and_nothing_else(tmp_path: Path) -> None:
    centres = make_two_centres(tmp_path)
    here, there = centres.mitte.installation, centres.ost.installation
    with centres.mitte.serving("authority", "xta", "worker"):
        forwarded = [send(here, "jena") for _ in range(4)]
        until = time.monotonic() + OUTAGE_SECONDS
        report = await_code(here, forwarded[0], "zustellung-verzoegert")
        assert report.status == ReportStatus.OPEN
        # A way that does not lead there is not touched.
        await_code(here, send(here, "cochem"), "brief-ausgegeben")
        destinations = run_cli("delivery", "destinations", "--config", str(here.config)).stdout
        assert "rechenzentrum:ost" in destinations
        time.sleep(max(0.0, until - time.monotonic()))
        with centres.ost.serving("xta", "worker"):
            for message_id in forwarded:
                await_code(here, message_id, "weitergeleitet")
            assert sorted(there.xta("jena").list_message_ids()) == sorted(forwarded)
            for message_id in forwarded:
                fetch_and_close(there, message_id)
                report = await_code(here, message_id, "empfang-bestaetigt")
                assert report.codes.count("weitergeleitet") == 1


@pytest.mark.parametrize(("first", "then"), [(0, HOUR), (HOUR, 0)], ids=["forward", "back"])
def test_clock_that_jumps_an_hour_loses_and_doubles_nothing(
    tmp_path: Path, first: int, then: int
) -> None:
    installation = make_installation(tmp_path / "demo")
    clock = JumpingClock(tmp_path / "uhr")
    clock.prepare()
    clock.set_offset(first)
    environment = {**FAST, **SHORT_PAUSES, **clock.environment}
    with (
        serving(installation, environment, part="xta"),
        serving(installation, environment, part="worker"),
    ):
        # The directory is away, so that it is open where they go, and retries are waited for.
        letters = [send(installation, "cochem") for _ in range(3)]
        for message_id in letters:
            await_code(installation, message_id, "zustellung-verzoegert")
        early = send(installation, "jena")
        clock.set_offset(then)
        if then < first:
            # They are due by the time that the clock showed before.
            for message_id in letters:
                run_cli("delivery", "retry", message_id, "--config", str(installation.config))
        with serving(installation, environment, part="authority"):
            for message_id in letters:
                await_code(installation, message_id, "brief-ausgegeben")
            letters.append(send(installation, "cochem"))
            await_code(installation, letters[-1], "brief-ausgegeben")
        late = send(installation, "jena")
        for message_id in (early, late):
            fetch_and_close(installation, message_id)
        for message_id in (*letters, early, late):
            report = installation.xta("potsdam").find_report(message_id)
            assert report.status != ReportStatus.OPEN
            assert sorted(report.codes) == sorted(set(report.codes))
    assert len(list_letters(installation)) == 4
