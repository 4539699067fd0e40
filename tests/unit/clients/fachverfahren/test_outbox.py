"""Which jobs lie in the outbox, and which are complete."""

import os
import unicodedata
from pathlib import Path

import pytest

from clients.fachverfahren.outbox import Candidate, Outbox
from clients.fachverfahren.settings import OutboxSettings

SETTLE_SECONDS = 5


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def outbox(tmp_path: Path, watch: Watch) -> Outbox:
    return Outbox(tmp_path, OutboxSettings(settle_seconds=SETTLE_SECONDS), watch)


@pytest.fixture
def ready_outbox(tmp_path: Path, watch: Watch) -> Outbox:
    return Outbox(tmp_path, OutboxSettings(ready_files=True), watch)


def settle(outbox: Outbox, watch: Watch) -> list[Candidate]:
    outbox.list_complete()
    watch.now += SETTLE_SECONDS
    return outbox.list_complete()[0]


def test_list_complete_job_is_complete_when_nothing_changed_for_a_while(
    tmp_path: Path, outbox: Outbox, watch: Watch
) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    assert outbox.list_complete() == ([], 1)
    watch.now += SETTLE_SECONDS - 0.1
    assert outbox.list_complete() == ([], 1)
    watch.now += 0.1
    assert outbox.list_complete() == ([Candidate("a", ("a.xml",))], 0)


@pytest.mark.parametrize("change", ["message", "attachment", "new", "removed", "touched"])
def test_list_complete_change_begins_the_wait_anew(
    tmp_path: Path, outbox: Outbox, watch: Watch, change: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.pdf").write_bytes(b"1")
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    outbox.list_complete()
    watch.now += SETTLE_SECONDS
    if change == "message":
        (tmp_path / "a.xml").write_bytes(b"<b/>")
    elif change == "attachment":
        (tmp_path / "a" / "1.pdf").write_bytes(b"12")
    elif change == "new":
        (tmp_path / "a" / "2.pdf").write_bytes(b"2")
    elif change == "removed":
        (tmp_path / "a" / "1.pdf").unlink()
    else:
        # Whoever keeps the time of the file when copying changes its inode's time all the same.
        os.utime(tmp_path / "a.xml", (1, 1))
    assert outbox.list_complete() == ([], 1)
    watch.now += SETTLE_SECONDS
    assert outbox.list_complete() == ([Candidate("a", ("a", "a.xml"))], 0)


def test_list_complete_ready_file_makes_the_job_complete_at_once(
    tmp_path: Path, ready_outbox: Outbox
) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "b.fertig").touch()
    assert ready_outbox.list_complete() == ([], 0)
    (tmp_path / "a.fertig").touch()
    assert ready_outbox.list_complete() == ([Candidate("a", ("a.xml", "a.fertig"))], 0)


def test_list_complete_what_is_no_job_is_left_alone(
    tmp_path: Path, outbox: Outbox, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (".a.xml", "b.xml.tmp", "c.xml.part", "~d.xml", "e.txt", "Thumbs.db", "f.fertig"):
        (tmp_path / name).write_bytes(b"<a/>")
    (tmp_path / "g.xml").mkdir()
    assert settle(outbox, watch) == settle(outbox, watch) == []
    assert caplog.text.count("g.xml is a folder") == 1


@pytest.mark.parametrize("name", ["anlage.pdf.part", "tief/anlage.tmp"])
def test_list_complete_unfinished_attachment_holds_its_job(
    tmp_path: Path, outbox: Outbox, ready_outbox: Outbox, watch: Watch, name: str
) -> None:
    (tmp_path / "a" / "tief").mkdir(parents=True)
    (tmp_path / "a" / name).touch()
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "a.fertig").touch()
    assert settle(outbox, watch) == []
    assert ready_outbox.list_complete() == ([], 0)
    (tmp_path / "a" / name).unlink()
    assert [job.name for job in settle(outbox, watch)] == ["a"]


def test_list_complete_umlauts_are_the_same_however_they_are_written(
    tmp_path: Path, outbox: Outbox, watch: Watch
) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Müller") for form in ("NFC", "NFD"))
    (tmp_path / decomposed).mkdir()
    (tmp_path / f"{composed}.xml").write_bytes(b"<a/>")
    assert settle(outbox, watch) == [Candidate(composed, (decomposed, f"{composed}.xml"))]


def test_list_complete_two_messages_of_one_name_are_one_candidate(
    tmp_path: Path, outbox: Outbox, watch: Watch
) -> None:
    (tmp_path / "a.XML").write_bytes(b"<a/>")
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    assert settle(outbox, watch) == [Candidate("a", ("a.XML", "a.xml"))]


def test_list_complete_oldest_comes_first(tmp_path: Path, outbox: Outbox, watch: Watch) -> None:
    for name, moment in (("a", 300), ("b", 100), ("c", 200)):
        (tmp_path / f"{name}.xml").write_bytes(b"<a/>")
        os.utime(tmp_path / f"{name}.xml", (moment, moment))
    assert [job.name for job in settle(outbox, watch)] == ["b", "c", "a"]


def test_list_complete_links_are_seen_and_not_followed(
    tmp_path: Path, outbox: Outbox, watch: Watch
) -> None:
    (tmp_path / "a.xml").symlink_to("/dev/zero")
    (tmp_path / "b").symlink_to("/")
    (tmp_path / "b.xml").write_bytes(b"<a/>")
    assert set(settle(outbox, watch)) == {
        Candidate("a", ("a.xml",)),
        Candidate("b", ("b", "b.xml")),
    }
