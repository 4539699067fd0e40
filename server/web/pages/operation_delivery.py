"""The delivery queue: what waits, what is parked and why, and what the operator does about it."""

from collections.abc import Callable
from dataclasses import replace

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length

from server.domain.behoerde import PartyIdentifier
from server.domain.destination import Destination, DestinationKind, read_destination
from server.domain.rights import Permission
from server.services.behoerde_search import read_identifiers
from server.services.delivery_control import DeliveryControl, DeliveryRefused
from server.services.delivery_queue import QueueCriteria, Waiting
from server.services.delivery_texts import EVENT_TEXTS, ONE_ORDER_TEXTS
from server.services.party_choice import find_fitting, write_party
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, make_choices, refuse_field, text_of
from server.web.guard import is_part_wanted
from server.web.list_filters import PAGE_SIZES, make_size_field, read_size
from server.web.places import read_key
from server.web.routes import Pages

pages = Pages("operation_delivery", __name__)

_PATH = "/betrieb/zustellung"
_UNFIT = 422
_TERM_LENGTH = 255
_MAX_OFFERED = 10
_WAITING = (
    (Waiting.PARKED.value, "angehalten"),
    (Waiting.DUE.value, "offen"),
    (Waiting.HELD.value, "wartet auf sein Ziel"),
)
_KINDS = (
    ("", "alle"),
    (DestinationKind.MAILBOX.value, "Postfach"),
    (DestinationKind.LETTER.value, "Brief"),
    (DestinationKind.DATA_CENTRE.value, "anderes Rechenzentrum"),
    (DestinationKind.SCANNER.value, "Virenscanner"),
    (DestinationKind.OPEN.value, "noch offen"),
)


class QueueFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", choices=make_choices(_WAITING), default=Waiting.PARKED.value)
    art = SelectField("Ziel", choices=make_choices(_KINDS), default="")
    mandant = StringField(
        "Absender oder Leser",
        [Length(max=_TERM_LENGTH)],
        description="Name eines Mandanten, oder Kennung, etwa ags:16053000",
    )
    zeilen = make_size_field()


class CancelForm(GermanForm):
    """Why a delivery ends; the author reads it."""

    message_id = StringField("MessageID", [InputRequired()])
    grund = StringField(
        "Grund",
        [InputRequired("Bitte geben Sie an, warum."), Length(max=_TERM_LENGTH)],
        description="Der Absender liest ihn.",
    )


@pages.page(_PATH, Permission.CARE_FOR_DELIVERY)
def show_queue() -> str:
    """The list; for a script only its part of the page."""
    form = QueueFilter(request.args)
    after = read_key(request.args.get("ab", ""))
    page = services().operation.queue.list_page(_read_criteria(form), after, read_size(form))
    part = {"seite": page, "form": form, "adresse": _make_address(form), "worte": ONE_ORDER_TEXTS}
    part["zeilenzahlen"] = PAGE_SIZES
    name = "pages/zustellung_liste.html" if is_part_wanted() else "pages/zustellung.html"
    return render_template(name, jetzt=services().clock(), ab=after, **part)


@pages.page("/betrieb/nachricht", Permission.CARE_FOR_DELIVERY)
def show_message() -> str | Response:
    """The orders of one message with their history, never its content."""
    message_id = request.args.get("id", "").strip()
    try:
        return _draw_message(message_id, CancelForm(data={"message_id": message_id}))
    except DeliveryRefused as error:
        flash("info", str(error))
        return redirect(url_for("operation_delivery.show_queue"), 303)


@pages.page(f"{_PATH}/fortsetzen", Permission.CARE_FOR_DELIVERY, ["POST"])
def retry_message() -> Response:
    """Delivers a message again at once."""
    return _change(lambda control, name: control.retry(name))


@pages.page(f"{_PATH}/umleiten", Permission.CARE_FOR_DELIVERY, ["POST"])
def redirect_message() -> Response:
    """Makes a letter of a message."""
    return _change(lambda control, name: control.redirect(name))


