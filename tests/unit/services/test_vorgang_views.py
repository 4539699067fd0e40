"""A Vorgang of hundreds of messages: shown part by part, by a fixed number of statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from persistence.database import Database
from persistence.engine import begin_writing
from persistence.vorgang_tables import vorgang, vorgang_entry
from server.domain.content import BlobRef
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.rights import Role
from server.domain.stored_message import ContentPart, PartKind
from server.domain.vorgang import CoursePlace, VorgangDirection
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.domain.vorgang_list import MAX_OVERDUE, OverdueSide, VorgangListCriteria
from server.domain.web_user import Actor, WebUser
from server.services.message_events import record_event
from server.services.vorgang_views import COURSE_STEPS, VorgangPage, VorgangViews
from tests.support.web import WebSite, make_site
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message

pytestmark = pytest.mark.both_databases

MANY = 2 * COURSE_STEPS + 20
VORGANG_ID = "urn:v"


@pytest.fixture
def views(database: Database, clock: FixedClock) -> VorgangViews:
    return VorgangViews(database, clock, 14)


@pytest.fixture
def actor(author: Caller) -> Actor:
    role, key = Role.SACHBEARBEITER, author.mandant.key
    user = WebUser(1, "eva", "Eva Ahorn", "eva@behoerde.example", role, key)
    return Actor(user, author.mandant)


@pytest.fixture
def write(
    database: Database, clock: FixedClock, author: Caller, reader: Caller
) -> Callable[[int], None]:
    """Makes a Vorgang of so many messages of the author, each with a document."""

    def write(number: int) -> None:
        facts = VorgangFacts(VorgangEvent.ERSUCHEN, aktenzeichen="K 1")
        for position in range(number):
            clock.advance(minutes=1)
            blob = BlobRef(f"{position:032}", 5, "a" * 64)
            name = {"filename": f"Bescheid-{position}.pdf"}
            part = ContentPart(PartKind.ATTACHMENT, blob, name)
            new = replace(
                new_message(author, reader, f"urn:x:{position}"), parts=(part,), facts=facts
            )
            with database.writing() as stores:
                key = stores.messages.add(new, clock())
                stored = stores.messages.find_for_change(key)
                assert stored is not None
                record_event(stores, stored, MessageEvent.SENT_TO_MAILBOX, clock())
        gather(database, author.mandant.key)

    return write


def gather(database: Database, mandant_key: int) -> None:
    """Puts all messages into one Vorgang with a name that is known."""
    with begin_writing(database.engine) as connection:
        own = select(vorgang.c.key).where(vorgang.c.mandant_key == mandant_key)
        first = connection.scalars(own.order_by(vorgang.c.key)).first()
        connection.execute(
            vorgang.update().where(vorgang.c.key == first).values(vorgang_id=VORGANG_ID)
        )
        lines = vorgang_entry.c.vorgang_key.in_(own)
        connection.execute(vorgang_entry.update().where(lines).values(vorgang_key=first))


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def show(views: VorgangViews, actor: Actor, place: CoursePlace | None = None) -> VorgangPage:
    page = views.show(actor, VORGANG_ID, place or CoursePlace())
    assert page is not None
    return page


def test_course_of_many_messages_is_shown_part_by_part(
    views: VorgangViews, actor: Actor, write: Callable[[int], None]
) -> None:
    write(MANY)
    parts = [show(views, actor)]
    while parts[-1].before:
        parts.append(show(views, actor, CoursePlace(parts[-1].before)))
    assert [len(part.course) for part in parts[:-1]] == [COURSE_STEPS] * (len(parts) - 1)
    assert parts[0].after is None
    moments = [step.entry.moment for part in reversed(parts) for step in part.course]
    assert moments == sorted(moments)
    messages = [
        step.entry.message_key
        for part in parts
        for step in part.course
        if step.entry.direction is not VorgangDirection.SYSTEM
    ]
    assert len(messages) == len(set(messages)) == MANY
    documents = [item.filename for part in parts for item in part.documents]
    assert set(documents) == {f"Bescheid-{position}.pdf" for position in range(MANY)}
    # And the other way round.
    again, after = [parts[-1]], parts[-1].after
    while after:
        again.append(show(views, actor, CoursePlace(after, is_backward=False)))
        after = again[-1].after
    assert [step for part in again for step in part.course] == [
        step for part in reversed(parts) for step in part.course
    ]


def test_number_of_statements_does_not_grow_with_the_course(
    database: Database, views: VorgangViews, actor: Actor, write: Callable[[int], None]
) -> None:
    write(2)
    with counted_statements(database) as few:
        show(views, actor)
    with begin_writing(database.engine) as connection:
        shown = select(vorgang.c.key).where(vorgang.c.vorgang_id == VORGANG_ID).scalar_subquery()
        lines = select(vorgang_entry).where(vorgang_entry.c.vorgang_key == shown)
        line = connection.execute(lines.limit(1)).mappings().one()
        copies = [{**line, "key": 1_000 + number} for number in range(500)]
        connection.execute(insert(vorgang_entry), copies)
    with counted_statements(database) as many:
        page = show(views, actor)
    assert len(page.course) == COURSE_STEPS
    assert len(many) == len(few)


def test_place_behind_everything_shows_nothing(
    views: VorgangViews, actor: Actor, write: Callable[[int], None]
) -> None:
    write(1)
    assert show(views, actor, CoursePlace(999_999, is_backward=False)).course == ()


def test_page_of_a_long_course_leads_to_its_other_parts(
    database: Database, clock: FixedClock, author: Caller, write: Callable[[int], None]
) -> None:
    write(COURSE_STEPS + 5)
    site: WebSite = make_site(database, clock)
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    page = browser.get(f"/vorgaenge/{VORGANG_ID}").text
    assert "Frühere Einträge" in page
    assert "Spätere Einträge" not in page
    assert "Bescheid-0.pdf" not in page
    with database.reading() as stores:
        found = stores.vorgang_lists.find(author.mandant.key, VORGANG_ID)
        assert found is not None
        last = stores.vorgaenge.list_entries([found.key])[found.key]
    assert len(last) > COURSE_STEPS
    first = browser.get(f"/vorgaenge/{VORGANG_ID}?ab=0&bis=x")
    assert first.status_code == 200
    place = page.split("bis=")[1].split("#")[0]
    earlier = browser.get(f"/vorgaenge/{VORGANG_ID}?bis={place}").text
    assert "Bescheid-0.pdf" in earlier
    assert "Spätere Einträge" in earlier


def test_overdue_answers_are_those_that_are_missing_longest(
    database: Database,
    views: VorgangViews,
    actor: Actor,
    clock: FixedClock,
    write: Callable[[int], None],
) -> None:
    write(1)
    with begin_writing(database.engine) as connection:
        line = connection.execute(
            select(vorgang).where(vorgang.c.vorgang_id == VORGANG_ID)
        ).mappings()
        sample = line.one()
        connection.execute(
            insert(vorgang),
            [
                {
                    **sample,
                    "key": 1_000 + number,
                    "vorgang_id": f"urn:v:{number}",
                    "rolle": "ersuchender",
                    "answer_owed_by": "ersuchter",
                    "answer_is_stated": True,
                    "answer_day": (clock() - timedelta(days=5_000 - number)).date(),
                }
                for number in range(MAX_OVERDUE + 5)
            ],
        )
    page = views.list_page(actor, VorgangListCriteria(overdue=OverdueSide.PARTNER))
    assert page.are_more_overdue
    # Changed at the same moment: the highest keys come first, but not those above the limit.
    assert page.entries[0].key == 1_000 + MAX_OVERDUE - 1
    own = views.list_page(actor, VorgangListCriteria(overdue=OverdueSide.OWN))
    assert (own.entries, own.are_more_overdue) == ((), False)
    everything = views.list_page(actor, VorgangListCriteria(overdue=OverdueSide.ANY))
    assert everything.are_more_overdue
