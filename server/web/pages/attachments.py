"""The step with attachments: files come in, one or several, and are checked at once."""

import re
from collections.abc import Sequence

from flask import Response as FlaskResponse
from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from server.domain.draft import Draft, DraftAttachment, Step
from server.domain.rights import Permission
from server.services.capture.choices import ANLAGE_ARTEN
from server.services.capture.drafts import DraftConflict, DraftGone
from server.services.upload_kinds import ENDINGS, FORMATS, AttachmentRefused
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.guard import is_part_wanted
from server.web.pages.capture import TO_REVIEW, find_chosen_url, find_step_url, list_steps
from server.web.routes import KIBIBYTE, Pages

pages = Pages("attachments", __name__)

_CHUNK = 256 * KIBIBYTE
# XTA allows a container of 40 MB; what is larger is refused by the service with its own text.
_MAX_BYTES = 128 * KIBIBYTE * KIBIBYTE
_REFUSED = 422
_UPLOAD = "hochladen"
_NO_FILE = "Bitte wählen Sie zuerst eine Datei aus."
_BUSY = "Andere ändern den Entwurf gerade. Bitte versuchen Sie es noch einmal."
_ART_FIELD = re.compile(r"art-(\d+)")


@pages.page("/entwuerfe/<draft_id>/anlagen", Permission.WRITE_DRAFTS)
def show_attachments(draft_id: str) -> str:
    """What is attached so far."""
    return _draw(_require(draft_id), ())


@pages.page("/entwuerfe/<draft_id>/anlagen", Permission.WRITE_DRAFTS, ["POST"], _MAX_BYTES)
def add_attachments(draft_id: str) -> Response | tuple[str, int]:
    """Takes files up; those that are refused are told, the others stay."""
    draft = _require(draft_id)
    files = _list_files()
    refused = _add_files(draft, files) if files else (_NO_FILE,)
    if refused or is_part_wanted():
        return _draw(draft, refused), _REFUSED if refused else 200
    return redirect(find_step_url(draft, Step.ANLAGEN), 303)


@pages.page("/entwuerfe/<draft_id>/anlagen/arten", Permission.WRITE_DRAFTS, ["POST"], _MAX_BYTES)
def name_attachments(draft_id: str) -> Response:
    """Keeps the kinds of documents and files that were chosen, removes one, and goes on."""
    draft = _require(draft_id)
    attachments, actor = services().capture.attachments, current_actor()
    arten = {
        int(found.group(1)): value
        for name, value in request.form.items()
        if (found := _ART_FIELD.fullmatch(name)) and value in ANLAGE_ARTEN
    }
    try:
        attachments.set_art(actor, draft, arten)
        removed = request.form.get("entfernen", "")
        if removed.isdecimal() and attachments.remove(actor, draft, int(removed)):
            flash("success", "Die Anlage ist entfernt.")
    except DraftGone:
        abort(404)
    except DraftConflict:
        flash("warning", _BUSY)
        return redirect(find_step_url(draft, Step.ANLAGEN), 303)
    button = request.form.get("aktion", "")
    if not _keep_chosen(draft, is_needed=button == _UPLOAD):
        return redirect(find_step_url(draft, Step.ANLAGEN), 303)
    if button in ("weiter", TO_REVIEW):
        services().capture.dispatch.check(actor, _require(draft_id))
    steps = {"weiter": Step.SENDEN, "zurueck": Step.MASSNAHMEN}
    chosen = find_chosen_url(draft, button)
    return redirect(chosen or find_step_url(draft, steps.get(button, Step.ANLAGEN)), 303)


@pages.page("/entwuerfe/<draft_id>/anlagen/<int:key>", Permission.READ_MESSAGES)
def download_attachment(draft_id: str, key: int) -> FlaskResponse:
    """The file as it was attached."""
    draft = _require(draft_id)
    attachments = services().capture.attachments
    found = next((item for item in attachments.list_all(draft) if item.key == key), None)
    if found is None:
        abort(404)
    content = attachments.open(found)
    return send_file(content.read_chunks(_CHUNK), found)


def send_file(chunks: object, attachment: DraftAttachment) -> FlaskResponse:
    """A download: no browser shows it within our pages."""
    response = FlaskResponse(chunks, mimetype=attachment.content_type)  # type: ignore[arg-type]
    response.headers.set("Content-Disposition", "attachment", filename=attachment.filename)
    response.content_length = attachment.blob.size
    return response


def _require(draft_id: str) -> Draft:
    found = services().capture.drafts.find(current_actor(), draft_id)
    if found is None or found.is_template:
        abort(404)
    return found


def _list_files() -> list[FileStorage]:
    return [file for file in request.files.getlist("dateien") if file.filename]


def _add_files(draft: Draft, files: Sequence[FileStorage]) -> tuple[str, ...]:
    """Why some are refused; the others are kept."""
    refused = []
    for file in files:
        try:
            services().capture.attachments.add(
                current_actor(), draft, file.filename or "", file.stream
            )
        except AttachmentRefused as error:
            refused.append(str(error))
        except DraftConflict:
            refused.append(f"„{file.filename}“ ist nicht angehängt: {_BUSY}")
        except DraftGone:
            abort(404)
    return tuple(refused)


def _keep_chosen(draft: Draft, *, is_needed: bool) -> bool:
    """Takes up files that came with the step, and tells of it; False where one is refused."""
    files = _list_files()
    refused = (_NO_FILE,) if is_needed and not files else _add_files(draft, files)
    for text in refused:
        flash("danger", text)
    taken = len(files) - len(refused)
    if taken > 0:
        text = "Die Datei ist" if taken == 1 else f"{taken} Dateien sind"
        flash("success", f"{text} angehängt.")
    return not refused


def _draw(draft: Draft, refused: tuple[str, ...]) -> str:
    attachments = services().capture.attachments
    known = attachments.list_all(draft)
    part = {
        "entwurf": draft,
        "anlagen": known,
        "arten": ANLAGE_ARTEN,
        "abgelehnt": refused,
        "belegt": sum(item.blob.size for item in known),
        "grenzen": attachments.limits,
        "formate": FORMATS,
        "endungen": ENDINGS,
    }
    if is_part_wanted():
        return render_template("pages/entwurf_anlagen_liste.html", **part)
    return render_template(
        "pages/entwurf_anlagen.html",
        schritt=Step.ANLAGEN.value,
        schritte=list_steps(draft),
        hochladen=url_for("attachments.add_attachments", draft_id=draft.draft_id),
        **part,
    )
