"""The own profile: who one is, password, light or dark."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from server.domain.rights import Permission
from server.services.web_access.passwords import LONGEST, SHORTEST, PasswordRefused
from server.web.client_address import find_client_address
from server.web.context import current_actor, services
from server.web.cookies import SESSION, THEME, drop_cookie, read_cookie, set_cookie
from server.web.flashes import flash
from server.web.forms import GermanForm, refuse_field, text_of
from server.web.routes import Pages

pages = Pages("profile", __name__)

# What the cookie says, and what KERN calls it; without the cookie the system decides.
THEMES = {"hell": "light", "dunkel": "dark"}
_YEAR_SECONDS = 365 * 24 * 60 * 60


class PasswordForm(GermanForm):
    """The old password, and the new one twice."""

    old = PasswordField("Bisheriges Kennwort", [InputRequired(), Length(max=LONGEST)])
    new = PasswordField(
        "Neues Kennwort",
        [InputRequired(), Length(max=LONGEST)],
        description=f"Mindestens {SHORTEST} Zeichen. Ein Satz ist besser als ein Wort.",
    )
    again = PasswordField(
        "Neues Kennwort wiederholen",
        [InputRequired(), EqualTo("new", "Die beiden neuen Kennwörter sind verschieden.")],
    )


@pages.page("/profil", Permission.OWN_PROFILE)
def show_profile() -> str:
    """Who one is, and what can be changed."""
    return render_template("pages/profil.html", gewaehlt=read_cookie(THEME))


@pages.page("/profil/sitzung", Permission.OWN_PROFILE)
def keep_session() -> tuple[str, int]:
    """Asked by the script of pages while somebody types: that is no idle session."""
    return "", 204


@pages.page("/profil/kennwort", Permission.OWN_PROFILE)
def show_password() -> str:
    """The form."""
    return render_template("pages/kennwort.html", form=PasswordForm())


@pages.page("/profil/kennwort", Permission.OWN_PROFILE, ["POST"])
def change_password() -> BaseResponse | tuple[str, int]:
    """Changes the password; other sessions end."""
    form = PasswordForm.of_request()
    if form.validate():
        try:
            services().own_password.change(
                current_actor(),
                read_cookie(SESSION),
                text_of(form.old),
                text_of(form.new),
                find_client_address(),
            )
        except PasswordRefused as error:
            refuse_field(form.new, str(error))
        else:
            flash("success", "Ihr Kennwort ist geändert. Andere Sitzungen sind beendet.")
            return redirect(url_for("profile.show_profile"), 303)
    return render_template("pages/kennwort.html", form=form), 422


@pages.page("/profil/darstellung", Permission.OWN_PROFILE, ["POST"])
def change_theme() -> BaseResponse:
    """Light, dark, or as the system says."""
    chosen = request.form.get("darstellung", "")
    response = make_response(redirect(url_for("profile.show_profile"), 303))
    if chosen in THEMES:
        set_cookie(response, THEME, chosen, _YEAR_SECONDS)
    else:
        drop_cookie(response, THEME)
    return response
