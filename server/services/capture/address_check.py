"""Looks whether typed addresses are places, and what else may be meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.aufloesung import Certainty, Mark
from server.domain.auskunft import Auskunft
from server.domain.draft import StepValues
from server.domain.gemeinde import Gemeinde
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.capture.recipients import read_written_address
from server.services.directory import Directory, DirectoryUnavailable

_MAX_PLACES = 5
# How the place was understood is not asked by Einnahmeart, but the question has to name one.
_ANY_EINNAHMEART = "sonstige"
_TEXTS = {
    Mark.SIMILAR: "Der Ort ist vermutlich verschrieben.",
    Mark.PLZ_MISSING: "Die Postleitzahl fehlt.",
    Mark.PLZ_INVALID: "Die Postleitzahl hat nicht fünf Ziffern.",
    Mark.PLZ_UNKNOWN: "Diese Postleitzahl kennt das Verzeichnis nicht.",
    Mark.PLZ_MISMATCH: "Postleitzahl und Ort passen nicht zueinander.",
    Mark.ORT_MISSING: "Der Ort fehlt.",
    Mark.ORT_UNKNOWN: "Diesen Ort kennt das Verzeichnis nicht.",
    Mark.GEMEINDE_DEPRECATED: "Diese Gemeinde ist in einer anderen aufgegangen.",
    Mark.FOREIGN: "Die Anschrift liegt im Ausland; dafür ist hier niemand zuständig.",
}


@dataclass(frozen=True)
class AddressHint:
    """What is odd about the address of a row (German), and the places that may be meant."""

    row: int
    text: str
    places: tuple[Gemeinde, ...]


class AddressCheck:
    """Asks the directory; while it is away, there is nothing to say."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find_hints(self, rows: Sequence[StepValues]) -> tuple[AddressHint, ...]:
        """A hint for each row whose address is no clear place."""
        found = (self._find_hint(number, row) for number, row in enumerate(rows))
        return tuple(hint for hint in found if hint)

    def suggest(self, beginning: str) -> tuple[Gemeinde, ...]:
        """Places whose postal code or name begins so."""
        try:
            return self._directory.suggest_orte(beginning[:100]) if beginning.strip() else ()
        except DirectoryUnavailable:
            return ()

    def _find_hint(self, number: int, row: StepValues) -> AddressHint | None:
        anschrift = read_written_address(row)
        if not (anschrift.plz or anschrift.ort):
            return None
        try:
            told = self._directory.explain_zustaendigkeit(
                ZustaendigkeitAnfrage(_ANY_EINNAHMEART, anschrift)
            )
        except DirectoryUnavailable:
            return None
        texts = [_TEXTS[mark] for mark in told.marks if mark in _TEXTS]
        return AddressHint(number, " ".join(texts), _list_places(told)) if texts else None


def _list_places(told: Auskunft) -> tuple[Gemeinde, ...]:
    return told.ort_list[:_MAX_PLACES] if told.certainty is not Certainty.UNKNOWN else ()
