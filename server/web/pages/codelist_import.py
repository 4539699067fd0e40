"""Code lists into the installation: files, what they would change, and the confirmation."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import MultipleFileField

from server.domain.codeliste import UploadedCodeliste
from server.domain.rights import Permission
from server.services.codelist_import import ImportOutcome, ImportRefused
from server.services.codelist_uploads import CodelistUnreadable, CodelistUploads
from server.web.context import current_actor, services
from server.web.fields import make_day
from server.web.flashes import flash
from server.web.forms import FileNeeded, GermanForm, refuse_field
from server.web.routes import KIBIBYTE, Pages

pages = Pages("codelist_import", __name__)

_PATH = "/codelisten/import"
_ONE = f"{_PATH}/<token>"
_NEEDS = Permission.IMPORT_CODELISTEN
_UNFIT = 422
# Larger files are taken in by the command.
_MAX_MEBIBYTES = 16
_SHOWN = 50


class CodelistForm(GermanForm):
    """Lists that are imported together, or not at all."""

    dateien = MultipleFileField(
        "Dateien",
        [FileNeeded()],
        description=f"Genericode 1.0 (XML), auch mehrere, zusammen höchstens {_MAX_MEBIBYTES} MiB.",
    )
    gueltig_ab = make_day(
        "Gültig ab", is_required=False, description="Leer: wie in der Datei angegeben."
    )
    gueltig_bis = make_day(
        "Gültig bis", is_required=False, description="Leer: wie in der Datei angegeben."
    )


@pages.page(_PATH, _NEEDS)
def show_form() -> str:
    """The form."""
    return _draw(CodelistForm())


@pages.page(_PATH, _NEEDS, ["POST"], max_bytes=_MAX_MEBIBYTES * KIBIBYTE * KIBIBYTE)
def upload_lists() -> Response | tuple[str, int]:
    """Keeps the files; what they would change stands on the next page."""
    form = CodelistForm.of_request()
    is_valid = form.validate()
    files = _list_files(form)
    if not files:
        refuse_field(form.dateien, "Bitte wählen Sie mindestens eine Datei.")
        return _draw(form), _UNFIT
    if not is_valid:
        return _draw(form), _UNFIT
    try:
        token = _uploads().keep(current_actor(), files)
    except CodelistUnreadable as error:
        return _draw(form, error), _UNFIT
    except ImportRefused as error:
        refuse_field(form.dateien, str(error))
        return _draw(form), _UNFIT
    return redirect(url_for("codelist_import.show_plan", token=token), 303)


@pages.page(_ONE, _NEEDS)
def show_plan(token: str) -> str:
    """The dry run: nothing is written."""
    return _draw_plan(token)


@pages.page(f"{_ONE}/uebernehmen", _NEEDS, ["POST"])
def import_lists(token: str) -> Response | tuple[str, int]:
    """All lists, or none; what was shown as replaced is replaced, and nothing else."""
    try:
        results = _uploads().run(
            current_actor(), token, is_replacing=request.form.get("ersetzen") == "ja"
        )
    except ImportRefused as error:
        return _draw_plan(token, error.problems), _UNFIT
    if not results:
        abort(404)
    names = "; ".join(
        f"{item.codeliste.name}, Version {item.codeliste.version}: {item.outcome.value}"
        for item in results
    )
    flash("success", f"{names}. Alle Server kennen das in wenigen Sekunden.")
    return _go_to_lists()


@pages.page(f"{_ONE}/verwerfen", _NEEDS, ["POST"])
def discard_lists(token: str) -> Response:
    """Forgets the files."""
    if not _uploads().discard(current_actor(), token):
        abort(404)
    flash("info", "Die Dateien sind verworfen. An den Codelisten hat sich nichts geändert.")
    return _go_to_lists()


def _uploads() -> CodelistUploads:
    return services().operation.codelist_uploads


def _list_files(form: CodelistForm) -> list[UploadedCodeliste]:
    """The files that hold anything, with the names that the browser gave."""
    found = [(file.filename or "", file.read()) for file in request.files.getlist("dateien")]
    first, last = form.gueltig_ab.data, form.gueltig_bis.data
    return [UploadedCodeliste(name, content, first, last) for name, content in found if content]


def _go_to_lists() -> Response:
    return redirect(url_for("administration_catalogue.show_codelisten"), 303)


def _draw(form: CodelistForm, error: CodelistUnreadable | None = None) -> str:
    return render_template(
        "pages/codelisten_import.html", form=form, fehler=error, hoechstens=_SHOWN
    )


def _draw_plan(token: str, problems: list[str] | None = None) -> str:
    planned = _uploads().plan(current_actor(), token)
    if not planned:
        abort(404)
    outcomes = {item.outcome for item in planned}
    return render_template(
        "pages/codelisten_plan.html",
        listen=planned,
        token=token,
        gruende=problems or (),
        ersetzt=ImportOutcome.REPLACED in outcomes,
        aendert=outcomes != {ImportOutcome.UNCHANGED},
        hoechstens=_SHOWN,
        worte=OUTCOME_TEXTS,
    )


OUTCOME_TEXTS = {
    ImportOutcome.ADDED: ("neue Version", "info"),
    ImportOutcome.REPLACED: ("ersetzt die vorhandene Version", "warning"),
    ImportOutcome.UNCHANGED: ("schon vorhanden", "success"),
}
