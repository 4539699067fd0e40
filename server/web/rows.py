"""The rows of the large lists, each in one piece: drawn by macros they cost most of a page.

Texts are escaped where they are put in; the rest is markup of ours.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from markupsafe import Markup

from server.domain.behoerde import Kanal
from server.domain.inbox import InboxEntry
from server.domain.outbox import OutboxEntry
from server.domain.vorgang_list import VorgangListEntry
from server.web import texts
from server.web.row_parts import (
    CELL,
    END,
    NUMBER_CELL,
    ROW,
    TEST_BADGE,
    write_address,
    write_badge,
    write_link,
    write_muted,
    write_side,
    write_time,
)

_BY_LETTER = write_muted("als Brief")
_UNREAD_ROW = '<tr class="kern-table__row da-ungelesen">'


def write_inbox_rows(entries: Iterable[InboxEntry]) -> Markup:
    """Rows of the inbox."""
    return _join(_write_inbox_row(entry) for entry in entries)


def write_outbox_rows(entries: Iterable[OutboxEntry], now: datetime) -> Markup:
    """Rows of the outbox."""
    return _join(_write_outbox_row(entry, now) for entry in entries)


def write_vorgang_rows(entries: Iterable[VorgangListEntry]) -> Markup:
    """Rows of the list of matters."""
    return _join(_write_vorgang_row(entry) for entry in entries)


def _join(rows: Iterable[str]) -> Markup:
    return Markup("".join(rows))  # noqa: S704 -- escaped below


def _write_inbox_row(entry: InboxEntry) -> str:
    word, kind = texts.name_reader_state(entry.state)
    marks = write_badge(kind, word)
    if entry.overdue_since:
        since = texts.write_day(entry.overdue_since)
        marks += f" {write_badge('danger', f'überfällig seit {since}')}"
    if entry.is_test:
        marks += TEST_BADGE
    own = write_muted(f"eigenes: {entry.own_aktenzeichen}") if entry.own_aktenzeichen else ""
    return (
        f"{_UNREAD_ROW if entry.is_unread else ROW}{CELL}{marks}</td>"
        f"{CELL}{write_time(entry.delivery)}</td>{CELL}{write_side(entry.author)}</td>"
        f"{CELL}{_link_message(entry.key, texts.name_event(entry.event))}</td>"
        f"{CELL}{escape(entry.schuldner) or '–'}</td>"
        f"{CELL}{_name_vorgang(entry.vorgang_id, entry.aktenzeichen)}{own}</td>"
        f"{NUMBER_CELL}{texts.write_size(entry.size)}{END}"
    )


def _write_outbox_row(entry: OutboxEntry, now: datetime) -> str:
    word, kind = texts.name_author_state(entry.state)
    marks = write_badge(kind, word)
    if entry.may_be_withdrawn(now):
        marks += f" {write_badge('info', f'ab {texts.write_moment(entry.not_before)}')}"
    if entry.overdue_since:
        since = texts.write_day(entry.overdue_since)
        marks += f" {write_badge('danger', f'Antwort überfällig seit {since}')}"
    if entry.is_test:
        marks += TEST_BADGE
    return (
        f"{ROW}{CELL}{marks}</td>"
        f"{CELL}{write_time(entry.sent)}</td>{CELL}{write_side(entry.reader)}</td>"
        f"{CELL}{texts.name_kanal(entry.kanal)}</td>"
        f"{CELL}{_link_message(entry.key, texts.name_event(entry.event))}</td>"
        f"{CELL}{escape(entry.schuldner) or '–'}</td>"
        f"{CELL}{_name_vorgang(entry.vorgang_id, entry.aktenzeichen)}{END}"
    )


def _write_vorgang_row(entry: VorgangListEntry) -> str:
    word, kind = texts.name_vorgang_state(entry.state)
    marks = write_badge(kind, word)
    if entry.overdue_since:
        whose = "eigene" if entry.owes_answer else "fremde"
        since = texts.write_day(entry.overdue_since)
        marks += f" {write_badge('danger', f'{whose} Antwort überfällig seit {since}')}"
    if entry.is_unread:
        marks += f" {write_badge('info', 'ungelesen')}"
    if entry.is_test:
        marks += TEST_BADGE
    foreign = entry.partner_aktenzeichen
    own = entry.own_aktenzeichen or "ohne eigenes Zeichen"
    return (
        f"{_UNREAD_ROW if entry.is_unread else ROW}{CELL}{_link_vorgang(entry.vorgang_id, own)}"
        f"{write_muted(f'fremdes: {foreign}') if foreign else ''}</td>"
        f"{CELL}{marks}</td>{CELL}{escape(entry.schuldner) or '–'}</td>"
        f"{CELL}{write_side(entry.partner)}{_BY_LETTER if entry.kanal is Kanal.BRIEF else ''}</td>"
        f"{CELL}{texts.name_rolle(entry.rolle)}</td>{CELL}{write_time(entry.changed)}{END}"
    )


def _name_vorgang(vorgang_id: str, aktenzeichen: str) -> str:
    """The Aktenzeichen of a message, as a link where it has a matter."""
    if vorgang_id:
        return _link_vorgang(vorgang_id, aktenzeichen or "ohne")
    return escape(aktenzeichen) or "–"


def _link_vorgang(vorgang_id: str, text: str) -> str:
    return write_link(write_address("vorgaenge.show_vorgang", "vorgang_id", vorgang_id), text)


def _link_message(key: int, text: str) -> str:
    return write_link(write_address("messages.show_message", "key", key), text)
