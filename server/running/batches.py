"""`damtshilfe print batches|batch|letter`: letters and batches as German lines."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from server.domain.batch import BatchState, StoredBatch
from server.domain.letter import StoredLetter
from server.domain.local_time import LOCAL_ZONE
from server.running.letter_news import render_batch_news
from server.services.batching.desk import BatchView
from server.services.batching.plan import NextCutOff
from server.services.batching.texts import (
    BATCH_TEXTS,
    LETTER_TEXTS,
    write_day,
    write_moment,
)


def render_batches(batches: Iterable[StoredBatch], ready: int) -> Iterator[str]:
    """A line for each batch, and how many letters wait for theirs."""
    lines = [_render_line(batch) for batch in batches]
    yield from lines or ["Keine Stapel."]
    yield f"Briefe, die auf ihren Stapel warten: {ready}"


def render_cut_offs(cut_offs: Iterable[NextCutOff]) -> Iterator[str]:
    """A line for each output: when its next batch closes, and which days are left out before."""
    for item in cut_offs:
        if item.moment is None:
            yield f"Annahmeschluss {item.output}: sofort, es wird nicht gewartet"
            continue
        line = f"Nächster Annahmeschluss {item.output}: {write_moment(item.moment)} Uhr"
        free = ", ".join(write_day(day) for day in item.left_out)
        yield f"{line} (kein Annahmeschluss: {free})" if free else line


def render_batch(view: BatchView) -> Iterator[str]:
    """What is known of a batch, but for its letters."""
    batch = view.batch
    handling = batch.group.handling
    yield batch.batch_id
    rows = (
        ("Druckausgabe", batch.group.output),
        ("Stand", BATCH_TEXTS[batch.state]),
        ("Annahmeschluss", _write(batch.cut_off)),
        ("Geschlossen", _write(batch.closed)),
        ("Übergeben", _write(batch.submitted) if batch.submitted else ""),
        ("Auftrag", batch.reference),
        ("Druck", _describe_print(handling.duplex, handling.colour)),
        ("Papiersorte", handling.stock),
        ("Umschlag", handling.envelope),
        ("Versandprodukt", handling.product),
        ("Umfang", _describe_sums(batch)),
        ("Briefe", _describe_states(view)),
        ("Versuche", str(batch.attempts)),
        ("Nächster Versuch", _write(batch.due) if batch.state is BatchState.CLOSED else ""),
        ("Ursache", batch.cause),
    )
    for label, value in rows:
        if value:
            yield f"  {label + ':':<18}{value}"
    if batch.next_poll or view.news.asked:
        yield from (f"  {line}" for line in render_batch_news(view))


def render_letter(letter: StoredLetter) -> str:
    """One line."""
    parts = letter.letter
    place = f"{letter.number:6d}" if letter.number else "     –"
    pages = f"{parts.pages} Seiten, {parts.sheets} Blatt"
    return f"{place}  {parts.letter_id}  {parts.postal_code}  {pages}  {LETTER_TEXTS[letter.state]}"


def _render_line(batch: StoredBatch) -> str:
    line = (
        f"{batch.batch_id}  {batch.group.output}  {BATCH_TEXTS[batch.state]}, "
        f"{_describe_sums(batch)}"
    )
    return f"{line}, Ursache: {batch.cause}" if batch.cause else line


def _describe_sums(batch: StoredBatch) -> str:
    sums = batch.sums
    return f"{sums.letters} Briefe, {sums.pages} Seiten, {sums.sheets} Blatt"


def _describe_states(view: BatchView) -> str:
    return ", ".join(f"{number} {LETTER_TEXTS[state]}" for state, number in view.states.items())


def _describe_print(duplex: bool, colour: bool) -> str:
    return f"{'beidseitig' if duplex else 'einseitig'}, {'in Farbe' if colour else 'schwarz-weiß'}"


def _write(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_ZONE):%d.%m.%Y %H:%M:%S}"
