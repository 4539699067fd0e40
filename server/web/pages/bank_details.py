"""The bank details of an authority, and whether others need a second pair of eyes."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from server.domain.draft import Step
from server.domain.rights import Permission
from server.services.capture.fields import FieldReader
from server.services.capture.reading import read_bankverbindung
from server.web.capture_forms import show_problems
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm
from server.web.routes import Pages

pages = Pages("bank_details", __name__)

_PATH = "/einstellungen/bankverbindungen"
_UNFIT = 422


class ReleaseForm(GermanForm):
    """The setting."""

    freigabe = BooleanField("Geänderte Bankverbindungen gibt eine zweite Person frei")


class BankForm(GermanForm):
    """Details to register."""

    kontoinhaber = StringField("Kontoinhaber", [InputRequired()])
    iban = StringField("IBAN", [InputRequired()])
    bic = StringField("BIC")


@pages.page(_PATH, Permission.MANAGE_AUTHORITY)
def show_bank_details() -> str:
    """What is known and what was chosen."""
    return _draw(BankForm())


@pages.page(_PATH, Permission.MANAGE_AUTHORITY, ["POST"])
def register_bank_details() -> Response | tuple[str, int]:
    """Registers details."""
    form = BankForm.of_request()
    # Its problems stand at fields of the same names.
    reader = FieldReader(Step.FORDERUNGEN, form.data)
    bank = read_bankverbindung(reader)
    if bank is None:
        reader.refuse("iban", "Bitte geben Sie Kontoinhaber und IBAN an.")
    if bank is None or reader.problems:
        show_problems(form, reader.problems)
        return _draw(form), _UNFIT
    services().capture.releases.register(current_actor(), bank)
    flash("success", "Die Bankverbindung ist eingetragen.")
    return redirect(url_for("bank_details.show_bank_details"), 303)


@pages.page(f"{_PATH}/freigabe", Permission.MANAGE_AUTHORITY, ["POST"])
def choose_release() -> Response:
    """Turns the second pair of eyes on or off."""
    is_needed = bool(ReleaseForm(request.form).freigabe.data)
    services().capture.releases.choose(current_actor(), needs_release=is_needed)
    text = "wird jetzt verlangt" if is_needed else "wird nicht mehr verlangt"
    flash("success", f"Die Freigabe geänderter Bankverbindungen {text}.")
    return redirect(url_for("bank_details.show_bank_details"), 303)


@pages.page(f"{_PATH}/<int:key>/entfernen", Permission.MANAGE_AUTHORITY, ["POST"])
def remove_bank_details(key: int) -> Response:
    """Takes details away; they need a release again."""
    if not services().capture.releases.forget(current_actor(), key):
        abort(404)
    flash("success", "Die Bankverbindung ist entfernt.")
    return redirect(url_for("bank_details.show_bank_details"), 303)


def _draw(form: BankForm) -> str:
    choice = services().capture.releases.show(current_actor())
    return render_template(
        "pages/bankverbindungen.html",
        form=form,
        freigabe=ReleaseForm(data={"freigabe": choice.needs_release}),
        bekannte=choice.known,
    )
