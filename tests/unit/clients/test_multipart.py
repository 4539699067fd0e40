"""Packages as they come in, well-formed and not; no file is left by what fails."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.contents import ReceivedContent, read_whole
from clients.multipart import (
    AnswerLimits,
    PackageIncomplete,
    PackageUnreadable,
    ReceivedPackage,
    read_package,
)
from tests.support.mtom import (
    BOUNDARY,
    RawPart,
    package_type,
    part,
    root_part,
    write_package,
)

ENVELOPE = b"<Envelope/>"
LARGE = bytes(range(256)) * 8192
# What a careless reader of packages loses or mistakes for a head.
AWKWARD = {
    "lines@x": b"\r\nText\r\n",
    "one@x": b"\n",
    "empty@x": b"",
    "head@x": b"Content-Transfer-Encoding: base64\r\n\r\n--teil\r\n",
    "almost@x": f"\r\n--{BOUNDARY[:-1]}\r\n".encode(),
    "large@x": LARGE,
}
GOOD = (root_part(ENVELOPE), *(part(name, content) for name, content in AWKWARD.items()))


def read(
    content: bytes,
    folder: Path,
    content_type: str = "",
    limits: AnswerLimits | None = None,
    step: int = 70_000,
) -> ReceivedPackage:
    chunks = (content[start : start + step] for start in range(0, len(content), step))
    limits = limits or AnswerLimits()
    return read_package(chunks, content_type or package_type(), limits, folder)


@pytest.mark.parametrize("step", [997, 70_000, 10_000_000])
def test_read_package_contents_arrive_as_they_are(tmp_path: Path, step: int) -> None:
    package = read(write_package(GOOD), tmp_path, step=step)
    assert package.envelope == ENVELOPE
    assert {name: read_whole(content) for name, content in package.parts.items()} == AWKWARD
    assert isinstance(package.parts["large@x"], ReceivedContent)
    package.discard()
    assert list(tmp_path.iterdir()) == []


def test_read_package_single_bytes_arrive_as_they_are(tmp_path: Path) -> None:
    package = read(write_package(GOOD[:5]), tmp_path, step=1)
    assert [read_whole(content) for content in package.parts.values()] == list(AWKWARD.values())[:4]


def test_read_package_root_need_not_be_first(tmp_path: Path) -> None:
    package = read(write_package([part("a@x", b"Text"), root_part(ENVELOPE)]), tmp_path)
    assert package.envelope == ENVELOPE


def test_read_package_without_start_takes_the_first_part(tmp_path: Path) -> None:
    content_type = package_type(start="")
    package = read(write_package(GOOD[:2]), tmp_path, content_type)
    assert package.envelope == ENVELOPE
    assert list(package.parts) == ["lines@x"]


def without_last(count: int) -> bytes:
    return write_package(GOOD)[:-count]


LAST = part("last@x", LARGE)
MALFORMED = {
    "no root": (write_package([part("a@x", LARGE), LAST]), ""),
    "two roots": (write_package([*GOOD, LAST, root_part(ENVELOPE)]), ""),
    "part twice": (write_package([*GOOD, LAST, LAST]), ""),
    "no boundary": (write_package(GOOD), 'multipart/related; type="application/xop+xml"'),
    "wrong boundary": (write_package(GOOD, "andere"), ""),
    "no package": (b"<html>" + LARGE, ""),
    "base64": (
        write_package(
            [
                root_part(ENVELOPE),
                LAST,
                RawPart(("Content-ID: <b@x>", "Content-Transfer-Encoding: base64"), b"VGV4dA=="),
            ]
        ),
        "",
    ),
    "many heads": (write_package([*GOOD, part("b@x", b"", *(f"X-{i}: 1" for i in range(99)))]), ""),
    "long head": (write_package([*GOOD, part("b@x", b"", "X: " + "a" * 10_000)]), ""),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_read_package_malformed_is_told_and_leaves_no_file(tmp_path: Path, name: str) -> None:
    content, content_type = MALFORMED[name]
    with pytest.raises(PackageUnreadable) as caught:
        read(content, tmp_path, content_type)
    assert not isinstance(caught.value, PackageIncomplete)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", [3, 40, 1_000_000, len(LARGE) + 300])
def test_read_package_truncated_is_told_and_leaves_no_file(tmp_path: Path, missing: int) -> None:
    with pytest.raises(PackageIncomplete):
        read(without_last(missing), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_read_package_empty_is_incomplete(tmp_path: Path) -> None:
    with pytest.raises(PackageIncomplete):
        read(b"", tmp_path)


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        (AnswerLimits(part_bytes=len(LARGE) - 1), "bytes of a part"),
        (AnswerLimits(envelope_bytes=len(ENVELOPE) - 1), "bytes of its envelope"),
        (AnswerLimits(parts=len(AWKWARD) - 1), "parts"),
    ],
)
def test_read_package_beyond_limits_is_told_and_leaves_no_file(
    tmp_path: Path, limits: AnswerLimits, complaint: str
) -> None:
    content = write_package([*GOOD[1:], GOOD[0]])
    with pytest.raises(PackageUnreadable, match=complaint):
        read(content, tmp_path, limits=limits)
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_read_package_at_its_limits_is_read(tmp_path: Path) -> None:
    limits = AnswerLimits(len(ENVELOPE), len(LARGE), len(AWKWARD))
    package = read(write_package(GOOD), tmp_path, limits=limits)
    assert len(package.parts) == len(AWKWARD)


def test_read_package_connection_breaks_leaves_no_file(tmp_path: Path) -> None:
    def break_off() -> Iterator[bytes]:
        yield without_last(100)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        read_package(break_off(), package_type(), AnswerLimits(), tmp_path)
    assert list(tmp_path.iterdir()) == []
