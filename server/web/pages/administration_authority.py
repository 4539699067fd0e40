"""An authority cares for itself: fallback rules, print choices, its entry."""

from dataclasses import asdict

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from server.domain.fallback import FallbackAction, FallbackRules
from server.domain.mandant import Mandant
from server.domain.print_settings import PrintChoice
from server.domain.rights import Permission
from server.domain.web_user import AuditEntry
from server.services.mandant_fallbacks import FallbackChange, describe_rules
from server.services.print_settings import PrintChoiceRefused, PrintView
from server.services.web_access.audit import make_entry
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, make_choices, refuse_field, text_of
from server.web.routes import Pages
from server.web.texts import ACCESS_TEXTS

pages = Pages("administration_authority", __name__)

_PATH = "/behoerde"
_NEEDS = Permission.MANAGE_AUTHORITY
_UNFIT = 422
_TEXT_LENGTH = 255
_MAX_DAYS = 3650
_YES_NO = (("", "wie vorgegeben"), ("ja", "ja"), ("nein", "nein"))
_FLAGS = {"": None, "ja": True, "nein": False}
_LEADERS = {"web": "der Web-Client", "fachverfahren": "Ihr Fachverfahren"}
_UNSET = ("", "nicht festgelegt: angehalten, der Betreiber ist gefragt")


class FallbackForm(GermanForm):
    """What becomes of messages that do not arrive electronically."""

    tage = IntegerField(
        "Nicht abgeholte Nachrichten werden ein Brief nach so vielen Tagen",
        [InputRequired(), NumberRange(0, _MAX_DAYS)],
        description="0: nie, sie bleiben im Postfach.",
    )
    abgelehnt = SelectField(
        "Der Server des Lesers lehnt die Nachricht ab",
        choices=make_choices(
            [
                (FallbackAction.LETTER.value, "als Brief senden"),
                (FallbackAction.RETURN.value, "zurück an uns"),
            ]
        ),
    )
    kein_endpunkt = SelectField(
        "Der Leser ist elektronisch nicht erreichbar",
        choices=make_choices(
            [
                (FallbackAction.LETTER.value, "als Brief senden"),
                (FallbackAction.PARK.value, "anhalten, der Betreiber ist gefragt"),
            ]
        ),
    )


class PrintForm(GermanForm):
    """How letters are printed; what is empty follows the installation."""

    output = SelectField("Druckausgabe", choices=[], default="")
    duplex = SelectField("Beidseitig", choices=make_choices(_YES_NO), default="")
    colour = SelectField("In Farbe", choices=make_choices(_YES_NO), default="")
    stock = StringField("Papiersorte", [Length(max=_TEXT_LENGTH)])
    envelope = StringField("Umschlag", [Length(max=_TEXT_LENGTH)])
    product = StringField("Versandprodukt", [Length(max=_TEXT_LENGTH)])
    cost_centre = StringField("Kostenstelle", [Length(max=_TEXT_LENGTH)])


@pages.page(_PATH, _NEEDS)
def show_authority() -> str:
    """What the directory says, and the history of the access."""
    view = services().administration.authority.show(current_actor())
    return render_template("pages/behoerde.html", sicht=view, zustaende=ACCESS_TEXTS)


@pages.page(f"{_PATH}/postfach", _NEEDS, ["POST"])
def change_mailbox() -> Response:
    """Says who fetches and confirms: users of the Web-Client, or a Fachverfahren."""
    leader = request.form.get("fuehrt", "")
    if leader not in _LEADERS:
        abort(400)
    services().operation.mandanten.set_mailbox_led_by_web(
        _name_mandant(), leader == "web", _make_audit("postfach-geaendert", _LEADERS[leader])
    )
    flash("success", f"Das Postfach führt jetzt {_LEADERS[leader]}.")
    return redirect(url_for("administration_authority.show_authority"), 303)


@pages.page(f"{_PATH}/ersatzwege", _NEEDS)
def show_fallbacks() -> str:
    """The rules as they are."""
    _, rules = services().administration.fallbacks.show(_name_mandant())
    form = FallbackForm(
        data={
            "tage": rules.unread_days or 0,
            "abgelehnt": rules.refused or "",
            "kein_endpunkt": rules.no_endpoint or "",
        }
    )
    return _draw_fallbacks(form, rules)