@pages.page(f"{_PATH}/abbrechen", Permission.CARE_FOR_DELIVERY, ["POST"])
def cancel_message() -> Response | tuple[str, int]:
    """Gives a message back to its author."""
    form = CancelForm.of_request()
    if not form.validate():
        try:
            return _draw_message(text_of(form.message_id), form), _UNFIT
        except DeliveryRefused:
            abort(404)
    reason = text_of(form.grund)
    return _change(lambda control, name: control.cancel(name, reason))


@pages.page("/betrieb/ziele", Permission.CARE_FOR_DELIVERY)
def show_destinations() -> str:
    """Destinations that failed lately."""
    control = services().operation.delivery(current_actor())
    return render_template(
        "pages/ziele.html", ziele=control.list_destinations(), jetzt=services().clock()
    )


@pages.page("/betrieb/ziele/fortsetzen", Permission.CARE_FOR_DELIVERY, ["POST"])
def retry_many() -> Response:
    """Resumes all that is parked, or with a destination all that waits for it."""
    target = _read_target(request.form.get("ziel", ""))
    control = services().operation.delivery(current_actor())
    tried = control.find_tried(target) if target else ()
    done = max(control.retry_all(target), default=0)
    if done:
        text = "Ein Auftrag wird" if done == 1 else f"{done} Aufträge werden"
        flash("success", f"{text} sofort wieder zugestellt.")
    elif tried:
        flash("success", "Das Ziel wird sofort wieder versucht.")
    else:
        flash("info", "Kein Auftrag war wieder aufzunehmen.")
    return redirect(url_for("operation_delivery.show_queue"), 303)


def _change(change: Callable[[DeliveryControl, str], str]) -> Response:
    """What came of it stands on the page of the message."""
    message_id = request.form.get("message_id", "").strip()
    control = services().operation.delivery(current_actor())
    try:
        told = change(control, message_id)
    except DeliveryRefused as error:
        flash("warning", str(error))
    else:
        flash("success", told)
    return redirect(url_for("operation_delivery.show_message", id=message_id), 303)


def _draw_message(message_id: str, form: CancelForm) -> str:
    """Raises DeliveryRefused where the message has no orders."""
    found = services().operation.delivery(current_actor()).show(message_id)
    return render_template(
        "pages/zustellung_nachricht.html",
        message_id=found.orders[0].message_id,
        auftraege=found.orders,
        verlauf=found.attempts,
        form=form,
        worte=ONE_ORDER_TEXTS,
        ereignisse=EVENT_TEXTS,
        jetzt=services().clock(),
    )


def _read_criteria(form: QueueFilter) -> QueueCriteria:
    """What does not validate is left out; its message stands at the field."""
    form.validate()
    kind = "" if form.art.errors else text_of(form.art)
    waiting = Waiting.PARKED if form.stand.errors else Waiting(text_of(form.stand))
    return QueueCriteria(
        waiting,
        Destination(DestinationKind(kind)) if kind else None,
        _read_party(form.mandant),
    )


def _read_party(field: Field) -> PartyIdentifier | None:
    """Who was typed; None where nobody was, and nobody's identifier where that is not clear."""
    typed = "" if field.errors else text_of(field).strip()
    if not typed or ":" in typed:
        return read_identifiers(typed)[0] if typed else None
    mandanten = [view.mandant for view in services().operation.mandanten.list_all()]
    known = [replace(item.identifier, name=item.name) for item in mandanten]
    found = find_fitting(known, typed)
    if len(found) == 1:
        return found[0]
    names = "; ".join(map(write_party, found[:_MAX_OFFERED]))
    refuse_field(
        field,
        f"Mehrere Mandanten passen: {names}" if found else "Kein Mandant heißt so.",
    )
    return PartyIdentifier(typed, "")


def _read_target(text: str) -> Destination | None:
    try:
        return read_destination(text) if text else None
    except ValueError:
        abort(400)


def _make_address(form: QueueFilter) -> Callable[..., str]:
    given = {name: field.data for name, field in form._fields.items() if field.data}

    def make(**changes: object) -> str:
        return url_for("operation_delivery.show_queue", **{**given, **changes})

    return make
