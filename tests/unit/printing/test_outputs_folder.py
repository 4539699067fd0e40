"""The output `folder`: the contract, and what a print shop sees and says."""

import errno
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from server.printing.options import BadOutputOptions
from server.printing.output import (
    BatchCount,
    LetterProgress,
    OutputSetup,
    OutputUnavailable,
    UnreadNews,
    list_letter_news,
)
from server.printing.outputs.folder import FolderOutput, LocalFiles
from server.printing.outputs.return_files import NAMESPACE
from server.printing.plugin_contract import OutputPluginContract, crashing_in
from tests.support.print_shop import PrintShop
from tests.unit.printing.samples import make_batch

STEPS = ("make_folder", "write", "rename", "remove")


class FolderRig(PrintShop):
    """The plugin and the shop at one folder."""

    def make(self) -> FolderOutput:
        return FolderOutput(OutputSetup("ordner", {"folder": str(self.folder)}))

    def crashing(self, step: int) -> AbstractContextManager[None]:
        return crashing_in(LocalFiles, STEPS, step)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        away = self.folder.rename(self.folder.with_suffix(".weg"))
        self.folder.write_text("a file, no folder")
        yield
        self.folder.unlink()
        away.rename(self.folder)


@pytest.fixture
def rig(tmp_path: Path) -> FolderRig:
    return FolderRig(tmp_path / "druck")


