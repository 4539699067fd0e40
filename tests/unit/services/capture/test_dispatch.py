"""Review, release, sending, withdrawing; a preview prints nothing."""

from io import BytesIO

import pytest

from persistence.database import Database
from server.demo.sample import render_page
from server.domain.behoerde import Kanal
from server.domain.destination import DestinationKind
from server.domain.draft import DraftCheck, DraftState, Step
from server.domain.ersuchen import Bankverbindung
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.stored_message import PartKind
from server.domain.web_user import Actor
from server.errors import AmtshilfeError
from server.services.capture.bank_release import ReleaseRefused
from server.services.capture.dispatch import NotReady
from server.services.capture.drafts import DraftConflict
from server.services.capture.refilling import write_content
from server.services.capture.services import Capture
from tests.support.capturing import COCHEM, JENA
from tests.unit.conftest import FixedClock
from tests.unit.services.capture.conftest import MakeActor, MakeDraft

pytestmark = pytest.mark.both_databases

TO_COCHEM = {"schuldner": [{"art": "person", "name": "Beispiel", "plz": "56812", "ort": "Cochem"}]}
PDF = render_page("Bescheid", ["Text"])


def test_review_names_recipient_channel_and_reasons(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    review = capture.dispatch.review(actor, make_draft(actor))
    assert review.is_ready
    assert review.recipient.behoerde == JENA
    assert review.recipient.auskunft is not None
    assert review.recipient.auskunft.sentences[-1] == "Zuständig ist: Stadt Jena."
    assert review.result is not None and review.result.route is not None
    assert review.result.route.destination.kind is DestinationKind.MAILBOX
    assert review.result.route.reader_mandant == reader.mandant.key


def test_review_of_an_unclear_address_offers_the_choice(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    debtor = {"art": "person", "name": "Beispiel", "plz": "07743", "ort": "Cochem"}
    draft = make_draft(actor, schuldner={"schuldner": [debtor]})
    unclear = capture.dispatch.review(actor, draft)
    assert not unclear.is_ready
    assert unclear.recipient.behoerde is None and unclear.recipient.problem
    chosen = capture.drafts.save(
        actor, draft.draft_id, Step.SENDEN, {"empfaenger": "xoev|ags:jena"}, draft.version
    )
    clear = capture.dispatch.review(actor, chosen)
    assert clear.recipient.behoerde == JENA and clear.recipient.is_chosen
    unknown = {"empfaenger": "andere", "kennung": "ags:nirgends"}
    nobody = capture.drafts.save(actor, draft.draft_id, Step.SENDEN, unknown, chosen.version)
    assert "ags:nirgends" in capture.dispatch.review(actor, nobody).recipient.problem


def test_sent_draft_is_a_message_with_its_attachments_and_gone(
    capture: Capture, database: Database, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    capture.attachments.add(actor, draft, "bescheid.pdf", BytesIO(PDF))
    found = capture.drafts.find(actor, draft.draft_id)
    assert found is not None
    receipt = capture.dispatch.send(actor, found, found.version)
    assert receipt.message_id == draft.message_id
    assert capture.drafts.find(actor, draft.draft_id) is None
    message = capture.dispatch.find_sent(actor, receipt.message_id)
    assert message is not None
    assert (message.state, message.reader_mandant) == (
        MessageState.DELIVERED,
        reader.mandant.key,
    )
    assert [part.kind for part in message.parts] == [PartKind.MESSAGE, PartKind.ATTACHMENT]
    with database.reading() as stores:
        newest = stores.audit.list_newest(actor.mandant_key, 1)
    assert [entry.action for _, entry in newest] == ["ersuchen-gesendet"]


def test_repeated_sending_stores_one_message(
    capture: Capture, database: Database, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    first = capture.dispatch.send(actor, draft, draft.version)
    again = capture.dispatch.send(actor, draft, draft.version)
    assert again == first
    with database.reading() as stores:
        assert stores.inbox.count_unread(reader.mandant.key, 10) == 1


def test_draft_that_was_changed_after_its_message_is_told_so(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft, clock: FixedClock
) -> None:
    draft = make_draft(actor)
    capture.dispatch.send(actor, draft, draft.version)
    clock.advance(days=2)
    with pytest.raises(NotReady) as refused:
        capture.dispatch.send(actor, draft, draft.version)
    result = refused.value.review.result
    assert result is not None
    assert "schon eine Nachricht geworden" in result.findings[0].text


def test_sending_another_version_than_the_reviewed_one_is_refused(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    with pytest.raises(DraftConflict):
        capture.dispatch.send(actor, draft, draft.version - 1)


def test_draft_with_gaps_is_not_sent(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor, schuldner={"aktenzeichen": ""})
    with pytest.raises(NotReady) as refused:
        capture.dispatch.send(actor, draft, draft.version)
    assert [item.field for item in refused.value.review.read.problems] == ["aktenzeichen"]
    assert capture.drafts.find(actor, draft.draft_id) == draft


def test_message_for_later_waits_and_is_withdrawn(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor, senden={"fruehestens_am": "1.12.2026"})
    receipt = capture.dispatch.send(actor, draft, draft.version)
    message = capture.dispatch.find_sent(actor, receipt.message_id)
    assert message is not None and message.state is MessageState.WAITING_FOR_DELIVERY
    capture.dispatch.withdraw(actor, message)
    withdrawn = capture.dispatch.find_sent(actor, receipt.message_id)
    assert withdrawn is not None and withdrawn.state is MessageState.CANCELLED


def test_message_without_time_cannot_be_withdrawn_and_is_seen_by_its_author_alone(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft, make_actor: MakeActor
) -> None:
    draft = make_draft(actor)
    receipt = capture.dispatch.send(actor, draft, draft.version)
    message = capture.dispatch.find_sent(actor, receipt.message_id)
    assert message is not None
    with pytest.raises(AmtshilfeError):
        capture.dispatch.withdraw(actor, message)
    assert capture.dispatch.find_sent(make_actor(reader, "jana"), receipt.message_id) is None


def test_preview_sets_the_letter_and_prints_nothing(
    capture: Capture, database: Database, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor, schuldner=TO_COCHEM)
    capture.attachments.add(actor, draft, "bescheid.pdf", BytesIO(PDF))
    found = capture.drafts.find(actor, draft.draft_id)
    assert found is not None
    review = capture.dispatch.review(actor, found)
    assert review.recipient.behoerde == COCHEM
    assert review.result is not None and review.result.route is not None
    assert review.result.route.kanal is Kanal.BRIEF
    pdf = capture.dispatch.draw_letter(review)
    assert pdf is not None and pdf.startswith(b"%PDF-")
    with database.reading() as stores:
        assert stores.messages.find(draft.message_id) is None
        assert stores.order_desk.list_of_message(draft.message_id) == ()


def test_changed_bank_details_wait_for_a_second_user(
    capture: Capture,
    author: Caller,
    reader: Caller,
    actor: Actor,
    make_draft: MakeDraft,
    make_actor: MakeActor,
) -> None:
    capture.releases.choose(actor, needs_release=True)
    other = make_actor(author, "ole")
    draft = make_draft(actor)
    review = capture.dispatch.review(actor, draft)
    assert review.release.is_missing and not review.release.may_release and not review.is_ready
    with pytest.raises(NotReady):
        capture.dispatch.send(actor, draft, draft.version)
    bank = review.read.bankverbindung
    with pytest.raises(ReleaseRefused):
        capture.releases.release(actor, draft, bank, draft.version)
    assert capture.dispatch.review(other, draft).release.may_release
    capture.releases.release(other, draft, bank, draft.version)
    released = capture.drafts.find(actor, draft.draft_id)
    assert released is not None
    assert capture.dispatch.review(actor, released).release.released_by == other.user.name
    capture.dispatch.send(actor, released, released.version)
    assert not capture.dispatch.review(actor, make_draft(actor)).release.is_missing


def test_release_ends_when_the_details_change_again(
    capture: Capture,
    author: Caller,
    reader: Caller,
    actor: Actor,
    make_draft: MakeDraft,
    make_actor: MakeActor,
) -> None:
    capture.releases.choose(actor, needs_release=True)
    draft = make_draft(actor)
    bank = capture.dispatch.review(actor, draft).read.bankverbindung
    capture.releases.release(make_actor(author, "ole"), draft, bank, draft.version)
    changed = {**draft.values_of(Step.FORDERUNGEN), "iban": "DE75 5121 0800 1245 1261 99"}
    saved = capture.drafts.save(actor, draft.draft_id, Step.FORDERUNGEN, changed, draft.version + 1)
    assert capture.dispatch.review(actor, saved).release.is_missing


def find_check(capture: Capture, actor: Actor, draft_id: str) -> DraftCheck:
    found = capture.drafts.find(actor, draft_id)
    assert found is not None
    return found.check


def test_check_tells_state_behoerde_and_channel_until_they_may_be_others(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    assert draft.check == DraftCheck()
    capture.dispatch.review(actor, draft)
    assert find_check(capture, actor, draft.draft_id) == DraftCheck()
    capture.dispatch.check(actor, draft)
    ready = DraftCheck(DraftState.READY, JENA.identifier, Kanal.ELEKTRONISCH)
    assert find_check(capture, actor, draft.draft_id) == ready
    assert draft.summary == make_draft(actor).summary

    typed = {**draft.values_of(Step.MASSNAHMEN), "bemerkung": "eilt"}
    saved = capture.drafts.save(actor, draft.draft_id, Step.MASSNAHMEN, typed, draft.version)
    assert saved.check == DraftCheck(DraftState.UNCHECKED, JENA.identifier, Kanal.ELEKTRONISCH)
    for step, values in (
        (Step.SCHULDNER, {**draft.values_of(Step.SCHULDNER), **TO_COCHEM}),
        (Step.FORDERUNGEN, {"forderungen": [{"einnahmeart": "bussgeld"}]}),
        (Step.SENDEN, {"empfaenger": "xoev|ags:cochem"}),
    ):
        other = make_draft(actor)
        capture.dispatch.check(actor, other)
        changed = capture.drafts.save(actor, other.draft_id, step, values, other.version)
        assert changed.check == DraftCheck(), step


def test_check_of_a_draft_with_gaps_or_to_a_letter_says_so(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    gaps = make_draft(actor, massnahmen={"massnahmen": []})
    capture.dispatch.check(actor, gaps)
    incomplete = DraftCheck(DraftState.INCOMPLETE, JENA.identifier)
    assert find_check(capture, actor, gaps.draft_id) == incomplete
    letter = make_draft(actor, schuldner=TO_COCHEM)
    capture.dispatch.check(actor, letter)
    found = find_check(capture, actor, letter.draft_id)
    assert (found.asked, found.kanal) == (COCHEM.identifier, Kanal.BRIEF)
    nowhere = make_draft(actor, schuldner={"schuldner": [{"art": "person", "name": "Beispiel"}]})
    capture.dispatch.check(actor, nowhere)
    assert find_check(capture, actor, nowhere.draft_id) == DraftCheck(DraftState.INCOMPLETE)


def test_check_of_new_bank_details_waits_for_the_release_and_is_doubted_with_what_is_known(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    def check(draft_id: str) -> DraftState:
        draft = capture.drafts.find(actor, draft_id)
        assert draft is not None
        capture.dispatch.check(actor, draft)
        return find_check(capture, actor, draft_id).state

    draft_id = make_draft(actor).draft_id
    assert check(draft_id) is DraftState.READY
    capture.releases.choose(actor, needs_release=True)
    assert find_check(capture, actor, draft_id).state is DraftState.UNCHECKED
    assert check(draft_id) is DraftState.WAITS_FOR_RELEASE
    capture.releases.register(actor, Bankverbindung("Stadtkasse Potsdam", "DE02120300000000202051"))
    assert find_check(capture, actor, draft_id).state is DraftState.UNCHECKED
    assert check(draft_id) is DraftState.READY
    (known,) = capture.releases.show(actor).known
    capture.releases.forget(actor, known.key)
    assert find_check(capture, actor, draft_id).state is DraftState.UNCHECKED


def test_registered_bank_details_need_no_release(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    capture.releases.choose(actor, needs_release=True)
    bank = Bankverbindung("Stadtkasse Potsdam", "DE02120300000000202051")
    capture.releases.register(actor, bank)
    capture.releases.register(actor, bank)
    (known,) = capture.releases.show(actor).known
    assert capture.dispatch.review(actor, make_draft(actor)).is_ready
    assert capture.releases.forget(actor, known.key)
    assert capture.dispatch.review(actor, make_draft(actor)).release.is_missing


def test_sent_message_is_copied_into_a_new_draft(
    capture: Capture, reader: Caller, actor: Actor, make_draft: MakeDraft
) -> None:
    draft = make_draft(actor)
    capture.attachments.add(actor, draft, "bescheid.pdf", BytesIO(PDF))
    found = capture.drafts.find(actor, draft.draft_id)
    assert found is not None
    before = capture.dispatch.review(actor, found)
    receipt = capture.dispatch.send(actor, found, found.version)
    message = capture.dispatch.find_sent(actor, receipt.message_id)
    assert message is not None
    copied = capture.drafts.find(actor, capture.refilling.copy(actor, message))
    assert copied is not None
    after = capture.dispatch.review(actor, copied)
    assert after.is_ready and after.ersuchen == before.ersuchen
    assert [item.filename for item in after.attachments] == ["bescheid.pdf"]
    assert before.ersuchen is not None
    assert write_content(before.ersuchen) == copied.content


def test_copied_bank_details_are_not_released_by_who_typed_them(
    capture: Capture,
    author: Caller,
    actor: Actor,
    make_draft: MakeDraft,
    make_actor: MakeActor,
) -> None:
    capture.releases.choose(actor, needs_release=True)
    other = make_actor(author, "ole")
    copied = capture.drafts.find(other, capture.drafts.copy(other, make_draft(actor).draft_id))
    assert copied is not None
    assert not capture.dispatch.review(actor, copied).release.may_release
    assert capture.dispatch.review(other, copied).release.may_release
