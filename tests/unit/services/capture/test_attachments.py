"""Attachments of drafts: what is taken, what is refused and why."""

from io import BytesIO

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.demo.sample import render_page
from server.domain.draft import Draft
from server.domain.mandant import Caller
from server.domain.web_user import Actor
from server.services.blob_sweep import BlobSweep
from server.services.capture.drafts import DraftGone
from server.services.capture.services import Capture
from server.services.upload_kinds import AttachmentRefused
from tests.unit.conftest import FixedClock
from tests.unit.services.capture.conftest import MakeActor, MakeDraft

PDF = render_page("Bescheid", ["Text"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def draft(actor: Actor, make_draft: MakeDraft) -> Draft:
    return make_draft(actor)


def test_pdf_is_kept_and_given_out_again(capture: Capture, actor: Actor, draft: Draft) -> None:
    capture.attachments.add(actor, draft, "C:\\Ordner\\bescheid.pdf", BytesIO(PDF))
    capture.attachments.add(actor, draft, "bescheid.pdf", BytesIO(PDF))
    first, second = capture.attachments.list_all(draft)
    assert (first.filename, second.filename) == ("bescheid.pdf", "bescheid (2).pdf")
    assert (first.content_type, first.hint) == ("application/pdf", "")
    assert capture.attachments.open(first).read() == PDF
    changed = capture.drafts.find(actor, draft.draft_id)
    assert changed is not None and changed.version == draft.version + 2


def test_picture_is_kept_with_a_hint_about_letters(
    capture: Capture, actor: Actor, draft: Draft
) -> None:
    capture.attachments.add(actor, draft, "foto.png", BytesIO(PNG))
    (found,) = capture.attachments.list_all(draft)
    assert "nur PDF" in found.hint


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("leer.pdf", b"", "ist leer"),
        ("programm.exe", b"MZ", "nicht angenommen"),
        ("falsch.pdf", b"MZ und kein PDF", "nicht, was die Endung sagt"),
        ("falsch.jpg", PNG, "nicht, was die Endung sagt"),
        ("gross.pdf", b"%PDF-" + bytes(60_000), "höchstens"),
    ],
)
def test_file_that_does_not_fit_is_refused_and_not_kept(
    capture: Capture,
    blobs: FolderBlobs,
    actor: Actor,
    draft: Draft,
    name: str,
    content: bytes,
    reason: str,
) -> None:
    with pytest.raises(AttachmentRefused, match=reason):
        capture.attachments.add(actor, draft, name, BytesIO(content))
    assert capture.attachments.list_all(draft) == ()
    assert [item for names in blobs.list_names() for item in names] == []


def test_limit_counts_all_attachments_together(
    capture: Capture, actor: Actor, draft: Draft
) -> None:
    most = PNG + bytes(30_000)
    capture.attachments.add(actor, draft, "a.png", BytesIO(most))
    with pytest.raises(AttachmentRefused, match="zusammen"):
        capture.attachments.add(actor, draft, "b.png", BytesIO(most))


def test_kind_is_changed_and_attachment_removed(
    capture: Capture, actor: Actor, draft: Draft
) -> None:
    capture.attachments.add(actor, draft, "a.pdf", BytesIO(PDF))
    (found,) = capture.attachments.list_all(draft)
    capture.attachments.set_art(actor, draft, {found.key: "bescheid", 999: "bescheid"})
    assert [item.art for item in capture.attachments.list_all(draft)] == ["bescheid"]
    assert not capture.attachments.remove(actor, draft, 999)
    assert capture.attachments.remove(actor, draft, found.key)
    assert capture.attachments.list_all(draft) == ()


def test_attachment_of_another_mandant_is_out_of_reach(
    capture: Capture, reader: Caller, actor: Actor, draft: Draft, make_actor: MakeActor
) -> None:
    stranger = make_actor(reader, "jana")
    with pytest.raises(DraftGone):
        capture.attachments.add(stranger, draft, "a.pdf", BytesIO(PDF))
    assert capture.attachments.list_all(draft) == ()


def test_sweep_leaves_attachments_until_the_draft_is_gone(
    capture: Capture,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    actor: Actor,
    draft: Draft,
) -> None:
    capture.attachments.add(actor, draft, "a.pdf", BytesIO(PDF))
    (found,) = capture.attachments.list_all(draft)
    sweep = BlobSweep(database, blobs, clock)
    for _ in range(3):
        sweep.sweep()
        clock.advance(days=1)
    assert capture.attachments.open(found).read() == PDF
    capture.drafts.remove(actor, draft.draft_id)
    for _ in range(2):
        sweep.sweep()
        clock.advance(days=1)
    assert [item for names in blobs.list_names() for item in names] == []
