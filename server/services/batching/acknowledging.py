"""Differences that somebody has looked into: kept with the reason, and warned of no more.

A difference is known by its line. Where the output tells another number later, that is another
difference, and open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from persistence.database import Stores
from server.domain.batch import StoredBatch
from server.domain.reconciliation import Acknowledgement
from server.domain.web_user import AuditEntry

MAX_REASON_LENGTH = 500


class LetterRefused(Exception):
    """A change that cannot be; the text is German and says why."""


@dataclass(frozen=True)
class AcknowledgementNote:
    """Why a difference is in order, who says so, and when."""

    reason: str
    actor: str
    moment: datetime


def acknowledge(
    stores: Stores, batch: StoredBatch, note: AcknowledgementNote, lines: Sequence[str] | None
) -> int:
    """Acknowledges differences of a batch (None: all that are open), with an entry in the audit.

    Says how many; what was acknowledged before stays as it was. Raises LetterRefused.
    """
    note = _require_reason(note)
    news = stores.letter_news.lock_batch_news(batch.key)
    known = stores.acknowledgements.list_of_batch(batch.key)
    if lines is not None and not set(lines) <= set(news.differences):
        raise LetterRefused(
            f"Der Stapel {batch.batch_id} hat diese Abweichung nicht mehr. Bitte die Liste neu "
            "ansehen."
        )
    chosen = find_open(news.differences if lines is None else lines, known)
    if not chosen:
        raise LetterRefused(f"Der Stapel {batch.batch_id} hat keine solche offene Abweichung.")
    added = [Acknowledgement(line, note.reason, note.actor, note.moment) for line in chosen]
    stores.acknowledgements.add(batch.key, added)
    still_open = news.open_count - len(chosen)
    stores.letter_news.save_batch_news(batch.key, replace(news, open_count=still_open))
    text = f"{len(chosen)}: {note.reason}"
    stores.audit.add(
        AuditEntry(note.moment, note.actor, None, "abweichung-geklaert", batch.batch_id, text)
    )
    return len(chosen)


def find_open(lines: Iterable[str], known: Iterable[Acknowledgement]) -> tuple[str, ...]:
    """The differences that nobody has acknowledged, each once."""
    acknowledged = {item.line for item in known}
    return tuple(line for line in dict.fromkeys(lines) if line not in acknowledged)


def find_valid(
    lines: Iterable[str], known: Iterable[Acknowledgement]
) -> tuple[Acknowledgement, ...]:
    """The acknowledgements of differences that there still are."""
    there = set(lines)
    return tuple(item for item in known if item.line in there)


def _require_reason(note: AcknowledgementNote) -> AcknowledgementNote:
    reason = " ".join(note.reason.split())
    if not reason:
        raise LetterRefused("Bitte angeben, was die Klärung ergeben hat.")
    if len(reason) > MAX_REASON_LENGTH:
        raise LetterRefused(f"Die Begründung darf höchstens {MAX_REASON_LENGTH} Zeichen haben.")
    return replace(note, reason=reason)
