"""The catalogue of measures of an authority, and the code lists as they count.

An administrator changes the catalogue of the own Mandant; the operator chooses one.
"""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.domain.mandant import Mandant
from server.domain.massnahme import ANGABE_NAMES
from server.domain.rights import Permission
from server.domain.web_user import AuditEntry
from server.services.massnahmenkatalog import KatalogChangeRefused
from server.services.web_access.audit import make_entry
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.routes import Pages

pages = Pages("administration_catalogue", __name__)

_PATH = "/massnahmen"
_NEEDS = Permission.CHANGE_CODELISTEN
_NOTE_LENGTH = 1000


@pages.page(_PATH, _NEEDS)
def show_katalog() -> str:
    """All measures with what the authority says of them."""
    kataloge = services().administration.kataloge
    mandant = _find_mandant(request.args.get("mandant", ""))
    katalog = kataloge.find_for(mandant.identifier) if mandant else None
    disabled = {item.key for item in katalog.disabled} if katalog else set()
    measures = (*katalog.massnahmen, *katalog.disabled) if katalog else ()
    return render_template(
        "pages/massnahmen.html",
        mandant=mandant,
        mandanten=_list_mandanten(),
        massnahmen=sorted(measures, key=lambda item: item.name),
        gesperrt=disabled,
        standard=kataloge.list_standard_keys(),
        angaben=ANGABE_NAMES,
        laenge=_NOTE_LENGTH,
    )


@pages.page(f"{_PATH}/<key>", _NEEDS, ["POST"])
def change_massnahme(key: str) -> Response:
    """Accepts a measure of the standard or not, and sets its note."""
    mandant = _find_mandant(request.form.get("mandant", ""))
    if mandant is None:
        abort(404)
    note = request.form.get("hinweis", "").strip()[:_NOTE_LENGTH]
    is_disabled = request.form.get("angenommen") != "ja"
    text = "gesperrt" if is_disabled else "angenommen"
    audit = _make_audit(key, f"{text}; Hinweis: {note}" if note else text)
    try:
        services().administration.kataloge.change(
            mandant.identifier, key, is_disabled=is_disabled, note=note, audit=audit
        )
    except KatalogChangeRefused as error:
        flash("warning", str(error))
    else:
        flash("success", "Der Maßnahmenkatalog ist geändert.")
    address = url_for("administration_catalogue.show_katalog", mandant=_name_choice(mandant))
    return redirect(f"{address}#m-{key}", 303)


@pages.page("/codelisten", _NEEDS)
def show_codelisten() -> str:
    """All lists, and the entries of one of them."""
    found = services().administration.codelisten
    uri, version = request.args.get("uri", ""), request.args.get("version", "")
    chosen = found.find_version(uri, version) if uri else None
    if uri and chosen is None:
        abort(404)
    return render_template(
        "pages/codelisten.html", listen=found.list_all(), gewaehlt=chosen, heute=found.today()
    )


def _find_mandant(kennung: str) -> Mandant | None:
    """The own one whatever was asked; for the operator the one that was chosen."""
    own = current_actor().mandant
    if own:
        return own
    found = next((item for item in _list_mandanten() if str(item.identifier) == kennung), None)
    if kennung and found is None:
        abort(404)
    return found


def _list_mandanten() -> tuple[Mandant, ...]:
    if current_actor().mandant:
        return ()
    return tuple(view.mandant for view in services().operation.mandanten.list_all())


def _name_choice(mandant: Mandant) -> str | None:
    return None if current_actor().mandant else str(mandant.identifier)


def _make_audit(key: str, text: str) -> AuditEntry:
    return make_entry(current_actor(), services().clock(), "massnahme-geaendert", key, text)
