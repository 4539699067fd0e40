"""The catalogue of measures of an authority, and the code lists as they count.

An administrator changes the catalogue of the own Mandant; the operator chooses one.
"""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput

from server.domain.land import LAND_NAMES, Land
from server.domain.mandant import Mandant
from server.domain.massnahme import ANGABE_NAMES, KEY_LENGTH, Angabe, Massnahme
from server.domain.rights import Permission
from server.domain.web_user import AuditEntry
from server.services.massnahmenkatalog import MAX_TEXT, KatalogChangeRefused
from server.services.web_access.audit import make_entry
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, make_choices, refuse_field, text_of
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


class OwnMassnahmeForm(GermanForm):
    """A measure that only this authority knows; what it is worth is for the service to say."""

    schluessel = StringField(
        "Schlüssel",
        [InputRequired("Bitte geben Sie einen Schlüssel an."), Length(max=KEY_LENGTH)],
        description="So nennen Nachrichten die Maßnahme, etwa „hausbesuch“: kleine Buchstaben, "
        "Ziffern, Bindestriche. Er bleibt für immer derselbe.",
    )
    name = StringField(
        "Bezeichnung",
        [InputRequired("Bitte geben Sie eine Bezeichnung an."), Length(max=MAX_TEXT)],
    )
    erlaeuterung = StringField(
        "Erläuterung", [Length(max=MAX_TEXT)], description="Was die Maßnahme ist, in einem Satz."
    )
    rechtsgrundlagen = TextAreaField(
        "Rechtsgrundlagen",
        [DataRequired("Bitte geben Sie mindestens eine Rechtsgrundlage an.")],
        description="Je Zeile eine, etwa „§ 258 AO“.",
    )
    angaben = SelectMultipleField(
        "Was ein Ersuchen dazu enthalten muss",
        choices=make_choices((key.value, ANGABE_NAMES[key]) for key in Angabe),
        option_widget=CheckboxInput(),
    )
    laender = SelectMultipleField(
        "Nur in diesen Ländern",
        choices=make_choices((key.value, LAND_NAMES[key]) for key in Land),
        option_widget=CheckboxInput(),
        description="Keines gewählt: in allen.",
    )

    def read(self, key: str) -> Massnahme:
        """What was typed, as a measure."""
        lines = text_of(self.rechtsgrundlagen).splitlines()
        return Massnahme(
            key,
            text_of(self.name).strip(),
            text_of(self.erlaeuterung).strip(),
            tuple(line.strip() for line in lines if line.strip()),
            tuple(Angabe(value) for value in self.angaben.data or ()),
            frozenset(Land(value) for value in self.laender.data or ()),
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
    """One measure, and whether the authority accepts it."""
    mandant = _require_mandant(request.args.get("mandant", ""))
    massnahme, is_accepted = _require_measure(mandant, key)
    form = MassnahmeForm(data={"angenommen": is_accepted, "hinweis": massnahme.note})
    return _draw_massnahme(mandant, massnahme, form)


@pages.page(f"{_PATH}/<key>", _NEEDS, ["POST"])
def change_massnahme(key: str) -> Response | tuple[str, int]:
    """Accepts a measure or not, and sets its note."""
    mandant = _require_mandant(request.form.get("mandant", ""))
    massnahme, _ = _require_measure(mandant, key)
    form = MassnahmeForm.of_request()
    if form.validate():
        is_disabled, note = not form.angenommen.data, text_of(form.hinweis).strip()
        text = "nicht angenommen" if is_disabled else "angenommen"
        said = f"{text}; Hinweis: {note}" if note else text
        audit = _make_audit("massnahme-geaendert", key, said)
        try:
            services().administration.kataloge.change(
                mandant.identifier, key, is_disabled=is_disabled, note=note, audit=audit
            )
        except KatalogChangeRefused as error:
            refuse_field(form.hinweis, str(error))
        else:
            flash("success", f"{massnahme.name} wird {text}.")
            return _go(mandant)
    return _draw_massnahme(mandant, massnahme, form), _UNFIT


@pages.page("/eigene-massnahme", _NEEDS)
def show_new_massnahme() -> str:
    """The form of a measure of the own."""
    mandant = _require_mandant(request.args.get("mandant", ""))
    return _draw_own(mandant, OwnMassnahmeForm())


@pages.page("/eigene-massnahme", _NEEDS, ["POST"])
def add_massnahme() -> Response | tuple[str, int]:
    """A measure that only this authority knows."""
    mandant = _require_mandant(request.form.get("mandant", ""))
    form = OwnMassnahmeForm.of_request()
    if form.validate():
        new = form.read(text_of(form.schluessel).strip())
        audit = _make_audit("eigene-massnahme-angelegt", new.key, _describe(new))
        try:
            services().administration.kataloge.add_own(mandant.identifier, new, audit)
        except KatalogChangeRefused as error:
            refuse_field(form.schluessel, str(error))
        else:
            flash("success", f"{new.name} steht jetzt im Katalog.")
            return _go(mandant)
    return _draw_own(mandant, form), _UNFIT


@pages.page(f"{_PATH}/<key>/aendern", _NEEDS)
def show_own_massnahme(key: str) -> str:
    """What a measure of the own says."""
    mandant = _require_mandant(request.args.get("mandant", ""))
    massnahme = _require_own(mandant, key)
    form = OwnMassnahmeForm(
        data={
            "schluessel": massnahme.key,
            "name": massnahme.name,
            "erlaeuterung": massnahme.explanation,
            "rechtsgrundlagen": "\n".join(massnahme.legal_bases),
            "angaben": list(massnahme.angaben),
            "laender": sorted(massnahme.laender),
        }
    )
    return _draw_own(mandant, form, massnahme)


@pages.page(f"{_PATH}/<key>/aendern", _NEEDS, ["POST"])
def change_own_massnahme(key: str) -> Response | tuple[str, int]:
    """Says it anew; the key stays."""
    mandant = _require_mandant(request.form.get("mandant", ""))
    massnahme = _require_own(mandant, key)
    form = OwnMassnahmeForm.of_request(schluessel=key)
    del form.schluessel
    if form.validate():
        new = form.read(key)
        audit = _make_audit("eigene-massnahme-geaendert", key, _describe(new))
        try:
            services().administration.kataloge.change_own(mandant.identifier, new, audit)
        except KatalogChangeRefused as error:
            refuse_field(form.name, str(error))
        else:
            flash("success", f"{new.name} ist geändert.")
            return _go(mandant)
    return _draw_own(mandant, form, massnahme), _UNFIT


@pages.page(f"{_PATH}/<key>/loeschen", _NEEDS, ["POST"])
def remove_own_massnahme(key: str) -> Response:
    """Takes a measure of the own away."""
    mandant = _require_mandant(request.form.get("mandant", ""))
    massnahme = _require_own(mandant, key)
    audit = _make_audit("eigene-massnahme-geloescht", key, massnahme.name)
    try:
        services().administration.kataloge.remove_own(mandant.identifier, key, audit)
    except KatalogChangeRefused as error:
        flash("warning", str(error))
    else:
        flash("success", f"{massnahme.name} ist gelöscht.")
    return _go(mandant)


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


def _require_measure(mandant: Mandant, key: str) -> tuple[Massnahme, bool]:
    found = next((item for item in _list_measures(mandant) if item[0].key == key), None)
    if found is None:
        abort(404)
    return found


def _require_own(mandant: Mandant, key: str) -> Massnahme:
    if key in services().administration.kataloge.list_standard_keys():
        abort(404)
    return _require_measure(mandant, key)[0]


def _go(mandant: Mandant) -> Response:
    chosen = _name_choice(mandant)
    return redirect(url_for("administration_catalogue.show_katalog", mandant=chosen), 303)


def _describe(massnahme: Massnahme) -> str:
    return f"{massnahme.name}; {'; '.join(massnahme.legal_bases)}"


def _draw_own(mandant: Mandant, form: OwnMassnahmeForm, massnahme: Massnahme | None = None) -> str:
    return render_template(
        "pages/eigene_massnahme.html",
        mandant=mandant,
        massnahme=massnahme,
        form=form,
        wahl=_name_choice(mandant),
    )


def _draw_massnahme(mandant: Mandant, massnahme: Massnahme, form: MassnahmeForm) -> str:
    return render_template(
        "pages/massnahme.html",
        mandant=mandant,
        massnahme=massnahme,
        form=form,
        angaben_namen=ANGABE_NAMES,
        ist_eigene=massnahme.key not in services().administration.kataloge.list_standard_keys(),
        wahl=_name_choice(mandant),
    )


def _list_mandanten() -> tuple[Mandant, ...]:
    if current_actor().mandant:
        return ()
    return tuple(view.mandant for view in services().operation.mandanten.list_all())


def _name_choice(mandant: Mandant | None) -> str | None:
    """What addresses carry, so that the operator stays at the same Mandant."""
    return str(mandant.identifier) if mandant and current_actor().mandant is None else None


def _make_audit(action: str, key: str, text: str) -> AuditEntry:
    return make_entry(current_actor(), services().clock(), action, key, text)
