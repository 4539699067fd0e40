"""Drafts and known bank details in their tables: own Mandant, versions, pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import InlineContent
from server.domain.draft import (
    NOT_FOUND,
    DraftAttachment,
    DraftCheck,
    DraftCriteria,
    DraftOrder,
    DraftState,
    DraftSummary,
    NewDraft,
)
from server.domain.ersuchen import Bankverbindung
from server.domain.inbox import ListPlace
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import NewUser
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

BANK = Bankverbindung("Stadt Potsdam", "DE02120300000000202051")


@pytest.fixture
def user(database: Database, author: Caller, clock: FixedClock) -> int:
    new = NewUser("eva", "Eva Ahorn", "eva@behoerde.example", Role.MANAGER, author.mandant.key)
    with database.writing() as stores:
        return stores.web_users.add(new, "x", clock())


def add_draft(
    database: Database, caller: Caller, user: int, clock: FixedClock, draft_id: str
) -> int:
    new = NewDraft(
        draft_id,
        caller.mandant.key,
        False,
        f"urn:x:{draft_id}",
        "Eva Ahorn",
        user,
        DraftSummary("Beispiel, Erika", "VS-1"),
        {"schuldner": {"schuldner": [{"name": "Grüße"}]}},
    )
    with database.writing() as stores:
        return stores.drafts.add(new, clock())


def test_draft_is_found_by_its_own_mandant_alone(
    database: Database, author: Caller, reader: Caller, user: int, clock: FixedClock
) -> None:
    add_draft(database, author, user, clock, "eins")
    with database.reading() as stores:
        found = stores.drafts.find(author.mandant.key, "eins")
        assert stores.drafts.find(reader.mandant.key, "eins") is None
    assert found is not None
    assert found.content == {"schuldner": {"schuldner": [{"name": "Grüße"}]}}
    assert (found.version, found.changed, found.changed_by) == (1, clock.now, "Eva Ahorn")
    assert (found.summary.title, found.bank_user, found.release) == ("Beispiel, Erika", user, None)


def test_change_of_an_older_version_changes_nothing(
    database: Database, author: Caller, user: int, clock: FixedClock
) -> None:
    key = add_draft(database, author, user, clock, "eins")
    with database.writing() as stores:
        assert stores.drafts.change(key, 1, {"title": "neu"})
        assert not stores.drafts.change(key, 1, {"title": "von gestern"})
    with database.reading() as stores:
        found = stores.drafts.find(author.mandant.key, "eins")
    assert found is not None
    assert (found.version, found.summary.title) == (2, "neu")


def test_list_pages_follow_one_another(
    database: Database, author: Caller, reader: Caller, user: int, clock: FixedClock
) -> None:
    for number in range(5):
        add_draft(database, author, user, clock, f"nr-{number}")
        clock.advance(minutes=number % 2)
    drafts, templates = DraftCriteria(), DraftCriteria(is_template=True)
    with database.reading() as stores:
        first = stores.drafts.list_page(author.mandant.key, drafts, None, 3)
        place = ListPlace("", first[-1].changed, first[-1].key)
        second = stores.drafts.list_page(author.mandant.key, drafts, place, 3)
        back = ListPlace("", second[0].changed, second[0].key, is_backward=True)
        assert stores.drafts.list_page(author.mandant.key, drafts, back, 3) == first
        assert stores.drafts.list_page(author.mandant.key, templates, None, 3) == ()
        assert stores.drafts.list_page(reader.mandant.key, drafts, None, 3) == ()
    assert [item.draft_id for item in (*first, *second)] == [
        f"nr-{number}" for number in (4, 3, 2, 1, 0)
    ]


@pytest.fixture
def found(
    database: Database, author: Caller, reader: Caller, user: int, clock: FixedClock
) -> Callable[..., list[str]]:
    """Asks for drafts of the author, by criteria; the other side has one of each, too."""
    for name, aktenzeichen, by in (
        ("Große, Ida", "VS-20", "Eva Ahorn"),
        ("Grosse, Ole", "VS-1", "Ole Buche"),
        ("Muster Wein GmbH", "KA-3", "Eva Ahorn"),
    ):
        for caller in (author, reader):
            summary = DraftSummary(name, aktenzeichen, (name, "Linde, Marta"))
            draft_id = f"{aktenzeichen}-{caller.mandant.key}"
            key, own = caller.mandant.key, f"urn:x:{draft_id}"
            new = NewDraft(draft_id, key, False, own, by, user, summary)
            with database.writing() as stores:
                stores.drafts.add(new, clock())
        clock.advance(days=1)

    def ask(**criteria: Any) -> list[str]:
        with database.reading() as stores:
            asked = DraftCriteria(**criteria)
            rows = stores.drafts.list_page(author.mandant.key, asked, None, 10)
        assert all(item.draft_id.endswith(f"-{author.mandant.key}") for item in rows)
        return [item.aktenzeichen for item in rows]

    return ask


def test_list_is_limited_and_sorted(found: Callable[..., list[str]], clock: FixedClock) -> None:
    assert found() == ["KA-3", "VS-1", "VS-20"]
    assert found(order=DraftOrder.OLDEST) == ["VS-20", "VS-1", "KA-3"]
    assert found(order=DraftOrder.AKTENZEICHEN) == ["KA-3", "VS-1", "VS-20"]
    assert found(term="VS-") == ["VS-1", "VS-20"]
    assert found(term="%") == []
    assert found(schuldner="GROSSE") == ["VS-1", "VS-20"]
    assert found(schuldner="linde", term="KA") == ["KA-3"]
    assert found(schuldner="Ida") == []
    assert found(changed_by="Eva Ahorn") == ["KA-3", "VS-20"]
    yesterday = (clock.now - timedelta(days=1)).date()
    assert found(first_day=yesterday) == ["KA-3"]
    assert found(last_day=yesterday - timedelta(days=1)) == ["VS-1", "VS-20"]


def test_list_is_limited_by_what_the_last_check_found(
    database: Database, author: Caller, reader: Caller, found: Callable[..., list[str]]
) -> None:
    jena, weimar = PartyIdentifier("ags:2", "xoev", "Jena"), PartyIdentifier("ags:1", "x", "Weimar")
    checks = {
        "VS-20": DraftCheck(DraftState.READY, jena, Kanal.BRIEF),
        "VS-1": DraftCheck(DraftState.INCOMPLETE, weimar),
    }
    note_checks(database, author, checks)
    note_checks(database, reader, {"KA-3": DraftCheck(DraftState.READY, weimar, Kanal.BRIEF)})
    assert found(state=DraftState.READY) == ["VS-20"]
    assert found(state=DraftState.UNCHECKED) == ["KA-3"]
    assert found(asked="ags:1") == ["VS-1"]
    assert found(asked=NOT_FOUND) == ["KA-3"]
    assert found(kanal=Kanal.BRIEF.value) == ["VS-20"]
    assert found(kanal=NOT_FOUND) == ["KA-3", "VS-1"]
    assert found(kanal=NOT_FOUND, asked="ags:1", order=DraftOrder.AKTENZEICHEN) == ["VS-1"]
    with database.reading() as stores:
        assert stores.drafts.list_asked(author.mandant.key) == (jena, weimar)
        assert stores.drafts.list_asked(reader.mandant.key) == (weimar,)
        draft = stores.drafts.find(author.mandant.key, f"VS-20-{author.mandant.key}")
    assert draft is not None and (draft.check, draft.version) == (checks["VS-20"], 1)


def test_check_of_an_older_version_is_not_kept(
    database: Database, author: Caller, user: int, clock: FixedClock
) -> None:
    key = add_draft(database, author, user, clock, "eins")
    with database.writing() as stores:
        stores.drafts.change(key, 1, {"title": "neu"})
        stores.drafts.note_check(key, 1, DraftCheck(DraftState.READY))
        draft = stores.drafts.find(author.mandant.key, "eins")
    assert draft is not None and draft.check == DraftCheck()


def test_doubted_state_becomes_unchecked_for_one_mandant(
    database: Database, author: Caller, reader: Caller, found: Callable[..., list[str]]
) -> None:
    ready = {"VS-20": DraftCheck(DraftState.READY), "VS-1": DraftCheck(DraftState.INCOMPLETE)}
    note_checks(database, author, ready)
    with database.writing() as stores:
        stores.drafts.doubt(reader.mandant.key, DraftState.READY)
    assert found(state=DraftState.READY) == ["VS-20"]
    with database.writing() as stores:
        stores.drafts.doubt(author.mandant.key, DraftState.READY)
    assert found(state=DraftState.READY) == []
    assert found(state=DraftState.INCOMPLETE) == ["VS-1"]


def note_checks(database: Database, caller: Caller, checks: dict[str, DraftCheck]) -> None:
    """By the Aktenzeichen of drafts."""
    mandant = caller.mandant.key
    with database.writing() as stores:
        for name, check in checks.items():
            draft = stores.drafts.find(mandant, f"{name}-{mandant}")
            assert draft is not None
            stores.drafts.note_check(draft.key, draft.version, check)


def test_debtors_follow_what_was_typed_and_go_with_the_draft(
    database: Database, author: Caller, found: Callable[..., list[str]]
) -> None:
    mandant = author.mandant.key
    with database.writing() as stores:
        draft = stores.drafts.find(mandant, f"VS-1-{mandant}")
        assert draft is not None
        stores.drafts.name_debtors(draft.key, mandant, ["Neu, Nora", "neu,  NORA", ""])
    assert found(schuldner="grosse") == ["VS-20"]
    assert found(schuldner="neu, n") == ["VS-1"]
    with database.writing() as stores:
        stores.drafts.remove(draft.key)
    assert found(schuldner="neu") == []
    with database.reading() as stores:
        assert not stores.drafts.has_many(mandant, "l")


def test_attachments_are_named_for_the_sweep_until_the_draft_goes(
    database: Database, blobs: FolderBlobs, author: Caller, user: int, clock: FixedClock
) -> None:
    key = add_draft(database, author, user, clock, "eins")
    ref = blobs.keep(InlineContent(b"Inhalt"))
    new = DraftAttachment(0, "a.pdf", "application/pdf", "bescheid", ref)
    with database.writing() as stores:
        attachment = stores.drafts.add_attachment(key, new)
        stores.drafts.set_attachment_art(key, attachment, "vollmacht")
    with database.reading() as stores:
        (found,) = stores.drafts.list_attachments(key)
        assert stores.blobs.find_named([ref.name]) == {ref.name}
    assert (found.key, found.art, found.blob) == (attachment, "vollmacht", ref)
    with database.writing() as stores:
        assert not stores.drafts.remove_attachment(key + 1, attachment)
        stores.drafts.remove(key)
    with database.reading() as stores:
        assert stores.blobs.find_named([ref.name]) == set()
        assert stores.drafts.find(author.mandant.key, "eins") is None


def test_bank_details_are_those_of_one_mandant(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    with database.writing() as stores:
        assert not stores.bank_details.needs_release(author.mandant.key)
        stores.bank_details.set_release(author.mandant.key, True)
        stores.bank_details.add(author.mandant.key, BANK, clock(), "Eva Ahorn")
    with database.writing() as stores:
        assert stores.bank_details.needs_release(author.mandant.key)
        assert not stores.bank_details.needs_release(reader.mandant.key)
        (known,) = stores.bank_details.list_known(author.mandant.key)
        assert (known.bank, known.since, known.told_by) == (BANK, clock.now, "Eva Ahorn")
        assert not stores.bank_details.remove(reader.mandant.key, known.key)
        assert stores.bank_details.remove(author.mandant.key, known.key)
        stores.bank_details.set_release(author.mandant.key, False)
        assert not stores.bank_details.needs_release(author.mandant.key)
