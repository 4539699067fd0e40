"""German words for the states of batches and letters, as lines and pages use them."""

from server.domain.batch import BatchState
from server.domain.letter import LetterState

BATCH_TEXTS = {
    BatchState.CLOSED: "wartet auf Übergabe",
    BatchState.SUBMITTED: "übergeben",
    BatchState.SETTLED: "abgeschlossen",
    BatchState.REFUSED: "abgelehnt",
}
LETTER_TEXTS = {
    LetterState.READY: "bereit",
    LetterState.BATCHED: "im Stapel",
    LetterState.HANDED_OVER: "übergeben",
    LetterState.PRINTED: "gedruckt",
    LetterState.POSTED: "versandt",
    LetterState.FAILED: "fehlgeschlagen",
    LetterState.RETURNED: "zurückgekommen",
    LetterState.WITHDRAWN: "zurückgezogen",
}
