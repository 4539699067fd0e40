"""The second factor of the own profile: set up, taken away."""

from flask import redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from server.domain.rights import Permission
from server.services.web_access.second_factor import CodeRefused
from server.web.client_address import find_client_address
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, refuse_field, text_of
from server.web.routes import Pages

pages = Pages("second_factor", __name__)

_CODE_LENGTH = 20
_PATH = "/profil/zweiter-faktor"


class EnrolmentForm(GermanForm):
    """The secret that was shown, and a code of it."""

    secret = HiddenField("", [InputRequired(), Regexp("^[A-Z2-7]{32}$")])
    code = StringField(
        "Code", [InputRequired(), Length(max=_CODE_LENGTH)], description="Sechs Ziffern aus der App"
    )


class RemovalForm(GermanForm):
    """A code, so that a session that was left open does not suffice."""

    code = StringField(
        "Code",
        [InputRequired(), Length(max=_CODE_LENGTH)],
        description="Sechs Ziffern aus der App, oder ein Wiederherstellungscode",
    )


@pages.page(_PATH, Permission.OWN_PROFILE)
def show_second_factor() -> str:
    """What can be done: set it up, or take it away."""
    if current_actor().user.has_second_factor:
        return render_template("pages/zweiter_faktor_entfernen.html", form=RemovalForm())
    return _draw_enrolment(EnrolmentForm())


@pages.page(_PATH, Permission.OWN_PROFILE, ["POST"])
def confirm() -> str | BaseResponse | tuple[str, int]:
    """Takes it into use, and shows the recovery codes this once."""
    if current_actor().user.has_second_factor:
        return redirect(url_for("second_factor.show_second_factor"), 303)
    form = EnrolmentForm.of_request()
    if form.validate():
        try:
            codes = services().second_factor.confirm(
                current_actor(), text_of(form.secret), text_of(form.code)
            )
            return render_template("pages/wiederherstellung.html", codes=codes)
        except CodeRefused as error:
            refuse_field(form.code, str(error))
    return _draw_enrolment(form), 422


@pages.page(f"{_PATH}/entfernen", Permission.OWN_PROFILE, ["POST"])
def remove() -> BaseResponse | tuple[str, int]:
    """Takes it away."""
    form = RemovalForm.of_request()
    if form.validate():
        try:
            services().second_factor.remove(
                current_actor(), text_of(form.code), find_client_address()
            )
        except CodeRefused as error:
            refuse_field(form.code, str(error))
        else:
            flash("success", "Der zweite Faktor ist entfernt.")
            return redirect(url_for("profile.show_profile"), 303)
    return render_template("pages/zweiter_faktor_entfernen.html", form=form), 422


def _draw_enrolment(form: EnrolmentForm) -> str:
    shown = form.secret.data if form.secret.data and not form.secret.errors else ""
    enrolment = services().second_factor.begin(current_actor(), shown)
    form.secret.data = enrolment.secret
    # Drawn by segno from our own URI; nothing of it comes from outside.
    qr_code = Markup(enrolment.qr_svg)  # noqa: S704
    return render_template(
        "pages/zweiter_faktor.html", form=form, einrichtung=enrolment, qr_code=qr_code
    )
