"""A message: what it says, its way, its files; open, confirm, withdraw."""

from collections.abc import Callable

from flask import Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from server.domain.behoerde import Kanal
from server.domain.mandant import Caller
from server.domain.rights import Permission
from server.domain.vorgang_facts import VorgangEvent
from server.domain.web_user import Actor
from server.errors import AmtshilfeError
from server.services.message_files import write_zip
from server.services.message_views import MessagePage, NotDone, UnknownMessage
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.routes import Pages

pages = Pages("messages", __name__)

_CHUNK_BYTES = 256 * 1024
_PAGE = "messages.show_message"


@pages.page("/nachrichten/<int:key>", Permission.READ_MESSAGES)
def show_message(key: int) -> str:
    """A message; one that waits unopened shows its head alone."""
    actor = current_actor()
    page = _find(actor, key)
    return render_template(
        "pages/nachricht.html",
        seite=page,
        darf_oeffnen=actor.may(Permission.FETCH_MESSAGES),
        darf_zurueckziehen=page.may_withdraw and actor.may(Permission.WITHDRAW_MESSAGES),
        darf_kopieren=_is_own_ersuchen(page) and actor.may(Permission.WRITE_DRAFTS),
        darf_bestaetigen=page.may_confirm and actor.may(Permission.FETCH_MESSAGES),
        zeigt_brief=page.kanal is Kanal.BRIEF and not page.is_incoming,
        fuehrt_fachverfahren=not actor.own_mandant.is_mailbox_led_by_web,
    )


def _is_own_ersuchen(page: MessagePage) -> bool:
    facts = page.message.facts
    return not page.is_incoming and facts is not None and facts.event is VorgangEvent.ERSUCHEN


@pages.page("/nachrichten/<int:key>/oeffnen", Permission.FETCH_MESSAGES, ["POST"])
def open_message(key: int) -> BaseResponse:
    """Opens it: its author is told that it was fetched."""
    return _do(key, services().messages.open, "")


@pages.page("/nachrichten/<int:key>/bestaetigen", Permission.FETCH_MESSAGES, ["POST"])
def confirm_message(key: int) -> BaseResponse:
    """Confirms the reception: the message leaves the mailbox and stays to be seen."""
    return _do(key, services().messages.confirm, "Der Empfang ist bestätigt.")


@pages.page("/nachrichten/<int:key>/zurueckziehen", Permission.WITHDRAW_MESSAGES, ["POST"])
def withdraw_message(key: int) -> BaseResponse:
    """Takes it back before its time."""
    return _do(key, services().messages.withdraw, "Die Nachricht ist zurückgezogen.")


@pages.page("/nachrichten/<int:key>/dateien/<int:position>", Permission.FETCH_MESSAGES)
def download_file(key: int, position: int) -> Response:
    """One part as a file."""
    page = _find(current_actor(), key)
    if position >= len(page.files):
        abort(404)
    file = page.files[position]
    response = Response(file.content.read_chunks(_CHUNK_BYTES), mimetype=_OCTETS)
    response.content_length = file.size
    return _attach(response, file.name)


@pages.page("/nachrichten/<int:key>/alle.zip", Permission.FETCH_MESSAGES)
def download_all(key: int) -> Response:
    """All parts in one archive, made while it is sent."""
    page = _find(current_actor(), key)
    if not page.files:
        abort(404)
    pieces = write_zip(page.files, page.message.times.origin)
    return _attach(Response(pieces, mimetype="application/zip"), f"nachricht-{key}.zip")


@pages.page("/nachrichten/<int:key>/brief.pdf", Permission.FETCH_MESSAGES)
def download_letter(key: int) -> BaseResponse:
    """The letter that was made of an own message, as it goes out."""
    actor = current_actor()
    page = _find(actor, key)
    if page.is_incoming:
        abort(404)
    try:
        sent = services().sent_letters.find(
            Caller.of_mandant(actor.own_mandant), page.message.head.message_id
        )
    except AmtshilfeError as error:
        flash("info", f"Kein Brief zum Herunterladen: {error.reason}")
        return redirect(url_for(_PAGE, key=key), 303)
    response = Response(sent.content.read_chunks(_CHUNK_BYTES), mimetype=_OCTETS)
    response.content_length = sent.content.size
    return _attach(response, f"brief-{sent.letter.letter.letter_id}.pdf")


# Never shown by the browser itself, whatever it is.
_OCTETS = "application/octet-stream"


def _find(actor: Actor, key: int) -> MessagePage:
    page = services().messages.show(actor, key)
    if page is None:
        abort(404)
    return page


def _do(key: int, action: Callable[[Actor, int], None], done: str) -> BaseResponse:
    try:
        action(current_actor(), key)
    except UnknownMessage:
        abort(404)
    except NotDone as error:
        flash("warning", str(error))
    else:
        if done:
            flash("success", done)
    return redirect(url_for(_PAGE, key=key), 303)


def _attach(response: Response, name: str) -> Response:
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
