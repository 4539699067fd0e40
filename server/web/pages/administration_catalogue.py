"""The catalogue of measures of an authority, and the code lists as they count.

An administrator changes the catalogue of the own Mandant; the operator chooses one.
"""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from server.domain.mandant import Mandant
from server.domain.massnahme import ANGABE_NAMES, Massnahme
from server.domain.rights import Permission
from server.domain.web_user import AuditEntry
from server.services.massnahmenkatalog import KatalogChangeRefused
from server.services.web_access.audit import make_entry
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, refuse_field, text_of
from server.web.routes import Pages

pages = Pages("administration_catalogue", __name__)

_PATH = "/massnahmen"
_NEEDS = Permission.CHANGE_CODELISTEN
_NOTE_LENGTH = 1000
_UNFIT = 422


class MassnahmeForm(GermanForm):
    """What an authority says of a measure."""

    angenommen = BooleanField("Unsere Behörde nimmt diese Maßnahme an")
    hinweis = StringField(
        "Hinweis für ersuchende Behörden",
        [Length(max=_NOTE_LENGTH)],
        description="Steht dabei, wenn jemand um die Maßnahme ersucht.",
    )


@pages.page(_PATH, _NEEDS)
def show_katalog() -> str:
    """All measures with what the authority says of them."""
    mandant = _find_mandant(request.args.get("mandant", ""))
    return render_template(
        "pages/massnahmen.html",
        mandant=mandant,
        mandanten=_list_mandanten(),
        massnahmen=_list_measures(mandant) if mandant else (),
        standard=services().administration.kataloge.list_standard_keys(),
        wahl=_name_choice(mandant),
    )


@pages.page(f"{_PATH}/<key>", _NEEDS)
def show_massnahme(key: str) -> str:
    """One measure of the standard, and whether the authority accepts it."""
    mandant = _require_mandant(request.args.get("mandant", ""))
    item = next((found for found in _list_measures(mandant) if found[0].key == key), None)
    if item is None or key not in services().administration.kataloge.list_standard_keys():
        abort(404)
    massnahme, is_accepted = item
    form = MassnahmeForm(data={"angenommen": is_accepted, "hinweis": massnahme.note})
    return _draw_massnahme(mandant, massnahme, form)


@pages.page(f"{_PATH}/<key>", _NEEDS, ["POST"])
def change_massnahme(key: str) -> Response | tuple[str, int]:
    """Accepts a measure of the standard or not, and sets its note."""
    mandant = _require_mandant(request.form.get("mandant", ""))
    item = next((found for found in _list_measures(mandant) if found[0].key == key), None)
    if item is None:
        abort(404)
    form = MassnahmeForm.of_request()
    if form.validate():
        is_disabled, note = not form.angenommen.data, text_of(form.hinweis).strip()
        text = "nicht angenommen" if is_disabled else "angenommen"
        audit = _make_audit(key, f"{text}; Hinweis: {note}" if note else text)
        try:
            services().administration.kataloge.change(
                mandant.identifier, key, is_disabled=is_disabled, note=note, audit=audit
            )
        except KatalogChangeRefused as error:
            refuse_field(form.hinweis, str(error))
        else:
            flash("success", f"{item[0].name} wird {text}.")
            chosen = _name_choice(mandant)
            return redirect(url_for("administration_catalogue.show_katalog", mandant=chosen), 303)
    return _draw_massnahme(mandant, item[0], form), _UNFIT


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


def _require_mandant(kennung: str) -> Mandant:
    found = _find_mandant(kennung)
    if found is None:
        abort(404)
    return found


def _list_measures(mandant: Mandant) -> list[tuple[Massnahme, bool]]:
    """Each with whether it is accepted, by their names."""
    katalog = services().administration.kataloge.find_for(mandant.identifier)
    found = [(item, True) for item in katalog.massnahmen]
    found += [(item, False) for item in katalog.disabled]
    return sorted(found, key=lambda item: item[0].name)


def _draw_massnahme(mandant: Mandant, massnahme: Massnahme, form: MassnahmeForm) -> str:
    return render_template(
        "pages/massnahme.html",
        mandant=mandant,
        massnahme=massnahme,
        form=form,
        angaben_namen=ANGABE_NAMES,
        wahl=_name_choice(mandant),
    )


def _list_mandanten() -> tuple[Mandant, ...]:
    if current_actor().mandant:
        return ()
    return tuple(view.mandant for view in services().operation.mandanten.list_all())


def _name_choice(mandant: Mandant | None) -> str | None:
    """What addresses carry, so that the operator stays at the same Mandant."""
    return str(mandant.identifier) if mandant and current_actor().mandant is None else None


def _make_audit(key: str, text: str) -> AuditEntry:
    return make_entry(current_actor(), services().clock(), "massnahme-geaendert", key, text)
