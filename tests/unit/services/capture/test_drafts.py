"""Drafts: saved step by step, never overwritten unseen, copied, seen by their own Mandant alone."""

import pytest

from persistence.database import Database
from server.domain.draft import DraftCriteria, Step
from server.domain.mandant import Caller
from server.domain.web_user import Actor
from server.services.capture.drafts import DraftConflict, DraftGone
from server.services.capture.services import Capture
from tests.support.audit import list_actions
from tests.unit.services.capture.conftest import MakeActor, MakeDraft

pytestmark = pytest.mark.both_databases


def test_begun_draft_knows_who_works_on_it(
    capture: Capture, database: Database, actor: Actor
) -> None:
    draft = capture.drafts.find(actor, capture.drafts.begin(actor))
    assert draft is not None
    assert draft.values_of(Step.SCHULDNER)["bearbeiter"] == actor.user.name
    assert draft.message_id.startswith("urn:de:xta:messageid:")
    assert list_actions(database, actor.mandant_key)[::-1] == ["entwurf-begonnen"]


def test_save_keeps_what_was_typed_right_or_wrong(
    capture: Capture, database: Database, actor: Actor
) -> None:
    draft_id = capture.drafts.begin(actor)
    typed = {"aktenzeichen": "VS-1", "schuldner": [{"name": "Beispiel", "geburtsdatum": "morgen"}]}
    saved = capture.drafts.save(actor, draft_id, Step.SCHULDNER, typed, 1)
    assert saved.values_of(Step.SCHULDNER) == typed
    assert (saved.version, saved.summary.title, saved.summary.aktenzeichen) == (
        2,
        "Beispiel",
        "VS-1",
    )
    again = capture.drafts.save(actor, draft_id, Step.SCHULDNER, typed, 2)
    assert again.version == 2
    assert list_actions(database, actor.mandant_key)[::-1] == [
        "entwurf-begonnen",
        "entwurf-geaendert",
    ]


def test_second_of_two_who_change_at_once_is_told(
    capture: Capture, author: Caller, actor: Actor, make_actor: MakeActor
) -> None:
    draft_id = capture.drafts.begin(actor)
    other = make_actor(author, "ole")
    capture.drafts.save(actor, draft_id, Step.SCHULDNER, {"aktenzeichen": "A"}, 1)
    with pytest.raises(DraftConflict) as conflict:
        capture.drafts.save(other, draft_id, Step.SCHULDNER, {"aktenzeichen": "B"}, 1)
    assert actor.user.name in str(conflict.value)
    assert conflict.value.present.summary.aktenzeichen == "A"
    capture.drafts.save(other, draft_id, Step.SCHULDNER, {"aktenzeichen": "B"}, 2)


def test_drafts_of_another_mandant_are_not_there(
    capture: Capture, reader: Caller, actor: Actor, make_actor: MakeActor
) -> None:
    draft_id = capture.drafts.begin(actor)
    stranger = make_actor(reader, "jana")
    assert capture.drafts.find(stranger, draft_id) is None
    assert capture.drafts.list_page(stranger, DraftCriteria()).entries == ()
    for attempt in (
        lambda: capture.drafts.save(stranger, draft_id, Step.SCHULDNER, {}, 1),
        lambda: capture.drafts.copy(stranger, draft_id),
        lambda: capture.drafts.remove(stranger, draft_id),
    ):
        with pytest.raises(DraftGone):
            attempt()


def test_copy_has_the_same_content_and_another_message_id(
    capture: Capture, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    copied = capture.drafts.find(actor, capture.drafts.copy(actor, draft.draft_id))
    template = capture.drafts.find(
        actor, capture.drafts.copy(actor, draft.draft_id, is_template=True)
    )
    assert copied is not None and template is not None
    assert copied.content == template.content == draft.content
    assert len({copied.message_id, template.message_id, draft.message_id}) == 3
    drafts = capture.drafts.list_page(actor, DraftCriteria()).entries
    assert {item.draft_id for item in drafts} == {copied.draft_id, draft.draft_id}
    (listed,) = capture.drafts.list_page(actor, DraftCriteria(is_template=True)).entries
    assert listed.draft_id == template.draft_id


def test_list_is_read_page_by_page(capture: Capture, actor: Actor) -> None:
    begun = {capture.drafts.begin(actor) for _ in range(26)}
    first = capture.drafts.list_page(actor, DraftCriteria())
    assert first.after is not None
    second = capture.drafts.list_page(actor, DraftCriteria(), first.after)
    assert second.after is None
    assert {item.draft_id for item in (*first.entries, *second.entries)} == begun


def test_signs_that_no_message_carries_are_kept_as_typed(capture: Capture, actor: Actor) -> None:
    typed = {"aktenzeichen": "VS\x00 1", "schuldner": [{"name": "Bei\x00spiel \U0001f600"}]}
    saved = capture.drafts.save(actor, capture.drafts.begin(actor), Step.SCHULDNER, typed, 1)
    assert saved.values_of(Step.SCHULDNER) == typed
    assert saved.summary.aktenzeichen == "VS 1"
