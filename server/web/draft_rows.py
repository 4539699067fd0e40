"""The rows of drafts and templates, each in one piece (see rows)."""

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from server.domain.draft import DraftListEntry
from server.domain.rights import Permission
from server.domain.web_user import Actor
from server.web import texts
from server.web.row_parts import (
    CELL,
    END,
    ROW,
    TEST_BADGE,
    write_address,
    write_badge,
    write_muted,
    write_side,
)

_BUTTON = 'class="kern-btn kern-btn--tertiary kern-btn--x-small"'
_BUTTONS = f'{CELL}<div class="da-knopfreihe">'


def write_draft_rows(drafts: Iterable[DraftListEntry], actor: Actor, token: str) -> Markup:
    """Rows of drafts with what the actor may do; `token` is the hidden field of forms."""
    may_write = actor.may(Permission.WRITE_DRAFTS)
    may_make_templates = actor.may(Permission.CHANGE_TEMPLATES)
    rows = "".join(_write_draft(draft, token, may_write, may_make_templates) for draft in drafts)
    return Markup(rows)  # noqa: S704 -- escaped below


def write_template_rows(templates: Iterable[DraftListEntry], actor: Actor, token: str) -> Markup:
    """Rows of templates, likewise."""
    may_use = actor.may(Permission.USE_TEMPLATES)
    may_change = actor.may(Permission.CHANGE_TEMPLATES)
    rows = "".join(_write_template(item, token, may_use, may_change) for item in templates)
    return Markup(rows)  # noqa: S704 -- escaped below


def _write_draft(
    draft: DraftListEntry, token: str, may_write: bool, may_make_templates: bool
) -> str:
    word, kind = texts.name_draft_state(draft.state)
    title, key = escape(draft.title) or "ohne Namen", draft.draft_id
    buttons = ""
    if may_write:
        buttons += _write_form("drafts.copy_draft", "Kopieren", key, title, token)
        buttons += _write_button("drafts.ask_before_removing_draft", "Löschen", key, title)
    if may_make_templates:
        buttons += _write_form("drafts.make_template", "Als Vorlage", key, title, token)
    return (
        f"{ROW}{CELL}{write_badge(kind, word)}{TEST_BADGE if draft.is_test else ''}</td>"
        f'{CELL}<a class="kern-link" href="{_find_address(key, may_write)}">{title}</a></td>'
        f"{CELL}{escape(draft.aktenzeichen) or '–'}</td>"
        f"{CELL}{write_side(draft.asked) if draft.asked else '–'}</td>"
        f"{CELL}{texts.name_kanal(draft.kanal) if draft.kanal else '–'}</td>"
        f"{CELL}{texts.write_moment(draft.changed)}{write_muted(draft.changed_by)}</td>"
        f"{_BUTTONS}{buttons}</div>{END}"
    )


def _find_address(draft_id: str, may_write: bool) -> str:
    """Where a draft is opened: to be written, or to be looked at."""
    if may_write:
        return write_address("capture.show_step", "draft_id", draft_id, step="schuldner")
    return write_address("review.show_preview", "draft_id", draft_id)


def _write_template(template: DraftListEntry, token: str, may_use: bool, may_change: bool) -> str:
    title, key = escape(template.title) or "ohne Namen", template.draft_id
    buttons = ""
    if may_use:
        buttons += _write_form("drafts.use_template", "Benutzen", key, title, token)
    if may_change:
        step = {"step": "schuldner"}
        buttons += _write_button("capture.show_template_step", "Ändern", key, title, **step)
        buttons += _write_button("drafts.ask_before_removing_template", "Löschen", key, title)
    changed = f"{texts.write_moment(template.changed)}, {escape(template.changed_by)}"
    return f"{ROW}{CELL}{title}</td>{CELL}{changed}</td>{_BUTTONS}{buttons}</div>{END}"


def _write_form(endpoint: str, text: str, draft_id: str, title: str, token: str) -> str:
    """A button that changes something; `title` is escaped."""
    return (
        f'<form method="post" action="{write_address(endpoint, "draft_id", draft_id)}">{token}'
        f'<button {_BUTTON} type="submit" aria-label="{text}: {title}">'
        f'<span class="kern-label">{text}</span></button></form>'
    )


def _write_button(endpoint: str, text: str, draft_id: str, title: str, **fixed: str) -> str:
    """A link that looks like a button; `title` is escaped."""
    address = write_address(endpoint, "draft_id", draft_id, **fixed)
    return (
        f'<a {_BUTTON} href="{address}" aria-label="{text}: {title}">'
        f'<span class="kern-label">{text}</span></a>'
    )
