"""The next message of a matter: its form, and sending it."""

import re
from collections.abc import Iterator

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from server.domain.rights import Permission
from server.domain.vorgang_facts import VorgangEvent
from server.errors import AmtshilfeError
from server.services.message_files import make_upload_names
from server.services.replying import NotOpened, Reply, ReplyContext, ReplyImpossible, Upload
from server.services.upload_kinds import AttachmentRefused
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import refuse_field, text_of
from server.web.reply_form import ReplyForm
from server.web.reply_forms import REPLY_FORMS
from server.web.routes import KIBIBYTE, Pages
from server.web.texts import name_event

pages = Pages("replies", __name__)

# The setting limits.container_bytes is told as a fault; what is beyond this is not read at all.
_MOST_BYTES = 512 * KIBIBYTE * KIBIBYTE
_PATH = "/vorgaenge/<vorgang_id>/<art>"
# What a fault calls fields that are named otherwise.
_WORDS = {"behoerde": "Behörde|abgegebenAn", "erste": "faelligkeit", "betraege": "betrag"}
# Of an attachment the schema wants to know what it is.
_ANLAGE_ARTEN = {VorgangEvent.ERGEBNIS: "protokoll"}


@pages.page(_PATH, Permission.ANSWER_MESSAGES)
def show_reply(vorgang_id: str, art: str) -> str | BaseResponse:
    """The form of a message."""
    event = _read_event(art)
    try:
        context = _prepare(vorgang_id, event)
    except (ReplyImpossible, AmtshilfeError) as error:
        return _turn_back(vorgang_id, error)
    form = REPLY_FORMS[event].of_context(context)
    return _draw(event, context, form)


@pages.page(_PATH, Permission.ANSWER_MESSAGES, ["POST"], max_bytes=_MOST_BYTES)
def send_reply(vorgang_id: str, art: str) -> BaseResponse | tuple[str, int]:
    """Sends it; what does not fit is shown at its field."""
    event = _read_event(art)
    try:
        context = _prepare(vorgang_id, event)
    except (ReplyImpossible, AmtshilfeError) as error:
        return _turn_back(vorgang_id, error)
    form = REPLY_FORMS[event].of_context(context)
    if form.validate() and _send(event, context, form):
        flash("success", f"{name_event(event)} ist gesendet.")
        return redirect(url_for("vorgaenge.show_vorgang", vorgang_id=vorgang_id), 303)
    if any(_list_uploads(event)):
        # No page may give a browser its files back.
        refuse_field(form.anlagen, "Bitte wählen Sie die Anlagen noch einmal aus.")
    return _draw(event, context, form), 422


def _read_event(art: str) -> VorgangEvent:
    try:
        event = VorgangEvent(art)
    except ValueError:
        abort(404)
    if event not in REPLY_FORMS:
        abort(404)
    return event


def _prepare(vorgang_id: str, event: VorgangEvent) -> ReplyContext:
    context = services().replying.prepare(current_actor(), vorgang_id, event)
    if context is None:
        abort(404)
    return context


def _turn_back(vorgang_id: str, error: Exception) -> BaseResponse:
    flash("warning", error.reason if isinstance(error, AmtshilfeError) else str(error))
    if isinstance(error, NotOpened):
        return redirect(url_for("messages.show_message", key=error.message_key), 303)
    return redirect(url_for("vorgaenge.show_vorgang", vorgang_id=vorgang_id), 303)


def _send(event: VorgangEvent, context: ReplyContext, form: ReplyForm) -> bool:
    try:
        reply = Reply(
            text_of(form.message_id) or context.message_id,
            text_of(form.aktenzeichen).strip(),
            text_of(form.bearbeiter).strip(),
            form.read(context),
            tuple(_list_uploads(event)),
        )
        services().replying.send(current_actor(), context, reply)
    except AttachmentRefused as error:
        refuse_field(form.anlagen, str(error))
        return False
    except AmtshilfeError as error:
        _show_fault(form, error)
        return False
    return True


def _list_uploads(event: VorgangEvent) -> Iterator[Upload]:
    files = [file for file in request.files.getlist("anlagen") if file.filename]
    names = make_upload_names([file.filename or "" for file in files])
    art = _ANLAGE_ARTEN.get(event, "sonstiges")
    for file, name in zip(files, names, strict=True):
        yield Upload(name, art, file.stream)


def _show_fault(form: ReplyForm, error: AmtshilfeError) -> None:
    """At the field whose element the fault names; at the attachments; else above the form."""
    fields = {name: form._fields[name] for name in (*form.main, "aktenzeichen", "bearbeiter")}
    named = [
        field
        for name, field in fields.items()
        if re.search(rf"\b({_WORDS.get(name, name)})\b", error.reason)
    ]
    if not named and re.search("Anlage|Inhalt|Schadsoftware|Bytes", error.reason):
        named = [form.anlagen]
    if named and named[0].type != "FieldList":
        refuse_field(named[0], error.reason)
    else:
        flash("danger", f"{error.reason} {error.fault.remedy}")


def _draw(event: VorgangEvent, context: ReplyContext, form: ReplyForm) -> str:
    return render_template("pages/antwort.html", event=event, kontext=context, form=form)
