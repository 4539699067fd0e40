"""The rows of the large lists, each in one piece: drawn by macros they cost most of a page.

Texts are escaped where they are put in; the rest is markup of ours.
"""

from collections.abc import Iterable
from datetime import datetime

from markupsafe import Markup, escape

from server.domain.inbox import InboxEntry
from server.domain.outbox import OutboxEntry
from server.domain.vorgang_list import VorgangListEntry
from server.web import texts
from server.web.row_parts import write_address, write_badge, write_muted, write_side, write_time

_CELL = '<td class="kern-table__cell">'
_LINK = '<a class="kern-link kern-link--small" href="'
_TEST = ("warning", "Test")
# Marks of one cell may stand below one another.
_GAP = " "


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
    marks = [write_badge(kind, word)]
    if entry.overdue_since:
        since = texts.write_day(entry.overdue_since)
        marks.append(write_badge("danger", f"überfällig seit {since}"))
    if entry.is_test:
        marks.append(write_badge(*_TEST))
    own = write_muted(f"eigenes: {entry.own_aktenzeichen}") if entry.own_aktenzeichen else ""
    return (
        f'<tr class="kern-table__row{" da-ungelesen" if entry.is_unread else ""}">'
        f"{_CELL}{_GAP.join(marks)}</td>{_CELL}{write_time(entry.delivery)}</td>"
        f"{_CELL}{write_side(entry.author)}</td>"
        f"{_CELL}{_link_message(entry.key, texts.name_event(entry.event))}</td>"
        f"{_CELL}{escape(entry.schuldner or '–')}</td>"
        f"{_CELL}{_name_vorgang(entry.vorgang_id, entry.aktenzeichen)}{own}</td>"
        f'<td class="kern-table__cell kern-table__cell--numeric">{texts.write_size(entry.size)}'
        "</td></tr>\n"
    )


def _write_outbox_row(entry: OutboxEntry, now: datetime) -> str:
    word, kind = texts.name_author_state(entry.state)
    marks = [write_badge(kind, word)]
    if entry.may_be_withdrawn(now):
        marks.append(write_badge("info", f"ab {texts.write_moment(entry.not_before)}"))
    if entry.overdue_since:
        since = texts.write_day(entry.overdue_since)
        marks.append(write_badge("danger", f"Antwort überfällig seit {since}"))
    if entry.is_test:
        marks.append(write_badge(*_TEST))
    return (
        f'<tr class="kern-table__row">{_CELL}{_GAP.join(marks)}</td>'
        f"{_CELL}{write_time(entry.sent)}</td>{_CELL}{write_side(entry.reader)}</td>"
        f"{_CELL}{texts.name_kanal(entry.kanal)}</td>"
        f"{_CELL}{_link_message(entry.key, texts.name_event(entry.event))}</td>"
        f"{_CELL}{escape(entry.schuldner or '–')}</td>"
        f"{_CELL}{_name_vorgang(entry.vorgang_id, entry.aktenzeichen)}</td></tr>\n"
    )


def _write_vorgang_row(entry: VorgangListEntry) -> str:
    vorgang = entry.vorgang
    word, kind = texts.name_vorgang_state(vorgang.state)
    marks = [write_badge(kind, word)]
    if entry.overdue_since:
        whose = "eigene" if entry.owes_answer else "fremde"
        since = texts.write_day(entry.overdue_since)
        marks.append(write_badge("danger", f"{whose} Antwort überfällig seit {since}"))
    if vorgang.is_test:
        marks.append(write_badge(*_TEST))
    foreign = vorgang.partner_aktenzeichen
    own = vorgang.own_aktenzeichen or "ohne eigenes Zeichen"
    return (
        f'<tr class="kern-table__row">{_CELL}{_link_vorgang(vorgang.vorgang_id, own)}'
        f"{write_muted(f'fremdes: {foreign}') if foreign else ''}</td>"
        f"{_CELL}{_GAP.join(marks)}</td>"
        f"{_CELL}{escape('; '.join(vorgang.schuldner_list) or '–')}</td>"
        f"{_CELL}{write_side(vorgang.partner)}</td>{_CELL}{texts.name_rolle(vorgang.rolle)}</td>"
        f"{_CELL}{write_time(vorgang.changed)}</td></tr>\n"
    )


def _name_vorgang(vorgang_id: str, aktenzeichen: str) -> str:
    """The Aktenzeichen of a message, as a link where it has a matter."""
    if vorgang_id:
        return _link_vorgang(vorgang_id, aktenzeichen or "ohne")
    return escape(aktenzeichen or "–")


def _link_vorgang(vorgang_id: str, text: str) -> str:
    address = write_address("vorgaenge.show_vorgang", "vorgang_id", vorgang_id)
    return f'{_LINK}{address}">{escape(text)}</a>'


def _link_message(key: int, text: str) -> str:
    return f'{_LINK}{write_address("messages.show_message", "key", key)}">{escape(text)}</a>'
