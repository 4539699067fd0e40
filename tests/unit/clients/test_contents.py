"""Contents in memory and in files: read again, kept, or gone without a trace."""

import gc
from pathlib import Path

import pytest

from clients.contents import (
    BytesContent,
    ContentUnreadable,
    ContentWriter,
    FileContent,
    ReceivedContent,
    make_safe_name,
    read_chunks,
    read_whole,
    save_into,
)

LARGE = bytes(range(256)) * 4096 + b"Rest"


def receive(content: bytes, folder: Path | None = None) -> BytesContent | ReceivedContent:
    writer = ContentWriter(folder)
    for start in range(0, len(content), 100_000):
        writer.write(content[start : start + 100_000])
    received = writer.finish()
    assert isinstance(received, BytesContent | ReceivedContent)
    return received


def test_received_content_small_stays_in_memory(tmp_path: Path) -> None:
    received = receive(b"klein", tmp_path)
    assert isinstance(received, BytesContent)
    assert (received.size, read_whole(received)) == (5, b"klein")
    assert list(tmp_path.iterdir()) == []


def test_received_content_large_is_a_file_that_goes_with_it(tmp_path: Path) -> None:
    received = receive(LARGE, tmp_path)
    assert received.size == len(LARGE)
    assert read_whole(received) == read_whole(received) == LARGE
    assert len(list(tmp_path.iterdir())) == 1
    del received
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_received_content_discarded_half_way_leaves_no_file(tmp_path: Path) -> None:
    writer = ContentWriter(tmp_path)
    writer.write(LARGE)
    assert len(list(tmp_path.iterdir())) == 1
    writer.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"klein", LARGE], ids=["empty", "small", "large"])
def test_save_into_keeps_bytes_and_other_files(tmp_path: Path, content: bytes) -> None:
    received = receive(content, tmp_path)
    paths = [save_into(received, tmp_path, "akte.pdf") for _ in range(3)]
    del received
    gc.collect()
    assert [path.name for path in paths] == ["akte.pdf", "akte-2.pdf", "akte-3.pdf"]
    assert [path.read_bytes() for path in paths] == [content] * 3
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_save_into_source_gone_leaves_no_file(tmp_path: Path) -> None:
    source, target = tmp_path / "quelle", tmp_path / "ziel"
    source.write_bytes(b"Text")
    target.mkdir()
    content = FileContent(source)
    source.unlink()
    with pytest.raises(FileNotFoundError):
        save_into(content, target, "akte.pdf")
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bescheid.pdf", "bescheid.pdf"),
        ("Übersicht März.pdf", "Übersicht März.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Akten\\a.pdf", "a.pdf"),
        ("..", "anlage"),
        ("", "anlage"),
        (".versteckt", "versteckt"),
        ("a\0b\n.pdf", "a_b_.pdf"),
        ("x" * 300 + ".pdf", "x" * 150 + ".pdf"),
        ("x" * 300, "x" * 50),
        ("Ä" * 300 + ".pdf", "Ä" * 75 + ".pdf"),
        ("x\N{GRINNING FACE}" * 100 + ".pdf", "x\N{GRINNING FACE}" * 30 + ".pdf"),
    ],
)
def test_make_safe_name_leads_to_no_other_folder(name: str, expected: str) -> None:
    assert make_safe_name(name) == expected


@pytest.mark.parametrize("size", [3, 5])
def test_read_chunks_other_size_than_promised_is_told(size: int) -> None:
    with pytest.raises(ContentUnreadable, match="changed"):
        list(read_chunks(BytesContent(b"Text"), size))


def test_read_chunks_file_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentUnreadable, match="No such file"):
        list(read_chunks(FileContent(tmp_path / "akte.pdf"), 4))
