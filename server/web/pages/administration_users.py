"""Users: invited, renamed, locked, reset, given another role. An administrator sees those of the
own Mandant alone; what belongs to another one is not there.
"""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from server.domain.rights import ROLE_TEXTS, Permission, Role
from server.domain.web_user import LOGIN_LENGTH, NewUser, WebUser
from server.services.web_access.users import FreshUser, UserRefused
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, make_choices, text_of
from server.web.routes import Pages

pages = Pages("administration_users", __name__)

_PATH = "/benutzer"
_USER = f"{_PATH}/<int:key>"
_UNFIT = 422
_TEXT_LENGTH = 255


class DetailsForm(GermanForm):
    """What a user is called, and where mail reaches them."""

    name = StringField("Vor- und Nachname", [InputRequired(), Length(max=_TEXT_LENGTH)])
    email = StringField("E-Mail-Adresse", [InputRequired(), Length(max=_TEXT_LENGTH)])


class InviteForm(DetailsForm):
    """A new user; the Mandant is asked of the operator alone."""

    login = StringField(
        "Anmeldename",
        [InputRequired(), Length(max=LOGIN_LENGTH)],
        description="Buchstaben ohne Umlaute, Ziffern und . _ @ + -",
    )
    rolle = SelectField("Rolle", choices=[], default=Role.SACHBEARBEITER.value)
    mandant = SelectField(
        "Behörde",
        choices=[],
        default="",
        description="Betreiber gehören zu keiner Behörde, alle anderen zu einer.",
    )


@pages.page(_PATH, Permission.MANAGE_USERS)
def show_users() -> str:
    """Those for whom the actor cares, and the form for another one."""
    return _draw_list(_make_form())


@pages.page(_PATH, Permission.MANAGE_USERS, ["POST"])
def invite_user() -> str | tuple[str, int]:
    """Adds a user; the first password is shown once, here."""
    form, actor = _make_form(), current_actor()
    if not form.validate():
        return _draw_list(form), _UNFIT
    key = actor.mandant_key if actor.mandant else int(text_of(form.mandant) or 0) or None
    new = NewUser(
        text_of(form.login), text_of(form.name), text_of(form.email), Role(form.rolle.data), key
    )
    try:
        fresh = services().users.add(actor, new)
    except UserRefused as error:
        flash("danger", str(error))
        return _draw_list(form), _UNFIT
    return _draw_password(fresh)


@pages.page(_USER, Permission.MANAGE_USERS)
def show_user(key: int) -> str:
    """One user, and what can be changed."""
    user = _find_user(key)
    return _draw_user(user, DetailsForm(data={"name": user.name, "email": user.email}))


@pages.page(f"{_USER}/angaben", Permission.MANAGE_USERS, ["POST"])
def change_details(key: int) -> Response | tuple[str, int]:
    """Another name or e-mail address."""
    user, form = _find_user(key), DetailsForm.of_request()
    if not form.validate():
        return _draw_user(user, form), _UNFIT
    try:
        services().users.set_details(
            current_actor(), user.login, text_of(form.name), text_of(form.email)
        )
    except UserRefused as error:
        flash("danger", str(error))
        return _draw_user(user, form), _UNFIT
    flash("success", "Die Angaben sind geändert.")
    return _go(key)


@pages.page(f"{_USER}/sperren", Permission.MANAGE_USERS, ["POST"])
def lock_user(key: int) -> Response:
    """Locks, and ends all sessions."""
    return _set_locked(key, is_locked=True)


@pages.page(f"{_USER}/entsperren", Permission.MANAGE_USERS, ["POST"])
def unlock_user(key: int) -> Response:
    """Unlocks, also after failed sign-ins."""
    return _set_locked(key, is_locked=False)


@pages.page(f"{_USER}/zuruecksetzen", Permission.MANAGE_USERS, ["POST"])
def reset_user(key: int) -> str | Response:
    """A new first password, without second factor; it is shown once, here."""
    user = _find_user(key)
    if user.key == current_actor().user.key:
        flash("warning", "Das eigene Kennwort ändern Sie bitte im Profil.")
        return _go(key)
    return _draw_password(services().users.reset(current_actor(), user.login))


@pages.page(f"{_USER}/rolle", Permission.MANAGE_USERS, ["POST"])
def change_role(key: int) -> Response:
    """Gives another role; it holds from the next page on."""
    user = _find_user(key)
    try:
        role = Role(request.form.get("rolle", ""))
    except ValueError:
        abort(400)
    try:
        services().users.set_role(current_actor(), user.login, role)
    except UserRefused as error:
        flash("warning", str(error))
    else:
        flash("success", f"{user.name} hat jetzt die Rolle {ROLE_TEXTS[role]}.")
    return _go(key)


def _set_locked(key: int, *, is_locked: bool) -> Response:
    user = _find_user(key)
    try:
        services().users.set_locked(current_actor(), user.login, is_locked)
    except UserRefused as error:
        flash("warning", str(error))
    else:
        text = "gesperrt; alle Sitzungen sind beendet" if is_locked else "entsperrt"
        flash("success", f"{user.name} ist {text}.")
    return _go(key)


def _find_user(key: int) -> WebUser:
    users = services().users.list_all(current_actor())
    found = next((user for user in users if user.key == key), None)
    if found is None:
        abort(404)
    return found


def _is_operator(user: WebUser) -> bool:
    return user.role is Role.OPERATOR


def _list_roles() -> list[Role]:
    """Those that the actor may give."""
    is_operator = current_actor().mandant is None
    return [role for role in Role if is_operator or role is not Role.OPERATOR]


def _name_mandanten() -> dict[int, str]:
    """The names of all Mandanten for the operator, of the own one for others."""
    actor = current_actor()
    if actor.mandant:
        return {actor.mandant.key: actor.mandant.name}
    views = services().operation.mandanten.list_all()
    return {view.mandant.key: view.mandant.name for view in views}


def _make_form() -> InviteForm:
    form = InviteForm(request.form or None)
    form.rolle.choices = make_choices((role.value, ROLE_TEXTS[role]) for role in _list_roles())
    if current_actor().mandant:
        del form.mandant
    else:
        names = ((str(key), name) for key, name in _name_mandanten().items())
        form.mandant.choices = make_choices([("", "keine"), *names])
    return form


def _draw_list(form: InviteForm) -> str:
    return render_template(
        "pages/benutzer.html",
        benutzer=services().users.list_all(current_actor()),
        mandanten=_name_mandanten(),
        form=form,
        jetzt=services().clock(),
    )


def _draw_user(user: WebUser, form: DetailsForm) -> str:
    return render_template(
        "pages/benutzer_einzeln.html",
        benutzer=user,
        form=form,
        mandant=_name_mandanten().get(user.mandant_key or 0, ""),
        waehlbar=[role for role in _list_roles() if (role is Role.OPERATOR) is _is_operator(user)],
        jetzt=services().clock(),
    )


def _draw_password(fresh: FreshUser) -> str:
    return render_template("pages/benutzer_kennwort.html", frisch=fresh)


def _go(key: int) -> Response:
    return redirect(url_for("administration_users.show_user", key=key), 303)
