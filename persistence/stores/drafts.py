"""Drafts and their attachments, each of one Mandant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    insert,
    select,
    true,
    update,
)

from persistence.counting import count_rows
from persistence.draft_tables import draft, draft_attachment, draft_schuldner
from persistence.stores.json_text import as_text, read_json
from persistence.stores.list_pages import RARE, Sorting, belongs_to, restrict_days
from persistence.stores.party_values import find_party, list_parties
from persistence.stores.vorgang_terms import begins_by_code_points, fold_name, is_name_beginning
from persistence.types import read_new_key
from persistence.vorgang_tables import NAME_LENGTH
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.draft import (
    NOT_FOUND,
    BankRelease,
    Draft,
    DraftAttachment,
    DraftCheck,
    DraftCriteria,
    DraftListEntry,
    DraftOrder,
    DraftState,
    DraftSummary,
    NewDraft,
    is_test_content,
)
from server.domain.inbox import MAX_VORGAENGE, ListPlace

_COLUMNS = (
    draft.c.key,
    draft.c.draft_id,
    draft.c.title,
    draft.c.aktenzeichen,
    draft.c.changed,
    draft.c.changed_by,
    draft.c.state,
    draft.c.kanal,
    draft.c.asked_value,
    draft.c.asked_type,
    draft.c.asked_name,
    as_text(draft.c.content),
)


class DraftStore:
    """Reads and changes drafts; every question names the Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewDraft, moment: datetime) -> int:
        """Keeps a draft; its key."""
        values = {
            "draft_id": new.draft_id,
            "mandant_key": new.mandant_key,
            "is_template": new.is_template,
            "title": new.summary.title,
            "aktenzeichen": new.summary.aktenzeichen,
            "content": dict(new.content),
            "version": 1,
            "created": moment,
            "changed": moment,
            "changed_by": new.changed_by,
            "message_id": new.message_id,
            "bank_user": new.bank_user,
        }
        key = read_new_key(self._connection.execute(insert(draft).values(**values)))
        self.name_debtors(key, new.mandant_key, new.summary.schuldner_list)
        return key

    def name_debtors(self, key: int, mandant_key: int, names: Iterable[str]) -> None:
        """Enters the debtors of a draft into the index of names, in place of those before."""
        self._connection.execute(delete(draft_schuldner).where(draft_schuldner.c.draft_key == key))
        folded = {fold_name(name)[:NAME_LENGTH] for name in names} - {""}
        rows = [
            {"draft_key": key, "mandant_key": mandant_key, "name_folded": name}
            for name in sorted(folded)
        ]
        if rows:
            self._connection.execute(insert(draft_schuldner), rows)

    def find(self, mandant_key: int, draft_id: str) -> Draft | None:
        """The draft of a Mandant; None where it has none with this ID."""
        row = self._connection.execute(
            select(draft).where(draft.c.mandant_key == mandant_key, draft.c.draft_id == draft_id)
        ).one_or_none()
        return _to_draft(row) if row else None

    def list_page(
        self, mandant_key: int, criteria: DraftCriteria, place: ListPlace | None, maximum: int
    ) -> tuple[DraftListEntry, ...]:
        """At most so many behind the place, or before it, in the order of the list."""
        is_backward = place is not None and place.is_backward
        sorting = _sort(criteria.order, place, is_backward=is_backward)
        query = sorting.apply(self._restrict(mandant_key, criteria)).limit(maximum)
        rows = self._connection.execute(query).all()
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows))

    def has_many(self, mandant_key: int, schuldner: str) -> bool:
        """True where more drafts have such a debtor than are looked at."""
        found = _select_by_schuldner(mandant_key, schuldner, 1)
        return count_rows(self._connection, found) > MAX_VORGAENGE

    def _restrict(self, mandant_key: int, criteria: DraftCriteria) -> Select[Any]:
        few = self._find_few(mandant_key, criteria)
        query: Select[Any] = select(*_COLUMNS).where(
            belongs_to(draft.c.mandant_key, mandant_key, is_found_by_key=few is not None),
            draft.c.is_template.is_(criteria.is_template),
        )
        if few is not None:
            query = query.where(draft.c.key.in_(few))
        if criteria.term:
            query = query.where(begins_by_code_points(draft.c.aktenzeichen, criteria.term))
        if criteria.changed_by:
            query = query.where(draft.c.changed_by == criteria.changed_by)
        query = query.where(*_limit_to_check(criteria))
        return restrict_days(query, draft.c.changed, criteria.first_day, criteria.last_day)

    def _find_few(self, mandant_key: int, criteria: DraftCriteria) -> Select[Any] | None:
        """The keys of few drafts that are looked at without an index that has their order."""
        if criteria.schuldner:
            return _select_by_schuldner(mandant_key, criteria.schuldner)
        if criteria.state is None or criteria.order is not DraftOrder.AKTENZEICHEN:
            return None
        is_rare = self.count(mandant_key, RARE + 1, criteria.state) <= RARE
        return _select_in_state(mandant_key, criteria.state) if is_rare else None

    def count(self, mandant_key: int, maximum: int, state: DraftState | None = None) -> int:
        """How many drafts there are (in a state); `maximum` where there are as many or more."""
        is_meant = draft.c.state == state.value if state else true()
        return count_rows(self._connection, _select_listed(mandant_key).where(is_meant), maximum)

    def change(self, key: int, version: int, values: Mapping[str, Any]) -> bool:
        """Changes columns of the draft in this version; False where it is another by now."""
        result = self._connection.execute(
            update(draft)
            .where(draft.c.key == key, draft.c.version == version)
            .values(version=version + 1, **values)
        )
        return result.rowcount == 1

    def note_check(self, key: int, version: int, check: DraftCheck) -> None:
        """Keeps what was found of the draft in this version, which stays as it is."""
        self._connection.execute(
            update(draft)
            .where(draft.c.key == key, draft.c.version == version)
            .values(state=check.state.value, **write_findings(check))
        )

    def doubt(self, mandant_key: int, state: DraftState) -> None:
        """Makes the drafts of a Mandant in this state unchecked ones."""
        self._connection.execute(
            update(draft)
            .where(
                draft.c.mandant_key == mandant_key,
                draft.c.is_template.is_(False),
                draft.c.state == state.value,
            )
            .values(state=DraftState.UNCHECKED.value)
        )

    def list_asked(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """Whom drafts are for, as far as that is known, each once, in the order of their names."""
        owner, is_listed = draft.c.mandant_key, draft.c.is_template.is_(False)
        found = list_parties(self._connection, owner, mandant_key, "asked", is_listed)
        # Left out here: a second limit of the value would keep SQLite from leaping in the index.
        return tuple(party for party in found if party.value)

    def find_asked(self, mandant_key: int, value: str) -> PartyIdentifier | None:
        """Whom drafts are for under this identifier."""
        owner, is_listed = draft.c.mandant_key, draft.c.is_template.is_(False)
        return find_party(self._connection, owner, mandant_key, "asked", value, is_listed)

    def remove(self, key: int) -> None:
        """Removes a draft with its attachments."""
        for table in (draft_attachment, draft_schuldner):
            self._connection.execute(delete(table).where(table.c.draft_key == key))
        self._connection.execute(delete(draft).where(draft.c.key == key))

    def list_attachments(self, draft_key: int) -> tuple[DraftAttachment, ...]:
        """In the order in which they came."""
        rows = self._connection.execute(
            select(draft_attachment)
            .where(draft_attachment.c.draft_key == draft_key)
            .order_by(draft_attachment.c.key)
        )
        return tuple(
            DraftAttachment(
                row.key,
                row.filename,
                row.content_type,
                row.art,
                BlobRef(row.blob, row.size, row.sha256),
                row.hint,
            )
            for row in rows
        )

    def add_attachment(self, draft_key: int, new: DraftAttachment) -> int:
        """Adds an attachment, whatever its key says; the key it got."""
        result = self._connection.execute(
            insert(draft_attachment).values(
                draft_key=draft_key,
                filename=new.filename,
                content_type=new.content_type,
                art=new.art,
                hint=new.hint,
                blob=new.blob.name,
                size=new.blob.size,
                sha256=new.blob.sha256,
            )
        )
        return read_new_key(result)

    def set_attachment_art(self, draft_key: int, key: int, art: str) -> None:
        """Says what kind of document an attachment is."""
        self._connection.execute(
            update(draft_attachment)
            .where(draft_attachment.c.draft_key == draft_key, draft_attachment.c.key == key)
            .values(art=art)
        )

    def remove_attachment(self, draft_key: int, key: int) -> bool:
        """False where the draft has no such attachment."""
        result = self._connection.execute(
            delete(draft_attachment).where(
                draft_attachment.c.draft_key == draft_key, draft_attachment.c.key == key
            )
        )
        return result.rowcount == 1


def write_findings(check: DraftCheck) -> dict[str, str]:
    """Behoerde and channel as columns."""
    asked = check.asked
    return {
        "asked_value": asked.value if asked else "",
        "asked_type": asked.type if asked else "",
        "asked_name": asked.name if asked else "",
        "kanal": check.kanal.value if check.kanal else "",
    }


def _limit_to_check(criteria: DraftCriteria) -> Iterator[ColumnElement[bool]]:
    """What the last check must have found."""
    for column, value in (
        (draft.c.state, criteria.state and criteria.state.value),
        (draft.c.asked_value, criteria.asked),
        (draft.c.kanal, criteria.kanal),
    ):
        # Hidden beside a Behoerde: of each there are few drafts, and its index is to be walked.
        is_hidden = criteria.asked and column is not draft.c.asked_value
        if value:
            compared = column.concat("") if is_hidden else column
            yield compared == ("" if value == NOT_FOUND else value)


def _select_listed(mandant_key: int) -> Select[Any]:
    """The keys of the drafts of a Mandant."""
    return select(draft.c.key).where(
        draft.c.mandant_key == mandant_key, draft.c.is_template.is_(False)
    )


def _select_in_state(mandant_key: int, state: DraftState) -> Select[Any]:
    return _select_listed(mandant_key).where(draft.c.state == state.value)


def _select_by_schuldner(mandant_key: int, name: str, further: int = 0) -> Select[Any]:
    """The keys of drafts of which a debtor's name begins so; `further` ones above the limit."""
    return (
        select(draft_schuldner.c.draft_key)
        .where(
            draft_schuldner.c.mandant_key == mandant_key,
            is_name_beginning(draft_schuldner.c.name_folded, name),
        )
        .limit(MAX_VORGAENGE + further)
    )


def _sort(order: DraftOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns: list[Any] = [draft.c.changed, draft.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is DraftOrder.AKTENZEICHEN:
        columns.insert(0, draft.c.aktenzeichen)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is DraftOrder.NEWEST) is not is_backward)


def _to_draft(row: Row[Any]) -> Draft:
    return Draft(
        key=row.key,
        draft_id=row.draft_id,
        mandant_key=row.mandant_key,
        is_template=row.is_template,
        summary=DraftSummary(row.title, row.aktenzeichen),
        content=row.content,
        version=row.version,
        created=row.created,
        changed=row.changed,
        changed_by=row.changed_by,
        message_id=row.message_id,
        bank_user=row.bank_user,
        release=_to_release(row),
        check=_to_check(row),
    )


def _to_entry(row: Sequence[Any]) -> DraftListEntry:
    """By their places, in the order of _COLUMNS."""
    key, draft_id, title, aktenzeichen, changed, by, state, kanal, *asked, content = row
    return DraftListEntry(
        key,
        draft_id,
        title,
        aktenzeichen,
        changed,
        by,
        DraftState(state),
        PartyIdentifier(*asked) if asked[0] else None,
        Kanal(kanal) if kanal else None,
        is_test_content(read_json(content)),
    )


def _to_check(row: Row[Any]) -> DraftCheck:
    value, kind, name = row.asked_value, row.asked_type, row.asked_name
    return DraftCheck(
        DraftState(row.state),
        PartyIdentifier(value, kind, name) if value else None,
        Kanal(row.kanal) if row.kanal else None,
    )


def _to_release(row: Row[Any]) -> BankRelease | None:
    if row.release_user is None or row.release_moment is None:
        return None
    return BankRelease(row.release_user, row.release_name, row.release_moment, row.release_details)
