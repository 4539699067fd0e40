"""The last step: to whom and which way, what hinders, the preview; then the message is sent."""

from typing import Any

from flask import Response as FlaskResponse
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.domain.destination import DestinationKind
from server.domain.draft import STEP_TEXTS, Draft, Step
from server.domain.rights import Permission
from server.errors import AmtshilfeError
from server.services.capture.bank_release import ReleaseRefused
from server.services.capture.dispatch import LetterImpossible, NotReady, Review
from server.services.capture.drafts import DraftConflict, DraftGone
from server.services.capture.fields import FieldProblem
from server.services.capture.recipients import OTHER, read_choice, write_identifier
from server.services.routes import Route
from server.web.capture_forms import SendenStep, show_problems
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.pages.capture import (
    find_chosen_url,
    find_step_url,
    list_steps,
    read_version,
)
from server.web.routes import Pages
from server.web.texts import write_moment

pages = Pages("review", __name__)

_CONFLICT, _UNFIT = 409, 422
_Drawn = tuple[str, int]
_CHANNELS = {
    DestinationKind.MAILBOX: "elektronisch, in das Postfach der Behörde auf diesem Server",
    DestinationKind.DATA_CENTRE: "elektronisch, über das Rechenzentrum der Behörde",
    DestinationKind.LETTER: "als Brief",
}
_OPEN_CHANNEL = "noch offen: Das Verzeichnis antwortet zurzeit nicht"


@pages.page("/entwuerfe/<draft_id>/senden", Permission.WRITE_DRAFTS)
def show_review(draft_id: str) -> str:
    """Everything that is to be known before sending."""
    draft = _require(draft_id)
    return _draw(services().capture.dispatch.review(current_actor(), draft))


@pages.page("/entwuerfe/<draft_id>/senden", Permission.WRITE_DRAFTS, ["POST"])
def save_review(draft_id: str) -> Response | _Drawn:
    """Keeps recipient and time, and checks anew."""
    draft = _require(draft_id)
    values = _read_values(draft)
    try:
        draft = _save(draft, values)
    except DraftConflict as conflict:
        return _draw_conflict(conflict, values)
    if elsewhere := _find_way_on(draft, request.form.get("aktion", "")):
        return redirect(elsewhere, 303)
    services().capture.dispatch.check(current_actor(), draft)
    return redirect(find_step_url(draft, Step.SENDEN), 303)


def _find_way_on(draft: Draft, button: str) -> str | None:
    """Where a button leads that wants no check."""
    if button == "vorschau":
        return _preview_url(draft)
    return find_chosen_url(draft, "zu-anlagen" if button == "zurueck" else button)


@pages.page("/entwuerfe/<draft_id>/absenden", Permission.SEND_MESSAGES, ["POST"])
def send_draft(draft_id: str) -> Response | _Drawn:
    """Sends what was reviewed; whoever names another recipient now sees the review again."""
    if sent := _find_sent_before(draft_id):
        return sent
    draft = _require(draft_id)
    dispatch, actor = services().capture.dispatch, current_actor()
    before, values = read_choice(draft.values_of(Step.SENDEN)), _read_values(draft)
    try:
        draft = _save(draft, values)
        if read_choice(values) != before:
            flash("info", "Bitte prüfen Sie Empfänger und Weg, und senden Sie dann.")
            dispatch.check(actor, draft)
            return redirect(find_step_url(draft, Step.SENDEN), 303)
        receipt = dispatch.send(actor, draft, draft.version)
    except NotReady as error:
        flash("danger", "Noch nicht gesendet: Bitte beheben Sie zuerst, was unten steht.")
        return _draw(error.review), _UNFIT
    except DraftConflict as conflict:
        return _draw_conflict(conflict, values)
    except AmtshilfeError as error:
        flash("danger", f"Nicht gesendet: {error.reason} {error.fault.remedy}")
        return _draw(dispatch.review(actor, draft)), _UNFIT
    flash("success", _tell_sent(receipt.message_id))
    return redirect(url_for("sent.show_sent", message_id=receipt.message_id), 303)


def _find_sent_before(draft_id: str) -> Response | None:
    """Who clicks again when the draft has become its message sees this."""
    message_id = request.form.get("nachricht", "")
    dispatch, actor = services().capture.dispatch, current_actor()
    if services().capture.drafts.find(actor, draft_id) or not dispatch.find_sent(actor, message_id):
        return None
    flash("info", "Das Ersuchen ist schon gesendet.")
    return redirect(url_for("sent.show_sent", message_id=message_id), 303)


def _tell_sent(message_id: str) -> str:
    message = services().capture.dispatch.find_sent(current_actor(), message_id)
    moment = message.head.not_before if message else None
    if moment is None or moment <= services().clock():
        return "Das Ersuchen ist angenommen."
    return (
        f"Das Ersuchen ist angenommen und wird ab {write_moment(moment)} zugestellt. Bis dahin "
        "können Sie es zurückziehen."
    )


