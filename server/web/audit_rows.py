"""The rows of the audit, each in one piece (see rows)."""

from collections.abc import Iterable, Mapping
from html import escape

from markupsafe import Markup

from server.domain.web_user import AuditEntry
from server.web import texts
from server.web.row_parts import CELL, END, ROW, write_muted, write_time


def write_audit_rows(entries: Iterable[AuditEntry], mandanten: Mapping[int, str] | None) -> Markup:
    """Rows of changes; where `mandanten` are given (names by keys), with the one of each."""
    rows = "".join(_write_row(entry, mandanten) for entry in entries)
    return Markup(rows)  # noqa: S704 -- escaped below


def _write_row(entry: AuditEntry, mandanten: Mapping[int, str] | None) -> str:
    whose = ""
    if mandanten is not None:
        name = mandanten.get(entry.mandant_key, "–") if entry.mandant_key else "–"
        whose = f"{CELL}{escape(name)}</td>"
    return (
        f"{ROW}{CELL}{write_time(entry.moment)}</td>{CELL}{escape(entry.actor)}</td>{whose}"
        f"{CELL}{escape(texts.write_action(entry.action))}"
        f"{write_muted(entry.text) if entry.text else ''}</td>"
        f'<td class="kern-table__cell da-lang">{escape(entry.subject)}{END}'
    )
