"""The steps in which an Ersuchen is captured: every step saves first, and complains then."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.domain.draft import STEP_TEXTS, Draft, Step
from server.domain.rights import Permission
from server.services.capture.address_check import AddressHint
from server.services.capture.drafts import DraftConflict, DraftGone
from server.services.capture.fields import FieldProblem
from server.web.capture_forms import (
    ForderungenStep,
    MassnahmenStep,
    SchuldnerStep,
    add_row,
    offer_choices,
    remove_row,
    show_problems,
)
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm
from server.web.routes import KIBIBYTE, Pages

pages = Pages("capture", __name__)

_FORMS: Mapping[Step, type[GermanForm]] = {
    Step.SCHULDNER: SchuldnerStep,
    Step.FORDERUNGEN: ForderungenStep,
    Step.MASSNAHMEN: MassnahmenStep,
}
_ORDER = tuple(Step)
_MAX_BYTES = 480 * KIBIBYTE
_MAX_ROWS = 100
_CONFLICT, _UNFIT = 409, 422
# The button of the list of steps that leads to the last one.
TO_REVIEW = f"zu-{Step.SENDEN}"
_Drawn = tuple[str, int]


@pages.page("/entwuerfe/<draft_id>/<step>", Permission.WRITE_DRAFTS)
def show_step(draft_id: str, step: str) -> str:
    """A step as it was saved; with `?pruefen=ja` what is wrong stands at its fields."""
    return _show(_require(draft_id, step, is_template=False))


@pages.page("/entwuerfe/<draft_id>/<step>", Permission.WRITE_DRAFTS, ["POST"], _MAX_BYTES)
def save_step(draft_id: str, step: str) -> Response | _Drawn:
    """Saves a step and goes on where it is right."""
    return _save(_require(draft_id, step, is_template=False))


@pages.page("/vorlagen/<draft_id>/<step>", Permission.CHANGE_TEMPLATES)
def show_template_step(draft_id: str, step: str) -> str:
    """A step of a template."""
    return _show(_require(draft_id, step, is_template=True))


@pages.page("/vorlagen/<draft_id>/<step>", Permission.CHANGE_TEMPLATES, ["POST"], _MAX_BYTES)
def save_template_step(draft_id: str, step: str) -> Response | _Drawn:
    """Saves a step of a template, which may have gaps."""
    return _save(_require(draft_id, step, is_template=True))


@pages.page("/orte", Permission.WRITE_DRAFTS)
def suggest_places() -> str:
    """Options for who is typing a postal code or a place."""
    prefix = request.args.get("feld", "")
    names = ("plz",) if request.args.get("nach") == "plz" else ("plz", "ort")
    typed = " ".join(request.args.get(f"{prefix}{name}", "") for name in names)
    places = services().capture.address_check.suggest(typed)
    return render_template("pages/orte.html", orte=places, nach=names[-1])


@dataclass
class _Sheet:
    """A step of a draft while it is shown or saved."""

    draft: Draft
    step: Step
    form: GermanForm
    version: int
    hints: tuple[AddressHint, ...] = ()
    others: tuple[FieldProblem, ...] = ()
    problems: int = 0

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.form.data)


def list_steps(draft: Draft) -> list[tuple[str, str, str]]:
    """The steps of a draft: value, German name, address. Templates end before attachments."""
    if draft.is_template:
        steps, endpoint = [step for step in _ORDER if step in _FORMS], "capture.show_template_step"
        return [(s.value, STEP_TEXTS[s], _url(endpoint, draft, s)) for s in steps]
    return [(step.value, STEP_TEXTS[step], find_step_url(draft, step)) for step in _ORDER]


def find_chosen_url(draft: Draft, button: str) -> str | None:
    """Where a button of the list of steps leads; None where it is none of these."""
    found = (address for name, _, address in list_steps(draft) if button == f"zu-{name}")
    return next(found, None)


def find_step_url(draft: Draft, step: Step, **values: Any) -> str:
    """The address of a step of a draft or template."""
    if step is Step.ANLAGEN:
        return url_for("attachments.show_attachments", draft_id=draft.draft_id, **values)
    if step is Step.SENDEN:
        return url_for("review.show_review", draft_id=draft.draft_id, **values)
    endpoint = "capture.show_template_step" if draft.is_template else "capture.show_step"
    return _url(endpoint, draft, step, **values)


def _url(endpoint: str, draft: Draft, step: Step, **values: Any) -> str:
    return url_for(endpoint, draft_id=draft.draft_id, step=step.value, **values)


def _require(draft_id: str, step: str, *, is_template: bool) -> _Sheet:
    found = services().capture.drafts.find(current_actor(), draft_id)
    if found is None or found.is_template is not is_template or step not in _FORMS:
        abort(404)
    kind = Step(step)
    form = _FORMS[kind].of_request(**found.values_of(kind)) if request.method == "POST" else None
    return _Sheet(found, kind, form or _FORMS[kind](data=found.values_of(kind)), found.version)


def _show(sheet: _Sheet) -> str:
    if request.args.get("pruefen"):
        _complain(sheet)
    return _draw(sheet)


def _save(sheet: _Sheet) -> Response | _Drawn:
    values = _apply_buttons(sheet)
    try:
        sheet.draft = services().capture.drafts.save(
            current_actor(), sheet.draft.draft_id, sheet.step, values, read_version()
        )
    except DraftConflict as conflict:
        return _draw_conflict(sheet, values, conflict)
    except DraftGone:
        abort(404)
    sheet.form, sheet.version = _FORMS[sheet.step](data=values), sheet.draft.version
    return _go_on(sheet)


def _go_on(sheet: _Sheet) -> Response | _Drawn:
    """Where the button leads, if nothing is in the way."""
    button = request.form.get("aktion", "")
    if request.form.get("hinzufuegen") or request.form.get("entfernen"):
        return redirect(_stay(sheet) + "#" + _find_anchor(sheet), 303)
    if request.form.get("uebernehmen"):
        return redirect(_stay(sheet), 303)
    if button == "weiter" and not sheet.draft.is_template:
        _complain(sheet)
        sheet.hints = _find_hints(sheet)
        if sheet.problems or _must_show(sheet.hints):
            return _draw(sheet), _UNFIT
    if button == "speichern" or not button:
        flash("success", "Gespeichert.")
        return redirect(_stay(sheet), 303)
    if chosen := find_chosen_url(sheet.draft, button):
        if button == TO_REVIEW:
            services().capture.dispatch.check(current_actor(), sheet.draft)
        return redirect(chosen, 303)
    return redirect(_find_next(sheet, -1 if button == "zurueck" else 1), 303)


def _apply_buttons(sheet: _Sheet) -> dict[str, Any]:
    """What was typed, with a row more or less, or with a suggested place."""
    values = sheet.values
    path = request.form.get("hinzufuegen", "")
    new = values.pop("neue_massnahme", "")
    if new:
        # Whichever button was pressed: who has chosen one wants it.
        add_row(values, "massnahmen", {"art": new})
    if path and path != "massnahmen" and _count_rows(values, path) < _MAX_ROWS:
        add_row(values, path, {})
    if request.form.get("entfernen"):
        remove_row(values, request.form["entfernen"])
    if request.form.get("uebernehmen"):
        _take_place(values, request.form["uebernehmen"])
    return values


def _count_rows(values: dict[str, Any], path: str) -> int:
    rows = values.get(path)
    return len(rows) if isinstance(rows, list) else 0


def _take_place(values: dict[str, Any], chosen: str) -> None:
    number, _, place = chosen.partition("|")
    plz, _, ort = place.partition("|")
    rows = values.get("schuldner", [])
    if number.isdecimal() and int(number) < len(rows):
        rows[int(number)] |= {"plz": plz, "ort": ort}


def _complain(sheet: _Sheet) -> None:
    capture = services().capture
    recipient = capture.recipients.find(sheet.draft)
    read = capture.dispatch.read(sheet.draft, recipient)
    problems = read.list_problems_of(sheet.step)
    sheet.problems = len(problems)
    sheet.others = tuple(show_problems(sheet.form, problems))


def _find_hints(sheet: _Sheet) -> tuple[AddressHint, ...]:
    if sheet.step is not Step.SCHULDNER:
        return ()
    rows = sheet.draft.values_of(Step.SCHULDNER).get("schuldner") or ()
    return services().capture.address_check.find_hints(rows)


def _must_show(hints: tuple[AddressHint, ...]) -> bool:
    """Hints hinder once: who goes on without a change has read them."""
    return bool(hints) and request.form.get("gelesen") != _digest(hints)


def _digest(hints: tuple[AddressHint, ...]) -> str:
    told = [[hint.row, hint.text, [place.plz for place in hint.places]] for hint in hints]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _draw_conflict(sheet: _Sheet, values: dict[str, Any], conflict: DraftConflict) -> _Drawn:
    sheet.form = _FORMS[sheet.step](data=values)
    sheet.draft, sheet.version = conflict.present, conflict.present.version
    flash("warning", str(conflict))
    return _draw(sheet), _CONFLICT


def _draw(sheet: _Sheet) -> str:
    capture = services().capture
    recipient = capture.recipients.find(sheet.draft) if sheet.step is Step.MASSNAHMEN else None
    asked = recipient.behoerde.identifier if recipient and recipient.behoerde else None
    vocabulary = capture.vocabularies.find_for(asked)
    offer_choices(sheet.form, vocabulary)
    return render_template(
        f"pages/entwurf_{sheet.step}.html",
        entwurf=sheet.draft,
        schritt=sheet.step.value,
        schritte=list_steps(sheet.draft),
        form=sheet.form,
        fassung=sheet.version,
        katalog=vocabulary.katalog,
        adresshinweise={hint.row: hint for hint in sheet.hints},
        gelesen=_digest(sheet.hints) if sheet.hints else "",
        fehlerhaft=sheet.problems,
        weitere=sheet.others,
    )


def read_version() -> int:
    """The version of the draft that the form was drawn from."""
    text = request.form.get("fassung", "")
    return int(text) if text.isdecimal() else 0


def _stay(sheet: _Sheet) -> str:
    return find_step_url(sheet.draft, sheet.step)


def _find_next(sheet: _Sheet, distance: int) -> str:
    overview = "drafts.care_for_templates" if sheet.draft.is_template else "drafts.show_drafts"
    addresses = [address for _, _, address in list_steps(sheet.draft)]
    names = [name for name, _, _ in list_steps(sheet.draft)]
    position = names.index(sheet.step.value) + distance
    return addresses[position] if 0 <= position < len(addresses) else url_for(overview)


def _find_anchor(sheet: _Sheet) -> str:
    path = request.form.get("hinzufuegen") or request.form["entfernen"].rpartition("-")[0]
    return f"liste-{path}"