@pages.page("/entwuerfe/<draft_id>/freigeben", Permission.RELEASE_BANK_DETAILS, ["POST"])
def release_bank_details(draft_id: str) -> Response | _Drawn:
    """The second pair of eyes."""
    draft = _require(draft_id)
    capture, actor = services().capture, current_actor()
    read = capture.dispatch.compose(actor, draft).read
    try:
        if read.list_problems_of(Step.FORDERUNGEN):
            raise ReleaseRefused("Bitte beheben Sie zuerst, was im Schritt Forderungen falsch ist.")
        capture.releases.release(actor, draft, read.bankverbindung, read_version())
    except ReleaseRefused as error:
        flash("danger", str(error))
        return _draw(capture.dispatch.review(actor, draft)), _UNFIT
    except DraftConflict as conflict:
        return _draw_conflict(conflict, {})
    except DraftGone:
        abort(404)
    flash("success", "Die Bankverbindung ist freigegeben.")
    capture.dispatch.check(actor, _require(draft_id))
    return redirect(find_step_url(draft, Step.SENDEN), 303)


@pages.page("/entwuerfe/<draft_id>/vorschau", Permission.READ_MESSAGES)
def show_preview(draft_id: str) -> str:
    """The Ersuchen as its reader sees it."""
    draft = _require(draft_id)
    capture = services().capture
    review = capture.dispatch.compose(current_actor(), draft)
    names = capture.preview.name_keys(review.ersuchen) if review.ersuchen else None
    return render_template(
        "pages/entwurf_vorschau.html",
        entwurf=draft,
        ersuchen=review.ersuchen,
        namen=names,
        anlagen=review.attachments,
    )


@pages.page("/entwuerfe/<draft_id>/vorschau.pdf", Permission.READ_MESSAGES)
def show_letter(draft_id: str) -> FlaskResponse | Response:
    """The letter; it is set only, and handed over to nobody."""
    draft = _require(draft_id)
    dispatch = services().capture.dispatch
    try:
        pdf = dispatch.draw_letter(dispatch.compose(current_actor(), draft))
    except LetterImpossible as error:
        flash("warning", f"Als Brief geht es so nicht: {error}")
        return redirect(_preview_url(draft), 303)
    if pdf is None:
        flash("warning", "Für den Brief fehlen noch Angaben.")
        return redirect(_preview_url(draft), 303)
    response = FlaskResponse(pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="vorschau.pdf")
    return response


def _preview_url(draft: Draft) -> str:
    return url_for("review.show_preview", draft_id=draft.draft_id)


def _require(draft_id: str) -> Draft:
    found = services().capture.drafts.find(current_actor(), draft_id)
    if found is None or found.is_template:
        abort(404)
    return found


def _read_values(draft: Draft) -> dict[str, Any]:
    return dict(SendenStep.of_request(**draft.values_of(Step.SENDEN)).data)


def _save(draft: Draft, values: dict[str, Any]) -> Draft:
    try:
        return services().capture.drafts.save(
            current_actor(), draft.draft_id, Step.SENDEN, values, read_version()
        )
    except DraftGone:
        abort(404)


def _draw_conflict(conflict: DraftConflict, values: dict[str, Any]) -> _Drawn:
    flash("warning", str(conflict))
    review = services().capture.dispatch.review(current_actor(), conflict.present)
    return _draw(review, values), _CONFLICT


def _draw(review: Review, typed: dict[str, Any] | None = None) -> str:
    draft = review.draft
    form = SendenStep(data=typed or draft.values_of(Step.SENDEN))
    show_problems(form, review.read.list_problems_of(Step.SENDEN))
    return render_template(
        "pages/entwurf_senden.html",
        entwurf=draft,
        schritt=Step.SENDEN.value,
        schritte=list_steps(draft),
        form=form,
        fassung=draft.version,
        pruefung=review,
        luecken=_list_gaps(review),
        weg=_tell_channel(review.result.route if review.result else None),
        wahl=_list_choices(review),
        andere=OTHER,
    )


def _list_gaps(review: Review) -> list[tuple[str, str, list[FieldProblem]]]:
    """Problems by step: its name, its address, and what is wrong there."""
    return [
        (STEP_TEXTS[step], find_step_url(review.draft, step, pruefen="ja"), list(found))
        for step in Step
        if step is not Step.SENDEN and (found := review.read.list_problems_of(step))
    ]


def _tell_channel(route: Route | None) -> str:
    return _CHANNELS.get(route.destination.kind, _OPEN_CHANNEL) if route else ""


def _list_choices(review: Review) -> list[tuple[str, str]]:
    """Who may be chosen: value and name."""
    return [
        (write_identifier(item.identifier), f"{item.name} ({item.identifier.value})")
        for item in review.recipient.candidates
    ]