class TestFolderContract(OutputPluginContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FolderRig:
        return FolderRig(tmp_path / "druck")


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_submit_batch_lies_there_as_the_document_says(rig: FolderRig) -> None:
    rig.make().submit(make_batch("s1"))
    assert list_files(rig.folder) == [
        ".abgegeben/s1",
        "s1.fertig",
        "s1/000001-s1-brief-1.pdf",
        "s1/000002-s1-brief-2.pdf",
        "s1/s1.csv",
        "s1/s1.xml",
    ]


def test_submit_everything_is_flushed_before_it_is_seen(
    rig: FolderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    flush, rename = os.fsync, Path.rename

    def note_flush(descriptor: int) -> None:
        events.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        flush(descriptor)

    def note_rename(path: Path, target: Path) -> Path:
        events.append(f"-> {target.name}")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "rename", note_rename)
    rig.make().submit(make_batch("s", b"%PDF"))
    letters = ["000001-s-brief-1.pdf", "s.csv", "s.xml", ".s.neu", "-> s", "druck"]
    assert events[: len(letters)] == letters
    assert events[len(letters) :][:3] == [".s.fertig.neu", "-> s.fertig", "druck"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_submit_disk_refuses_output_is_unavailable(
    rig: FolderRig, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputUnavailable) as caught:
        rig.make().submit(make_batch())
    assert str(caught.value) == (
        f"Die Druckausgabe „ordner“ kann {rig.folder} nicht erreichen ({os.strerror(number)})."
    )
    assert rig.list_received() == []


def test_submit_batch_that_the_shop_cleared_away_is_not_handed_over_again(rig: FolderRig) -> None:
    rig.make().submit(make_batch("s"))
    (rig.folder / "s.fertig").unlink()
    for path in (rig.folder / "s").iterdir():
        path.unlink()
    (rig.folder / "s").rmdir()
    rig.make().submit(make_batch("s"))
    assert list_files(rig.folder) == [".abgegeben/s"]


def test_poll_taken_batch_is_accepted(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    assert rig.make().poll(receipt) == ()
    rig.take("s")
    news = list_letter_news(rig.make().poll(receipt))
    assert [item.letter_id for item in news] == ["s-brief-1", "s-brief-2"]
    assert {item.progress for item in news} == {LetterProgress.ACCEPTED}


def test_poll_reads_only_files_of_its_batch(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    head = "brief;stand;zeitpunkt\n"
    rig.report("s.1.csv", f"{head}s-brief-1;gedruckt;2026-11-02T10:00:00Z\n")
    rig.report("s.2.csv", f"{head}s-brief-1;versandt;2026-11-02T16:00:00Z\n")
    rig.report("s-2.csv", f"{head}s-brief-2;fehler;2026-11-02T10:00:00Z\n")
    rig.report(".s.csv", f"{head}s-brief-2;fehler;2026-11-02T10:00:00Z\n")
    rig.report("s.csv.neu", f"{head}s-brief-2;fehler;2026-11-02T10:00:00Z\n")
    assert [item.progress for item in list_letter_news(rig.make().poll(receipt))] == [
        LetterProgress.PRINTED,
        LetterProgress.POSTED,
    ]


def test_poll_unreadable_file_is_told_and_the_others_count(
    rig: FolderRig, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = rig.make().submit(make_batch("s"))
    rig.report("s.xml", "<!DOCTYPE a []><a/>")
    rig.report(
        "s.csv",
        "brief;stand;zeitpunkt\n"
        "s-brief-1;gedruckt;2026-11-02T10:00:00Z\nfremd;gedruckt;2026-11-02T10:00:00Z\n",
    )
    unread, *told = rig.make().poll(receipt)
    assert isinstance(unread, UnreadNews)
    assert unread.text.startswith("Rückmeldedatei s.xml ist nicht lesbar: ")
    # Of a letter that is not of this batch the reconciliation has to know.
    assert [item.letter_id for item in list_letter_news(told)] == ["fremd", "s-brief-1"]
    assert "return file s.xml cannot be read" in caplog.text


def test_poll_sums_of_the_last_file_come_last(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    root = f'<rueckmeldung xmlns="{NAMESPACE}" version="1.0" auftrag="s"'
    rig.report("s.1.xml", f'{root} briefe="1" seiten="2" blaetter="1"/>')
    rig.report("s.2.xml", f'{root} briefe="2" seiten="4"/>')
    assert rig.make().poll(receipt) == (BatchCount(1, 2, 1), BatchCount(2, 4))


def test_cancel_crash_while_the_ready_file_is_away_gives_it_back(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    (rig.folder / "s.fertig").rename(rig.folder / ".s.1700000000.halt")
    assert rig.make().poll(receipt) == ()
    assert (rig.folder / "s.fertig").is_file()


def test_poll_while_another_withdraws_leaves_the_ready_file_away(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    held = rig.folder / f".s.{int(time.time())}.halt"
    (rig.folder / "s.fertig").rename(held)
    rig.make().poll(receipt)
    rig.make().submit(make_batch("s"))
    assert held.is_file()
    assert not (rig.folder / "s.fertig").exists()
    with pytest.raises(OutputUnavailable, match="wird gerade etwas zurückgezogen"):
        rig.make().cancel(receipt, ["s-brief-1"])


def test_cancel_that_took_too_long_withdraws_nothing(
    rig: FolderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = rig.make().submit(make_batch("s"))
    write = LocalFiles.write

    def lose_hold(files: LocalFiles, path: str, chunks: Iterable[bytes]) -> None:
        write(files, path, chunks)
        for held in rig.folder.glob(".s.*.halt"):
            held.rename(rig.folder / "s.uebernommen")

    with monkeypatch.context() as patched:
        patched.setattr(LocalFiles, "write", lose_hold)
        with pytest.raises(OutputUnavailable):
            rig.make().cancel(receipt, ["s-brief-1"])
    assert rig.list_withdrawn("s") == set()
    assert rig.make().cancel(receipt, ["s-brief-1"]) == frozenset()


def test_cancel_taken_batch_writes_nothing(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    rig.take("s")
    assert rig.make().cancel(receipt, ["s-brief-1"]) == frozenset()
    assert not (rig.folder / "s.zurueckgezogen").exists()


def test_cancel_withdrawn_letter_is_told_by_poll(rig: FolderRig) -> None:
    receipt = rig.make().submit(make_batch("s"))
    rig.make().cancel(receipt, ["s-brief-2"])
    rig.make().cancel(receipt, ["s-brief-1"])
    news = list_letter_news(rig.make().poll(receipt))
    assert {item.letter_id for item in news} == {"s-brief-1", "s-brief-2"}
    assert {item.progress for item in news} == {LetterProgress.WITHDRAWN}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "folder: die Angabe fehlt"),
        ({"folder": 7}, "folder: muss ein Pfad sein"),
        ({"folder": "druck", "farbe": "ja"}, "farbe: diesen Schlüssel gibt es nicht"),
    ],
)
def test_folder_output_wrong_options_are_told(options: dict[str, object], problem: str) -> None:
    with pytest.raises(BadOutputOptions) as caught:
        FolderOutput(OutputSetup("ordner", options))
    assert caught.value.problems == [problem]


def test_folder_output_path_counts_from_the_settings(tmp_path: Path) -> None:
    FolderOutput(OutputSetup("ordner", {"folder": "druck"}, tmp_path)).submit(make_batch("s"))
    assert (tmp_path / "druck" / "s.fertig").is_file()
