"""The output `ipp` towards a real CUPS."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pyipp.enums import IppTag
from pyipp.serializer import construct_attribute, encode_dict

from clients.ipp import IppAccess, IppJob, IppQueue, JobState
from server.domain.content import InlineContent
from server.printing.options import BadOutputOptions
from server.printing.output import (
    BatchReceipt,
    BatchRefused,
    Handling,
    LetterProgress,
    OutputSetup,
    OutputUnavailable,
)
from server.printing.outputs.ipp import IppOutput
from server.printing.plugin_contract import (
    OutputPluginContract,
    PluginCrash,
    ReceivedLetter,
    crashing_in,
    make_batch,
)
from server.running.ports import find_free_ports
from tests.support.canned_server import Canned, answering
from tests.support.cups import QUEUE, PrintServer, is_installed, running_cups

pytestmark = pytest.mark.skipif(not is_installed(), reason="cupsd oder lpadmin (cups) fehlt")

ENDED = (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)


class IppRig:
    """The plugin, and a queue that stands still until it is told to print."""

    def __init__(self, server: PrintServer) -> None:
        self._server = server
        self.url = server.url

    def make(self, **options: object) -> IppOutput:
        return IppOutput(OutputSetup("drucker", {"url": self.url, **options}))

    def list_jobs(self) -> tuple[IppJob, ...]:
        queue = IppQueue(IppAccess(self._server.url))
        try:
            return queue.list_jobs()
        finally:
            queue.close()

    def list_received(self) -> list[ReceivedLetter]:
        return [
            ReceivedLetter(batch_id, letter_id, self._server.read_digest(job.job_id))
            for job in self.list_jobs()
            if job.state != JobState.HELD
            for batch_id, letter_id in [job.name.split(" ")]
        ]

    def crashing(self, step: int) -> AbstractContextManager[None]:
        return crashing_in(IppQueue, ("list_jobs", "validate", "print_document"), step)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        (port,) = find_free_ports(1)
        self.url = f"ipp://127.0.0.1:{port}/printers/{QUEUE}"
        yield
        self.url = self._server.url

    def print_all(self, receipt: BatchReceipt) -> None:
        self._server.run("cupsenable", QUEUE)
        deadline = time.monotonic() + 60
        while not all(
            job.state in ENDED
            for job in self.list_jobs()
            if job.name.startswith(receipt.batch_id) and job.state != JobState.HELD
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self._server.run("cupsdisable", QUEUE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintServer]:
    with running_cups(tmp_path_factory.mktemp("cups")) as running:
        running.run("cupsdisable", QUEUE)
        yield running


@pytest.fixture
def rig(server: PrintServer) -> IppRig:
    return IppRig(server)


class TestIppContract(OutputPluginContract):
    @pytest.fixture
    def rig(self, server: PrintServer) -> IppRig:
        return IppRig(server)


def test_submit_crash_while_releasing_prints_each_letter_once(rig: IppRig) -> None:
    batch = make_batch(*[InlineContent(b"%%PDF %d" % number) for number in range(3)])
    with crashing_in(IppQueue, ("release",), 2), pytest.raises(PluginCrash):
        rig.make().submit(batch)
    rig.make().submit(batch)
    received = [item for item in rig.list_received() if item.batch_id == batch.batch_id]
    assert [item.letter_id for item in received] == [item.letter_id for item in batch.letters]


def test_submit_queue_that_refuses_jobs_is_unavailable(rig: IppRig, server: PrintServer) -> None:
    server.run("cupsreject", QUEUE)
    try:
        with pytest.raises(OutputUnavailable, match="nimmt nichts an"):
            rig.make().check()
        with pytest.raises(OutputUnavailable):
            rig.make().submit(make_batch())
    finally:
        server.run("cupsaccept", QUEUE)


def test_submit_unknown_queue_is_unavailable(rig: IppRig) -> None:
    rig.url = rig.url.replace(QUEUE, "andere")
    with pytest.raises(OutputUnavailable, match="andere"):
        rig.make().submit(make_batch())


def test_submit_stock_that_is_no_keyword_is_refused(rig: IppRig) -> None:
    batch = make_batch(handling=Handling(True, False, "weiß 80 g", "", ""))
    with pytest.raises(BatchRefused, match="weiß 80 g"):
        rig.make().submit(batch)


def test_poll_printer_with_a_clock_of_its_own_tells_aborted_and_stopped_jobs(rig: IppRig) -> None:
    """CUPS aborts no job at a queue that prints to nowhere: this printer is made up."""

    def tell(number: int, letter: str, state: JobState, ended: int) -> Canned:
        job = {
            "job-id": number,
            "job-name": f"s {letter}",
            "job-state": state.value,
            "job-state-reasons": ["aborted-by-system", "document-format-error"],
            "time-at-creation": 7000,
            "time-at-completed": ended,
        }
        success = SimpleNamespace(value=0)
        message = encode_dict(
            {
                "version": (2, 0),
                "operation": success,
                "request-id": 1,
                "operation-attributes-tag": {"attributes-charset": "utf-8"},
                "job-attributes-tag": job,
            }
        )
        up_time = construct_attribute("job-printer-up-time", 7200, IppTag.INTEGER)
        return Canned(message[:-1] + up_time + message[-1:], "application/ipp")

    waiting = tell(1, "b1", JobState.STOPPED, 0)
    before = datetime.now(UTC)
    with answering(waiting, tell(2, "b2", JobState.ABORTED, 7140)) as canned:
        rig.url = canned.url.replace("http:", "ipp:")
        first, second = rig.make().poll(BatchReceipt("drucker", "s", "s"))
    assert (first.letter_id, first.progress) == ("b1", LetterProgress.ACCEPTED)
    assert (second.letter_id, second.progress) == ("b2", LetterProgress.FAILED)
    assert second.reason == "aborted-by-system, document-format-error"
    assert timedelta(0) <= second.moment - (before - timedelta(seconds=61)) < timedelta(seconds=60)


@pytest.mark.parametrize(
    "content", [b"", b"\x02\x00\x00\x00\x00\x00\x00\x01", b"<html>", b"\1" * 99]
)
def test_poll_answer_that_is_no_ipp_is_unavailable(rig: IppRig, content: bytes) -> None:
    with answering(Canned(content, "application/ipp")) as canned:
        rig.url = canned.url.replace("http:", "ipp:")
        with pytest.raises(OutputUnavailable, match="kein IPP"):
            rig.make().poll(BatchReceipt("drucker", "s", "s"))


def test_ipp_output_all_wrong_options_are_told() -> None:
    with pytest.raises(BadOutputOptions) as caught:
        IppOutput(OutputSetup("drucker", {"url": "http://drucker", "hold": "vielleicht"}))
    assert caught.value.problems == [
        "url: muss mit ipp:// oder ipps:// beginnen",
        "hold: muss true oder false sein",
    ]
