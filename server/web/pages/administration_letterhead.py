"""What stands on the letters of an authority: letterhead, return address, footer, logo."""

from flask import Response as FlaskResponse
from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, HiddenField, StringField, TextAreaField

from server.domain.letterhead import Letterhead
from server.domain.rights import Permission
from server.services.letterhead_care import (
    MAX_LOGO_BYTES,
    LetterheadChanged,
    LetterheadForm,
    LetterheadRefused,
    LetterheadView,
)
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, refuse_field, text_of
from server.web.routes import KIBIBYTE, Pages

pages = Pages("administration_letterhead", __name__)

_PATH = "/behoerde/briefkopf"
_NEEDS = Permission.MANAGE_AUTHORITY
_UNFIT = 422
# The file, and what was typed beside it. A larger one is still read, to say that it is too large.
_MAX_BYTES = 4 * MAX_LOGO_BYTES + 64 * KIBIBYTE


class StationeryForm(GermanForm):
    """The names are those of the letterhead."""

    stand = HiddenField()
    name = StringField("Name im Briefkopf", description="Leer: wie im Ersuchen.")
    zeilen = TextAreaField(
        "Zeilen unter dem Namen",
        description="Zum Beispiel Dienststelle und Anschrift, höchstens vier. Leer: die Anschrift "
        "aus dem Ersuchen.",
    )
    absenderzeile = StringField(
        "Rücksendeangabe",
        description="Steht klein im Fenster über der Anschrift: wohin ein unzustellbarer Brief "
        "zurückgeht. Leer: Name und Anschrift aus dem Ersuchen.",
    )
    vermerke = TextAreaField("Vermerke über der Anschrift")
    fuss = TextAreaField(
        "Fußzeilen", description="Zum Beispiel Sprechzeiten und Telefon, höchstens drei."
    )
    logo = FileField(
        "Neues Logo",
        description="PDF mit einer Seite, SVG oder PNG (bis 4000 mal 4000 Pixel), höchstens 2 MB. "
        "Von einem PDF wird genommen, was darauf zu sehen ist, ohne den weißen Rand. Das Logo "
        "wird rechts im Briefkopf in ein Feld von 45 mal 25 mm gesetzt.",
    )
    ohne_logo = BooleanField("Eigenes Logo entfernen")


@pages.page(_PATH, _NEEDS)
def show_letterhead() -> str:
    """What is printed on the next letter."""
    view = services().administration.letterheads.show(current_actor())
    head = view.letterhead
    form = StationeryForm(
        data={
            "stand": view.revision,
            "name": head.name,
            "absenderzeile": head.absenderzeile,
            "zeilen": "\n".join(head.zeilen),
            "vermerke": "\n".join(head.vermerke),
            "fuss": "\n".join(head.fuss),
        }
    )
    return _draw(form, view)


@pages.page(_PATH, _NEEDS, ["POST"], max_bytes=_MAX_BYTES)
def change_letterhead() -> Response | tuple[str, int]:
    """Counts from the next letter; letters that are set already stay as they are."""
    form, care = StationeryForm.of_request(), services().administration.letterheads
    try:
        care.change(current_actor(), _read(form), text_of(form.stand))
    except LetterheadRefused as error:
        return _refuse(form, error)
    except LetterheadChanged as error:
        flash("warning", str(error))
        view = care.show(current_actor())
        form.stand.data = view.revision
        return _draw(form, view), _UNFIT
    flash("success", "Der Briefkopf gilt ab dem nächsten Brief.")
    return redirect(url_for("administration_letterhead.show_letterhead"), 303)


@pages.page(f"{_PATH}/vorschau.pdf", _NEEDS, ["POST"], max_bytes=_MAX_BYTES)
def preview_letterhead() -> FlaskResponse | tuple[str, int]:
    """A letter as it would look; nothing is kept."""
    form = StationeryForm.of_request()
    try:
        pdf = services().administration.letterheads.draw_sample(current_actor(), _read(form))
    except LetterheadRefused as error:
        return _refuse(form, error)
    response = FlaskResponse(pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="musterbrief.pdf")
    return response


@pages.page(f"{_PATH}/zuruecksetzen", _NEEDS, ["POST"])
def reset_letterhead() -> Response:
    """Back to what the installation prints."""
    if services().administration.letterheads.reset(current_actor()):
        flash("success", "Ihre Briefe tragen wieder den vorgegebenen Briefkopf.")
    return redirect(url_for("administration_letterhead.show_letterhead"), 303)


@pages.page("/behoerde/logo.svg", _NEEDS)
def show_logo() -> FlaskResponse:
    """The logo as it is printed now."""
    content = services().administration.letterheads.find_logo(current_actor())
    if content is None:
        abort(404)
    response = make_response(content)
    response.mimetype = "image/svg+xml"
    return response


def _read(form: StationeryForm) -> LetterheadForm:
    file = request.files.get("logo")
    head = Letterhead(
        name=text_of(form.name).strip(),
        absenderzeile=text_of(form.absenderzeile).strip(),
        zeilen=_split(text_of(form.zeilen)),
        vermerke=_split(text_of(form.vermerke)),
        fuss=_split(text_of(form.fuss)),
    )
    return LetterheadForm(head, file.read() if file else b"", bool(form.ohne_logo.data))


def _split(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _refuse(form: StationeryForm, error: LetterheadRefused) -> tuple[str, int]:
    if error.field:
        refuse_field(form[error.field], str(error))
    else:
        flash("danger", f"So lässt sich kein Brief setzen: {error}")
    if request.files.get("logo") and error.field != "logo":
        flash("info", "Bitte wählen Sie auch Ihr Logo noch einmal aus.")
    view = services().administration.letterheads.show(current_actor())
    return _draw(form, view), _UNFIT


def _draw(form: StationeryForm, view: LetterheadView) -> str:
    form.vermerke.description = (
        "Höchstens einer, da der Druckdienst frankiert."
        if view.max_notes == 1
        else f"Höchstens {view.max_notes} Zeilen."
    )
    return render_template("pages/briefkopf.html", form=form, sicht=view)
