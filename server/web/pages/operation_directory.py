"""Data into the directory: files, what they would change, and the confirmation; versions."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, MultipleFileField, SelectField

from server.domain.rights import Permission
from server.services.directory_data.comparing import KindChanges, describe, list_differences
from server.services.directory_data.importing import ImportPlan, ImportRefused
from server.services.directory_data.tables import UTF_8, WINDOWS_1252
from server.services.directory_data.uploading import DirectoryUploads
from server.services.directory_data.versions import RollbackRefused
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import FileNeeded, GermanForm, make_choices, refuse_field, text_of
from server.web.routes import KIBIBYTE, Pages

pages = Pages("operation_directory", __name__)

_PATH = "/betrieb/verzeichnis"
_IMPORT = f"{_PATH}/import/<token>"
_NEEDS = Permission.IMPORT_DIRECTORY
_UNFIT = 422
# Larger files are taken in by the command.
_MAX_MEBIBYTES = 32
_SHOWN = 50


class UploadForm(GermanForm):
    """Files that belong together: all of them are taken in, or none."""

    dateien = MultipleFileField(
        "Dateien",
        [FileNeeded()],
        description="CSV oder XLSX, auch mehrere; die Art wird an der Kopfzeile erkannt. Zusammen "
        f"höchstens {_MAX_MEBIBYTES} MiB.",
    )
    kodierung = SelectField(
        "Zeichensatz der CSV-Dateien",
        choices=make_choices([(UTF_8, "UTF-8"), (WINDOWS_1252, "Windows-1252")]),
        default=UTF_8,
    )
    voll = BooleanField("Vollständig: Was in den Dateien fehlt, endet")


@pages.page(_PATH, _NEEDS)
def show_directory() -> str:
    """The form and the versions."""
    return _draw(UploadForm())


@pages.page(_PATH, _NEEDS, ["POST"], max_bytes=_MAX_MEBIBYTES * KIBIBYTE * KIBIBYTE)
def upload_files() -> Response | tuple[str, int]:
    """Keeps the files; what they would change stands on the next page."""
    form = UploadForm.of_request()
    files = _list_files()
    if not files:
        refuse_field(form.dateien, "Bitte wählen Sie mindestens eine Datei.")
        return _draw(form), _UNFIT
    if not form.validate() or not _uploads().is_possible:
        return _draw(form), _UNFIT
    token = _uploads().keep(
        current_actor(), files, is_full=bool(form.voll.data), encoding=text_of(form.kodierung)
    )
    return redirect(url_for("operation_directory.show_plan", token=token), 303)


@pages.page(_IMPORT, _NEEDS)
def show_plan(token: str) -> str:
    """The dry run: nothing is written."""
    plan = _uploads().plan(current_actor(), token)
    if plan is None:
        abort(404)
    return _draw_plan(plan, token)


@pages.page(f"{_IMPORT}/uebernehmen", _NEEDS, ["POST"])
def import_files(token: str) -> Response | tuple[str, int]:
    """Everything in one version, or nothing."""
    try:
        plan = _uploads().run(current_actor(), token)
    except ImportRefused as error:
        return _draw_plan(error.plan, token), _UNFIT
    if plan is None:
        abort(404)
    if plan.version:
        flash("success", f"Importiert als Version {plan.version}.")
    else:
        flash("info", "Es hat sich nichts geändert.")
    return _go()


@pages.page(f"{_IMPORT}/verwerfen", _NEEDS, ["POST"])
def discard_files(token: str) -> Response:
    """Forgets the files."""
    if not _uploads().discard(current_actor(), token):
        abort(404)
    flash("info", "Die Dateien sind verworfen. Im Verzeichnis hat sich nichts geändert.")
    return _go()


@pages.page(f"{_PATH}/version/<int:version>/zuruecknehmen", _NEEDS, ["POST"])
def roll_back(version: int) -> Response:
    """Takes the newest version back."""
    if not _uploads().is_possible:
        abort(404)
    try:
        _uploads().roll_back(current_actor(), version)
    except RollbackRefused as error:
        flash("warning", str(error))
    else:
        flash("success", f"Version {version} ist zurückgenommen.")
    return _go()


def _uploads() -> DirectoryUploads:
    return services().operation.uploads


def _list_files() -> list[tuple[str, bytes]]:
    """The files that hold anything, with the names that the browser gave."""
    found = [(file.filename or "", file.read()) for file in request.files.getlist("dateien")]
    return [(name, content) for name, content in found if content]


def _go() -> Response:
    return redirect(url_for("operation_directory.show_directory"), 303)


def _draw(form: UploadForm) -> str:
    is_possible = _uploads().is_possible
    return render_template(
        "pages/verzeichnis.html",
        form=form,
        ist_hier=is_possible,
        versionen=_uploads().list_versions()[:_SHOWN] if is_possible else (),
    )


def _draw_plan(plan: ImportPlan, token: str) -> str:
    return render_template(
        "pages/import.html",
        plan=plan,
        arten=[_describe_kind(changes) for changes in plan.changes.values()],
        token=token,
        hoechstens=_SHOWN,
    )


def _describe_kind(changes: KindChanges) -> dict[str, object]:
    """What happens to the rows of a kind, the first of each sort in words."""
    kind = changes.kind
    added = [describe(kind, item.row) for item in changes.added[:_SHOWN]]
    changed = [
        f"{describe(kind, item.new)}: {'; '.join(list_differences(item))}"
        for item in changes.changed[:_SHOWN]
    ]
    ended = [describe(kind, item.row) for item in changes.ended[:_SHOWN]]
    return {
        "name": kind.label,
        "zahlen": changes.count(),
        "sorten": (
            ("neu", added, len(changes.added)),
            ("geändert", changed, len(changes.changed)),
            ("beendet", ended, len(changes.ended)),
        ),
    }
