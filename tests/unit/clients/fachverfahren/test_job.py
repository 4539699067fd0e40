"""Taking jobs out of the outbox, and reading them."""

import json
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.fachverfahren.facade import Refused
from clients.fachverfahren.job import Job, JobStore
from clients.fachverfahren.job_content import read_content
from clients.fachverfahren.outbox import Candidate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOBODY = 65534
MAX_BYTES = 1000


@pytest.fixture
def outbox() -> Iterator[Path]:
    """An outbox that every user of the machine may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    for name in ("outbox", "jobs", "staging"):
        (folder / name).mkdir()
    yield folder / "outbox"
    shutil.rmtree(folder)


@pytest.fixture
def store(outbox: Path) -> JobStore:
    base = outbox.parent
    return JobStore(base / "jobs", base / "staging", outbox, {"belegt"}.__contains__)


def put(outbox: Path, name: str = "a", **attachments: bytes) -> Candidate:
    (outbox / f"{name}.xml").write_bytes(b"<a/>")
    (outbox / name).mkdir()
    for attachment, content in attachments.items():
        (outbox / name / attachment.replace("_", ".")).write_bytes(content)
    return Candidate(name, (name, f"{name}.xml"))


@contextmanager
def as_nobody() -> Iterator[None]:
    """root may read everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_take_moves_all_files_and_chooses_a_message_id(outbox: Path, store: JobStore) -> None:
    job = store.take(put(outbox, "a", x_pdf=b"x"), NOW)
    assert os.listdir(outbox) == []
    assert (job.files / "a" / "x.pdf").read_bytes() == b"x"
    assert job.record.message_id.startswith("urn:de:xta:messageid:fachverfahren:")
    assert store.list_jobs() == [job]
    other = store.take(put(outbox), NOW)
    assert (job.label, other.label) == ("a", "a-2")
    assert job.record.message_id != other.record.message_id


def test_take_label_is_unique_and_harmless(outbox: Path, store: JobStore) -> None:
    assert store.take(put(outbox, "belegt"), NOW).label == "belegt-2"
    assert store.take(put(outbox, "x" * 245), NOW).label == "x" * 200
    assert store.take(put(outbox, "a:b"), NOW).label == "a_b"
    assert store.take(put(outbox, "a\udcff"), NOW).record.name == "a\udcff"
    assert len(store.list_jobs()) == 4


def test_take_job_that_is_gone_leaves_nothing_behind(outbox: Path, store: JobStore) -> None:
    candidate = put(outbox)
    (outbox / "a.xml").unlink()
    with pytest.raises(FileNotFoundError):
        store.take(candidate, NOW)
    assert os.listdir(outbox) == ["a"]
    assert store.list_jobs() == []


def test_give_back_restores_what_was_half_taken(outbox: Path, store: JobStore) -> None:
    job = store.take(put(outbox), NOW)
    os.rename(job.files / "a.xml", outbox / "a.xml")
    (found,) = store.list_jobs()
    assert not found.is_whole
    assert store.give_back(found)
    assert sorted(os.listdir(outbox)) == ["a", "a.xml"]
    assert store.list_jobs() == []


def test_give_back_does_not_touch_what_is_new(outbox: Path, store: JobStore) -> None:
    job = store.take(put(outbox), NOW)
    os.rename(job.files / "a.xml", outbox / "a.xml")
    (outbox / "a").mkdir()
    assert not store.give_back(job)
    assert (job.files / "a").is_dir()


def test_note_survives_and_keeps_what_was_noted_before(outbox: Path, store: JobStore) -> None:
    job = store.note(store.take(put(outbox), NOW), digest="abc")
    assert store.note(job, accepted="heute") == store.list_jobs()[0]
    assert store.list_jobs()[0].record.digest == "abc"


def test_list_jobs_what_is_no_job_is_left_alone(outbox: Path, store: JobStore) -> None:
    job = store.take(put(outbox), NOW)
    (outbox.parent / "jobs" / "fremd").mkdir()
    (outbox.parent / "jobs" / "kaputt").mkdir()
    (outbox.parent / "jobs" / "kaputt" / "stand.json").write_text(json.dumps({"x": 1}))
    assert store.list_jobs() == [job]