@pages.page(f"{_PATH}/ersatzwege", _NEEDS, ["POST"])
def change_fallbacks() -> Response | tuple[str, int]:
    """Changes the rules; they hold for messages that are under way already, too."""
    fallbacks, kennung = services().administration.fallbacks, _name_mandant()
    _, rules = fallbacks.show(kennung)
    form = FallbackForm.of_request()
    _offer_unset(form, rules)
    if not form.validate():
        return _draw_fallbacks(form, rules), _UNFIT
    change = FallbackChange(
        form.tage.data, _read_action(form.abgelehnt.data), _read_action(form.kein_endpunkt.data)
    )
    text = "; ".join(describe_rules(change.change(rules)))
    fallbacks.change(kennung, change, _make_audit("ersatzwege-geaendert", text))
    flash("success", "Die Ersatzwege sind geändert.")
    return redirect(url_for("administration_authority.show_fallbacks"), 303)


@pages.page(f"{_PATH}/druck", _NEEDS)
def show_print() -> str:
    """Print choices."""
    view = services().administration.print_choices.show(_name_mandant())
    choice = view.choice
    flags = {value: key for key, value in _FLAGS.items()}
    form = PrintForm(
        data={
            **{name: value or "" for name, value in asdict(choice).items()},
            "duplex": flags[choice.duplex],
            "colour": flags[choice.colour],
        }
    )
    return _draw_print(form, view)


@pages.page(f"{_PATH}/druck", _NEEDS, ["POST"])
def change_print() -> Response | tuple[str, int]:
    """Takes effect with the next letter."""
    choices, kennung = services().administration.print_choices, _name_mandant()
    form = PrintForm.of_request()
    _offer_outputs(form)
    if form.validate():
        try:
            chosen = _read_choice(form)
            audit = _make_audit("druck-geaendert", _describe_choice(chosen))
            choices.change(kennung, chosen, is_reset=True, audit=audit)
        except PrintChoiceRefused as error:
            refuse_field(form.stock, str(error))
        else:
            flash("success", "Gilt ab dem nächsten Brief.")
            return redirect(url_for("administration_authority.show_print"), 303)
    return _draw_print(form, choices.show(kennung)), _UNFIT


def _own_mandant() -> Mandant:
    mandant = current_actor().mandant
    if mandant is None:
        abort(404)
    return mandant


def _name_mandant() -> str:
    return str(_own_mandant().identifier)


def _make_audit(action: str, text: str) -> AuditEntry:
    return make_entry(current_actor(), services().clock(), action, _name_mandant(), text)


def _draw_fallbacks(form: FallbackForm, rules: FallbackRules) -> str:
    _offer_unset(form, rules)
    return render_template("pages/ersatzwege.html", form=form, regeln=describe_rules(rules))


def _offer_unset(form: FallbackForm, rules: FallbackRules) -> None:
    """Only who has chosen nothing yet may leave it so."""
    for field, value in (
        (form.abgelehnt, rules.refused),
        (form.kein_endpunkt, rules.no_endpoint),
    ):
        if value is None and _UNSET[0] not in [item[0] for item in field.iter_choices()]:
            field.choices = make_choices([_UNSET]) + list(field.choices or ())


def _read_action(text: str) -> FallbackAction | None:
    return FallbackAction(text) if text else None


def _draw_print(form: PrintForm, view: PrintView) -> str:
    _offer_outputs(form)
    return render_template("pages/druckwahl.html", form=form, gilt=view.settings)


def _offer_outputs(form: PrintForm) -> None:
    names = services().administration.print_choices.list_outputs()
    form.output.choices = make_choices([("", "wie vorgegeben"), *((name, name) for name in names)])


def _read_choice(form: PrintForm) -> PrintChoice:
    return PrintChoice(
        output=text_of(form.output) or None,
        duplex=_FLAGS[text_of(form.duplex)],
        colour=_FLAGS[text_of(form.colour)],
        stock=text_of(form.stock).strip() or None,
        envelope=text_of(form.envelope).strip() or None,
        product=text_of(form.product).strip() or None,
        cost_centre=text_of(form.cost_centre).strip() or None,
    )


def _describe_choice(choice: PrintChoice) -> str:
    chosen = {name: value for name, value in asdict(choice).items() if value is not None}
    return ", ".join(f"{name}={value}" for name, value in chosen.items()) or "alles wie vorgegeben"
