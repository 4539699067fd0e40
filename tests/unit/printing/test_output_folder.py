"""The output `folder`: complete or not at all, once however often repeated."""

import errno
import os
from pathlib import Path

import pytest

from server.printing.dispatcher import BadOutputOptions, OutputUnavailable
from server.printing.output_folder import FolderOutput
from tests.unit.printing.samples import ORDER, make_job

ORDER_ID = ORDER.order_id


def make_output(folder: Path) -> FolderOutput:
    return FolderOutput({"folder": str(folder)})


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fail_with(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_submit_new_order_writes_letter_and_ticket(tmp_path: Path) -> None:
    job = make_job()
    receipt = make_output(tmp_path / "druck").submit(job)
    target = tmp_path / "druck" / ORDER_ID
    assert (receipt.output, receipt.reference) == ("folder", ORDER_ID)
    assert receipt.files == (str(target / f"{ORDER_ID}.pdf"), str(target / f"{ORDER_ID}.xml"))
    assert [Path(name).read_bytes() for name in receipt.files] == [job.letter.pdf, job.ticket]
    assert list_files(tmp_path / "druck") == [
        ORDER_ID,
        f"{ORDER_ID}/{ORDER_ID}.pdf",
        f"{ORDER_ID}/{ORDER_ID}.xml",
    ]


def test_submit_repeated_order_changes_nothing(tmp_path: Path) -> None:
    output = make_output(tmp_path)
    first = output.submit(make_job())
    before = [Path(name).stat().st_mtime_ns for name in first.files]
    assert output.submit(make_job(content=b"%PDF-other")) == first
    assert [Path(name).stat().st_mtime_ns for name in first.files] == before
    assert Path(first.files[0]).read_bytes() == b"%PDF-letter"


def test_submit_two_orders_stand_side_by_side(tmp_path: Path) -> None:
    output = make_output(tmp_path)
    output.submit(make_job("a-1"))
    output.submit(make_job("a-2"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1", "a-2"]


def test_submit_leftover_of_a_crash_is_replaced(tmp_path: Path) -> None:
    leftover = tmp_path / f".{ORDER_ID}.neu"
    leftover.mkdir()
    (leftover / "half.pdf").write_bytes(b"%PD")
    make_output(tmp_path).submit(make_job())
    assert list_files(tmp_path) == [
        ORDER_ID,
        f"{ORDER_ID}/{ORDER_ID}.pdf",
        f"{ORDER_ID}/{ORDER_ID}.xml",
    ]


def test_submit_crash_before_the_rename_leaves_no_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = make_output(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", fail_with(errno.EIO))
        with pytest.raises(OutputUnavailable):
            output.submit(make_job())
    assert not (tmp_path / ORDER_ID).exists()
    assert (output.submit(make_job()).reference, (tmp_path / ORDER_ID).exists()) == (ORDER_ID, True)


def test_submit_everything_is_flushed_before_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    flush, rename = os.fsync, Path.rename

    def note_flush(descriptor: int) -> None:
        events.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        flush(descriptor)

    def note_rename(path: Path, target: Path) -> Path:
        events.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "rename", note_rename)
    make_output(tmp_path).submit(make_job("a"))
    assert events == ["a.pdf", "a.xml", ".a.neu", "rename", tmp_path.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_submit_disk_refuses_output_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", fail_with(number))
    with pytest.raises(OutputUnavailable) as caught:
        make_output(tmp_path).submit(make_job())
    assert str(caught.value) == (
        f"Die Druckausgabe „folder“ kann nicht nach {tmp_path / ORDER_ID} schreiben"
        f" ({os.strerror(number)})."
    )
    assert not (tmp_path / ORDER_ID).exists()


def test_submit_folder_is_a_file_output_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "druck").write_text("")
    with pytest.raises(OutputUnavailable):
        make_output(tmp_path / "druck").submit(make_job())


@pytest.mark.parametrize(
    "order_id",
    ["", ".", "..", "../a", "a/b", "/a", ".a", "-a", "a\n", "a b", "ä", "a\0", "a" * 101],
)
def test_submit_unsafe_order_id_is_refused(tmp_path: Path, order_id: str) -> None:
    with pytest.raises(ValueError, match="is no name for a folder"):
        make_output(tmp_path / "druck").submit(make_job(order_id))
    assert list_files(tmp_path) == []


@pytest.mark.parametrize(
    "options", [{}, {"folder": ""}, {"folder": 7}, {"folder": "druck", "farbe": "ja"}]
)
def test_folder_output_wrong_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadOutputOptions, match="braucht die Angabe „folder“ und sonst keine"):
        FolderOutput(options)
