"""Two data centres: what Potsdam sends at one of them reaches Jena at the other, and is followed."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from clients.xta import ReportStatus, ReportView
from tests.support.two_centres import Centre, TwoCentres, make_two_centres

_Value = TypeVar("_Value")


def await_true(
    read: Callable[[], _Value], holds: Callable[[_Value], bool], seconds: float = 60
) -> _Value:
    """What is read as soon as it holds."""
    deadline = time.monotonic() + seconds
    while not holds(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def await_closed(centre: Centre, name: str, message_id: str) -> ReportView:
    client = centre.installation.xta(name)
    return await_true(
        lambda: client.find_report(message_id), lambda view: view.status != ReportStatus.OPEN
    )


@pytest.fixture(scope="module")
def centres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCentres]:
    made = make_two_centres(tmp_path_factory.mktemp("centres"))
    with made.serving():
        yield made


def test_forwarding_message_is_fetched_there_and_its_whole_way_is_told_here(
    centres: TwoCentres,
) -> None:
    potsdam, jena = centres.mitte.installation.xta("potsdam"), centres.ost.installation.xta("jena")
    message_id = f"urn:uuid:{uuid.uuid4()}"
    potsdam.send(centres.mitte.installation.outgoing(message_id, "jena"))
    await_true(jena.list_message_ids, lambda listed: message_id in listed)
    fetched = jena.fetch(message_id)
    assert fetched is not None
    assert fetched.head.author.value == centres.mitte.installation.party("potsdam").value
    assert fetched.attachments[0].content == centres.mitte.installation.attachment()
    jena.close(fetched.request_id, [message_id])
    report = await_closed(centres.mitte, "potsdam", message_id)
    for entry in report.entries:
        print(entry)
    assert report.status == ReportStatus.GREEN
    assert report.codes == (
        "angenommen",
        "weitergeleitet",
    )
