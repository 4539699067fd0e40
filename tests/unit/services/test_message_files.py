"""Files of a message: safe names, and a ZIP that is made while it is read."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from server.domain.content import BlobRef, InlineContent
from server.domain.stored_message import ContentPart, PartKind
from server.services.message_files import list_files, write_zip

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_part(filename: str, data: bytes) -> tuple[ContentPart, InlineContent]:
    content = InlineContent(data)
    attributes = {"filename": filename} if filename else {}
    ref = BlobRef("", content.size, content.sha256)
    return ContentPart(PartKind.ATTACHMENT, ref, attributes), content


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\a.pdf", "a.pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("a\nb.pdf", "a_b.pdf"),
        ("", "Anlage-0"),
        (".versteckt", "versteckt"),
        ("bild\u202efdp.exe", "bildfdp.exe"),
    ],
)
def test_names_are_safe(given: str, safe: str) -> None:
    (file,) = list_files([make_part(given, b"x")])
    assert file.name == safe


def test_same_names_are_told_apart() -> None:
    files = list_files([make_part("A.pdf", b"1"), make_part("a.PDF", b"2")])
    assert len({file.name.casefold() for file in files}) == 2


def test_zip_holds_every_file_byte_by_byte() -> None:
    contents = {"bescheid.pdf": b"%PDF" + bytes(1000), "daten.xml": b"<a/>" * 500_000, "leer": b""}
    files = list_files([make_part(name, data) for name, data in contents.items()])
    packed = b"".join(write_zip(files, MOMENT))
    assert len(packed) < 100_000
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
        assert archive.getinfo("bescheid.pdf").date_time == (2026, 11, 23, 12, 0, 0)


def test_zip_is_given_on_before_all_is_read() -> None:
    read: list[int] = []

    class Slow(InlineContent):
        def read_chunks(self, size: int) -> Iterator[bytes]:
            for number in range(5):
                read.append(number)
                yield bytes(1000)

    part, _ = make_part("a.pdf", b"")
    pieces = write_zip(list_files([(part, Slow(bytes(5000)))]), MOMENT)
    assert next(pieces)
    assert read == [0]