def test_read_content_has_attachments_by_name_with_their_types(
    outbox: Path, store: JobStore
) -> None:
    candidate = put(outbox, "a", b_pdf=b"b", a_jpg=b"", c=b"c")
    for name in (".DS_Store", "Thumbs.db"):
        (outbox / "a" / name).touch()
    (outbox / "a" / unicodedata.normalize("NFD", "Ü.txt")).write_bytes(b"u")
    content = read_content(store.take(candidate, NOW), MAX_BYTES)
    assert content.outgoing.message == b"<a/>"
    assert [
        (item.filename, item.content_type, item.content) for item in content.outgoing.attachments
    ] == [
        ("Ü.txt", "text/plain", b"u"),
        ("a.jpg", "image/jpeg", b""),
        ("b.pdf", "application/pdf", b"b"),
        ("c", "application/octet-stream", b"c"),
    ]


def test_read_content_digest_tells_every_difference(outbox: Path, store: JobStore) -> None:
    def digest(name: str, **attachments: bytes) -> str:
        return read_content(store.take(put(outbox, name, **attachments), NOW), MAX_BYTES).digest

    same = digest("a", x_pdf=b"12")
    assert digest("b", x_pdf=b"12") == same
    assert same not in {
        digest("c", x_pdf=b"1"),
        digest("d", y_pdf=b"12"),
        digest("e", x_pdf=b"1", y_pdf=b"2"),
        digest("f"),
    }


def link_message(outbox: Path) -> None:
    (outbox / "a.xml").unlink()
    (outbox / "a.xml").symlink_to("/etc/hostname")


def link_attachment(outbox: Path) -> None:
    (outbox / "a" / "x.pdf").symlink_to("/etc/hostname")


def link_folder(outbox: Path) -> None:
    shutil.rmtree(outbox / "a")
    (outbox / "a").symlink_to("/etc")


def empty_message(outbox: Path) -> None:
    (outbox / "a.xml").write_bytes(b" \n")


def add_folder(outbox: Path) -> None:
    (outbox / "a" / "tief").mkdir()


def add_pipe(outbox: Path) -> None:
    os.mkfifo(outbox / "a" / "pipe")


def add_control_character(outbox: Path) -> None:
    (outbox / "a" / "x\x01.pdf").touch()


def add_wrong_encoding(outbox: Path) -> None:
    (outbox / "a" / "x\udcff.pdf").touch()


def add_large_attachment(outbox: Path) -> None:
    (outbox / "a" / "gross.pdf").write_bytes(bytes(MAX_BYTES))


def hide_message(outbox: Path) -> None:
    (outbox / "a.xml").chmod(0)


def hide_folder(outbox: Path) -> None:
    (outbox / "a").chmod(0)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (link_message, "„a.xml“ ist eine Verknüpfung"),
        (link_attachment, "„x.pdf“ ist eine Verknüpfung"),
        (link_folder, "„a“ ist eine Verknüpfung"),
        (empty_message, "ist leer"),
        (add_folder, "ein weiterer Ordner, „tief“"),
        (add_pipe, "„pipe“ ist keine gewöhnliche Datei"),
        (add_control_character, r"'x\x01.pdf'"),
        (add_wrong_encoding, r"'x\udcff.pdf'"),
        (add_large_attachment, "größer als 1000 Bytes (bis zur Datei „gross.pdf“)"),
        (hide_message, "„a.xml“ darf nicht gelesen werden"),
        (hide_folder, "„a“ darf nicht gelesen werden"),
    ],
)
def test_read_content_job_that_is_wrong_is_refused_with_its_reason(
    outbox: Path, store: JobStore, spoil: Callable[[Path], None], words: str
) -> None:
    candidate = put(outbox)
    spoil(outbox)
    job = store.take(candidate, NOW)
    for path in (job.folder, job.files):
        path.chmod(0o755)
    with as_nobody(), pytest.raises(Refused) as caught:
        read_content(job, MAX_BYTES)
    assert words in caught.value.cause
    assert caught.value.remedy
    assert caught.value.code == ""


def test_read_content_two_messages_of_one_name_are_refused(outbox: Path, store: JobStore) -> None:
    put(outbox)
    (outbox / "a.XML").write_bytes(b"<a/>")
    job: Job = store.take(Candidate("a", ("a", "a.XML", "a.xml")), NOW)
    with pytest.raises(Refused, match="mehrere XML-Dateien"):
        read_content(job, MAX_BYTES)


def test_read_content_exactly_at_the_limit_is_read(outbox: Path, store: JobStore) -> None:
    job = store.take(put(outbox, "a", x=bytes(MAX_BYTES - len(b"<a/>"))), NOW)
    assert len(read_content(job, MAX_BYTES).outgoing.attachments[0].content) == MAX_BYTES - 4
