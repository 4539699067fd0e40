"""Signing in and out."""

import secrets
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from server.domain.rights import Permission
from server.domain.web_user import LOGIN_LENGTH, SessionStage
from server.services.web_access.attempts import Attempt
from server.services.web_access.passwords import LONGEST
from server.services.web_access.sign_in import SignedIn, SignInRefused
from server.web.client_address import find_client_address
from server.web.context import config, find_session, services
from server.web.cookies import SESSION, SIGN_IN, drop_cookie, read_cookie, set_cookie
from server.web.flashes import flash
from server.web.forms import GermanForm, text_of
from server.web.routes import Open, Pages

pages = Pages("sign_in", __name__)

_FORM_SECONDS = 3600
_CODE_LENGTH = 20


class SignInForm(GermanForm):
    """Login and password."""

    login = StringField("Anmeldename", [InputRequired(), Length(max=LOGIN_LENGTH)])
    password = PasswordField("Kennwort", [InputRequired(), Length(max=LONGEST)])


class CodeForm(GermanForm):
    """A code of the second factor."""

    code = StringField(
        "Code",
        [InputRequired(), Length(max=_CODE_LENGTH)],
        description="Sechs Ziffern aus Ihrer App, oder ein Wiederherstellungscode.",
    )


@pages.page("/anmelden", Open.PUBLIC)
def show_sign_in() -> BaseResponse:
    """The form; whoever is signed in goes on."""
    if find_session():
        return redirect(url_for("overview.show_overview"), 303)
    return _draw_form(SignInForm())


@pages.page("/anmelden", Open.PUBLIC, ["POST"])
def sign_in() -> BaseResponse:
    """Looks at login and password."""
    form = SignInForm.of_request()
    if not form.validate():
        return _draw_form(form, 422)
    try:
        attempt = Attempt(text_of(form.login), find_client_address())
        signed_in = services().sign_in.with_password(attempt, text_of(form.password))
    except SignInRefused as error:
        flash("danger", str(error))
        return _draw_form(form, 403)
    return enter(signed_in, request.form.get("weiter", ""))


@pages.page("/anmelden/code", Open.CODE_MISSING)
def show_code() -> str:
    """Asks for the code."""
    return render_template("pages/code.html", form=CodeForm(), weiter=_read_target())


@pages.page("/anmelden/code", Open.CODE_MISSING, ["POST"])
def check_code() -> BaseResponse | tuple[str, int]:
    """Looks at the code."""
    form = CodeForm.of_request()
    target = request.form.get("weiter", "")
    if form.validate():
        try:
            signed_in = services().sign_in.with_code(
                read_cookie(SESSION), text_of(form.code), find_client_address()
            )
            return enter(signed_in, target)
        except SignInRefused as error:
            flash("danger", str(error))
    return render_template("pages/code.html", form=form, weiter=target), 403


@pages.page("/abmelden", Permission.OWN_PROFILE, ["POST"])
def sign_out() -> BaseResponse:
    """Ends the session."""
    return _leave()


@pages.page("/anmelden/abbrechen", Open.CODE_MISSING, ["POST"])
def cancel_code() -> BaseResponse:
    """Ends a session whose code is missing."""
    return _leave()


def enter(signed_in: SignedIn, target: str) -> BaseResponse:
    """Gives the browser its session and leads on."""
    is_complete = signed_in.stage is SessionStage.COMPLETE
    goal = (
        _check_target(target)
        if is_complete
        else url_for("sign_in.show_code", weiter=_check_target(target))
    )
    if find_session():
        # Who signs in anew leaves nothing behind that still holds.
        services().sessions.end(read_cookie(SESSION))
    response = make_response(redirect(goal, 303))
    set_cookie(response, SESSION, signed_in.token)
    drop_cookie(response, SIGN_IN)
    return response


def _leave() -> BaseResponse:
    services().sessions.end(read_cookie(SESSION))
    flash("success", "Sie sind abgemeldet.")
    response = make_response(redirect(url_for("sign_in.show_sign_in"), 303))
    drop_cookie(response, SESSION)
    return response


def _draw_form(form: GermanForm, status: int = 200) -> Response:
    g.sign_in_token = g.sign_in_token or secrets.token_urlsafe(32)
    body = render_template(
        "pages/anmelden.html", form=form, weiter=_read_target(), oidc_name=config().oidc_name
    )
    response = make_response(body, status)
    set_cookie(response, SIGN_IN, g.sign_in_token, _FORM_SECONDS)
    return response


def _read_target() -> str:
    return _check_target(request.values.get("weiter", ""))


def _check_target(target: str) -> str:
    """A path of ours; the overview in place of an address that leads elsewhere."""
    return target if _is_ours(target) else url_for("overview.show_overview")


def _is_ours(target: str) -> bool:
    if not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
