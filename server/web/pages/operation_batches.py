"""Batches of letters: how they stand, what does not agree, and what the operator does about it."""

from collections.abc import Iterable, Iterator

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.domain.batch import BatchState, StoredBatch
from server.domain.rights import Permission
from server.services.batching.acknowledging import MAX_REASON_LENGTH, LetterRefused
from server.services.batching.desk import LetterDesk
from server.services.batching.news_problems import NewsProblems
from server.services.batching.texts import (
    BATCH_TEXTS,
    LETTER_TEXTS,
    write_day,
    write_moment,
)
from server.services.delivery_control import DeliveryRefused
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.places import read_key
from server.web.routes import Pages

pages = Pages("operation_batches", __name__)

_PATH = "/betrieb/druck"
_BATCH = f"{_PATH}/<batch_id>"
_PAGE_ENTRIES = 100
_SHOWN_DIFFERENCES = 200
_STATES = {"offen": (BatchState.CLOSED, BatchState.SUBMITTED), "alle": ()}


@pages.page(_PATH, Permission.CARE_FOR_DELIVERY)
def show_batches() -> str:
    """The newest batches; those that are open unless others are asked for."""
    which = request.args.get("stand", "offen")
    desk = _open_desk()
    problems = desk.find_news_problems()
    found: Iterable[StoredBatch] = desk.list_batches(_STATES.get(which, ()))
    if which == "probleme":
        found = _choose_problems(found, problems)
    return render_template(
        "pages/druck.html",
        stapel=list(found)[:_PAGE_ENTRIES],
        hoechstens=_PAGE_ENTRIES,
        stand=which,
        bereit=desk.count_ready(),
        schluesse=services().operation.cut_offs.list_next(),
        tag=write_day,
        moment=write_moment,
        probleme=problems,
        worte=BATCH_TEXTS,
    )


@pages.page(_BATCH, Permission.CARE_FOR_DELIVERY)
def show_batch(batch_id: str) -> str:
    """One batch with its letters, a hundred a page, and what the output told."""
    desk = _open_desk()
    try:
        view = desk.show(batch_id)
    except LetterRefused:
        abort(404)
    after = read_key(request.args.get("ab", ""))
    letters = desk.list_letters(view.batch, after)
    last = letters[-1].number if letters else None
    return render_template(
        "pages/stapel.html",
        sicht=view,
        offene=view.open_differences[:_SHOWN_DIFFERENCES],
        geklaerte=view.acknowledged[:_SHOWN_DIFFERENCES],
        grundlaenge=MAX_REASON_LENGTH,
        stapel=view.batch,
        briefe=letters,
        ab=after,
        danach=last if last and last < view.batch.sums.letters else None,
        worte=BATCH_TEXTS,
        briefworte=LETTER_TEXTS,
    )


@pages.page(f"{_PATH}/schliessen", Permission.CARE_FOR_DELIVERY, ["POST"])
def close_batches() -> Response:
    """Closes batches of all letters that are ready, before their cut-off."""
    batches = _open_desk().close()
    if batches:
        text = "Ein Stapel ist geschlossen und wird"
        if len(batches) > 1:
            text = f"{len(batches)} Stapel sind geschlossen und werden"
        flash("success", f"{text} gleich übergeben.")
    else:
        flash("info", "Es sind keine Briefe bereit.")
    return redirect(url_for("operation_batches.show_batches"), 303)


@pages.page(f"{_BATCH}/uebergeben", Permission.CARE_FOR_DELIVERY, ["POST"])
def retry_batch(batch_id: str) -> Response:
    """Hands a batch over at once; letters of one that was refused are set anew."""
    try:
        message_ids = _open_desk().retry(batch_id)
    except LetterRefused as error:
        return _refuse(batch_id, error)
    if message_ids is None:
        flash("success", "Der Stapel wird sofort übergeben.")
    else:
        resumed = sum(map(_resume, message_ids))
        text = "Ein Brief wird" if resumed == 1 else f"{resumed} Briefe werden"
        flash("success", f"{text} neu gesetzt.")
    return _go(batch_id)


@pages.page(f"{_BATCH}/aufgeben", Permission.CARE_FOR_DELIVERY, ["POST"])
def give_up_batch(batch_id: str) -> Response:
    """A batch that waits is not handed over any more, so that its letters can be set anew."""
    try:
        _open_desk().give_up(batch_id)
    except LetterRefused as error:
        return _refuse(batch_id, error)
    flash(
        "success",
        "Der Stapel ist aufgegeben, seine Nachrichten werden angehalten. Mit „Neu setzen“ "
        "entstehen neue Briefe.",
    )
    return _go(batch_id)


@pages.page(f"{_BATCH}/abfragen", Permission.CARE_FOR_DELIVERY, ["POST"])
def ask_output(batch_id: str) -> Response:
    """The output is asked at once what became of the letters."""
    try:
        _open_desk().ask_at_once(batch_id)
    except LetterRefused as error:
        return _refuse(batch_id, error)
    flash("success", "Die Druckausgabe wird sofort gefragt.")
    return _go(batch_id)


@pages.page(f"{_BATCH}/geklaert", Permission.CARE_FOR_DELIVERY, ["POST"])
def acknowledge_differences(batch_id: str) -> Response:
    """Somebody has looked into differences: the chosen ones, or all that are open."""
    lines = None if request.form.get("umfang") == "alle" else request.form.getlist("abweichung")
    if lines == []:
        flash("warning", "Bitte wählen, welche Abweichungen geklärt sind.")
        return _go(batch_id)
    try:
        number = _open_desk().acknowledge(batch_id, request.form.get("grund", ""), lines)
    except LetterRefused as error:
        return _refuse(batch_id, error)
    text = "1 Abweichung ist" if number == 1 else f"{number} Abweichungen sind"
    flash("success", f"{text} als geklärt vermerkt.")
    return _go(batch_id)


@pages.page(f"{_PATH}/zurueckziehen", Permission.CARE_FOR_DELIVERY, ["POST"])
def recall_letter() -> Response:
    """Takes a letter back, by its name or MessageID."""
    name = request.form.get("brief", "").strip()
    try:
        flash("success", _open_desk().recall(name))
    except LetterRefused as error:
        flash("warning", str(error))
    batch_id = request.form.get("stapel", "")
    return _go(batch_id) if batch_id else redirect(url_for("operation_batches.show_batches"), 303)


def _open_desk() -> LetterDesk:
    return services().operation.letters(current_actor())


def _refuse(batch_id: str, error: LetterRefused) -> Response:
    flash("warning", str(error))
    return _go(batch_id)


def _go(batch_id: str) -> Response:
    return redirect(url_for("operation_batches.show_batch", batch_id=batch_id), 303)


def _resume(message_id: str) -> bool:
    """False where somebody has seen to the message already."""
    try:
        services().operation.delivery(current_actor()).retry(message_id)
    except DeliveryRefused:
        return False
    return True


def _choose_problems(
    batches: Iterable[StoredBatch], problems: NewsProblems
) -> Iterator[StoredBatch]:
    differing = {batch_id for batch_id, _ in problems.differing}
    return (batch for batch in batches if batch.cause or batch.batch_id in differing)
