"""What becomes of an Ersuchen that was sent from here: shown, taken back, copied."""

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.domain.draft import Step
from server.domain.message import MessageState
from server.domain.rights import Permission
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError
from server.services.capture.refilling import NotCopied
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.routes import Pages

pages = Pages("sent", __name__)


@pages.page("/gesendet/<path:message_id>", Permission.READ_MESSAGES)
def show_sent(message_id: str) -> str:
    """The message with its state."""
    message = _require(message_id)
    return render_template(
        "pages/gesendet.html", nachricht=message, kann_zurueck=_can_be_withdrawn(message)
    )


@pages.page("/zurueckziehen/<path:message_id>", Permission.WITHDRAW_MESSAGES, ["POST"])
def withdraw(message_id: str) -> Response:
    """Takes it back, where its time has not come."""
    message = _require(message_id)
    try:
        services().capture.dispatch.withdraw(current_actor(), message)
    except AmtshilfeError as error:
        flash("danger", f"Nicht zurückgezogen: {error.reason}")
    else:
        flash("success", "Die Nachricht ist zurückgezogen; sie wird nicht zugestellt.")
    return redirect(url_for("sent.show_sent", message_id=message.head.message_id), 303)


@pages.page("/gesendet-kopieren/<path:message_id>", Permission.WRITE_DRAFTS, ["POST"])
def copy_sent(message_id: str) -> Response:
    """A new draft with what the message says."""
    message = _require(message_id)
    try:
        draft_id = services().capture.refilling.copy(current_actor(), message)
    except NotCopied as error:
        flash("danger", str(error))
        return redirect(url_for("sent.show_sent", message_id=message.head.message_id), 303)
    flash("success", "Aus der Nachricht ist ein neuer Entwurf geworden.")
    return redirect(url_for("capture.show_step", draft_id=draft_id, step=Step.SCHULDNER.value), 303)


def _require(message_id: str) -> StoredMessage:
    found = services().capture.dispatch.find_sent(current_actor(), message_id)
    if found is None:
        abort(404)
    return found


def _can_be_withdrawn(message: StoredMessage) -> bool:
    not_before = message.head.not_before
    is_waiting = message.state is MessageState.WAITING_FOR_DELIVERY
    return is_waiting and not_before is not None and not_before > services().clock()
