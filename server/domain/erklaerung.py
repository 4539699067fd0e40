"""The Erklaerung: who is responsible, which rules were considered, which won and why.

Data for machines, and the same in German sentences for people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Aufloesung, Certainty, Mark
from server.domain.eintrag import Eintrag
from server.domain.german import format_german_day
from server.domain.regel import Regel
from server.domain.zustaendigkeit import (
    ConsideredRegel,
    PlaceDecision,
    Verdict,
    Zustaendigkeit,
    ZustaendigkeitAnfrage,
)

_MARK_SENTENCES = {
    Mark.SPELLING: "Der Ort ist anders geschrieben als im Verzeichnis, aber eindeutig.",
    Mark.SIMILAR: "Der Ort ist vermutlich verschrieben; ein ähnlicher passt zur Postleitzahl.",
    Mark.TEIL: "Die Anschrift nennt einen Ortsteil oder einen Zusatz zum Ort.",
    Mark.PLZ_MISSING: "Die Postleitzahl fehlt.",
    Mark.PLZ_INVALID: "Die Postleitzahl hat nicht fünf Ziffern.",
    Mark.PLZ_UNKNOWN: "Das Verzeichnis kennt die Postleitzahl nicht.",
    Mark.PLZ_MISMATCH: "Postleitzahl und Ort passen nicht zueinander; eines von beiden ist falsch.",
    Mark.ORT_MISSING: "Der Ort fehlt; nach der Postleitzahl ist entschieden.",
    Mark.ORT_UNKNOWN: "Das Verzeichnis kennt den Ort nicht, und keiner ist ihm ähnlich genug.",
    Mark.SEVERAL_GEMEINDEN: "Die Anschrift passt auf mehrere Gemeinden.",
    Mark.GEMEINDE_DEPRECATED: "Die genannte Gemeinde ist in einer anderen aufgegangen.",
    Mark.FOREIGN: "Die Anschrift liegt im Ausland; dafür ist hier niemand zuständig.",
    Mark.NO_ADDRESS: "Die Anschrift nennt weder Postleitzahl noch Ort.",
    Mark.STRASSE_MISSING: "Die Straße fehlt; danach unterscheiden hier die Regeln.",
    Mark.HAUSNUMMER_MISSING: "Die Hausnummer fehlt; danach unterscheiden hier die Regeln.",
    Mark.HAUSNUMMER_UNREADABLE: "Die Hausnummer ist nicht zu lesen.",
    Mark.EQUAL_RULES: "Gleichrangige Regeln nennen verschiedene Behörden.",
    Mark.NO_RULE: "Keine Regel passt.",
    Mark.BEHOERDE_INVALID: "Die Behörde der maßgeblichen Regel ist am Stichtag nicht im Amt.",
    Mark.BEHOERDE_DOUBTFUL: "Der Eintrag der Behörde ist zweifelhaft: Etwas kam von dort zurück.",
}
_VERDICT_TEXTS = {
    Verdict.WINS: "sie ist maßgeblich",
    Verdict.OUTRANKED: "eine genauere geht ihr vor",
    Verdict.POSSIBLE: "ob sie gilt, lässt die Anschrift offen",
    Verdict.OTHER_EINNAHMEART: "sie gilt für andere Einnahmearten",
    Verdict.OTHER_DAY: "sie gilt am Stichtag nicht",
    Verdict.OTHER_REGION: "sie gilt für ein anderes Gebiet",
    Verdict.OTHER_HAUSNUMMER: "sie gilt für andere Hausnummern",
    Verdict.BEHOERDE_INVALID: "ihre Behörde ist am Stichtag nicht im Amt",
}


@dataclass(frozen=True)
class Erklaerung:
    """The answer with all that led to it.

    `anschrift` is the address as it was understood, `candidates` are the entries that may be
    responsible: one where `is_certain`.
    """

    anfrage: ZustaendigkeitAnfrage
    stichtag: date
    anschrift: Anschrift
    aufloesung: Aufloesung
    decisions: tuple[PlaceDecision, ...]
    candidates: tuple[Eintrag, ...]
    is_certain: bool
    marks: tuple[Mark, ...]

    @property
    def is_unambiguous(self) -> bool:
        """True where exactly one authority is responsible, and surely so."""
        return self.is_certain and len(self.candidates) == 1

    def to_zustaendigkeit(self) -> Zustaendigkeit:
        """The answer of message 002, which has no marks: one Behoerde there is a certain one."""
        if len(self.candidates) == 1 and not self.is_certain:
            return Zustaendigkeit()
        return Zustaendigkeit(tuple(item.behoerde for item in self.candidates))

    def list_considered(self) -> tuple[ConsideredRegel, ...]:
        """Every rule with its verdict; at several places one rule may have several."""
        return tuple(
            dict.fromkeys(item for decision in self.decisions for item in decision.considered)
        )

    def list_sentences(self) -> tuple[str, ...]:
        """The answer in German, from the address to the authority."""
        return (
            *self._tell_address(),
            *(_MARK_SENTENCES[mark] for mark in self.marks),
            *(_tell_regel(item) for item in self.list_considered()),
            self._tell_answer(),
        )

    def _tell_address(self) -> Iterator[str]:
        lines = ", ".join(self.anschrift.lines()) or "ohne Angaben"
        yield f"Gefragt ist nach der Anschrift {lines} am {format_german_day(self.stichtag)}."
        verb = (
            "liegt in" if self.aufloesung.certainty is Certainty.CERTAIN else "liegt vielleicht in"
        )
        for item in self.aufloesung.candidates:
            gemeinde = item.gemeinde
            yield f"Sie {verb} {gemeinde.plz} {gemeinde.ort} (AGS {gemeinde.ags})."

    def _tell_answer(self) -> str:
        names = ", ".join(item.behoerde.name for item in self.candidates)
        if not names:
            return "Zuständig ist nach dem Verzeichnis niemand."
        if self.is_certain:
            return f"Zuständig ist: {names}."
        return f"Wer zuständig ist, steht nicht fest; in Frage kommen: {names}."


def _tell_regel(item: ConsideredRegel) -> str:
    regel = item.regel
    return (
        f"Die Regel für {regel.region} ({_tell_einnahmearten(regel)}) nennt {regel.behoerde.value}:"
        f" {_VERDICT_TEXTS[item.verdict]}."
    )


def _tell_einnahmearten(regel: Regel) -> str:
    return ", ".join(regel.einnahmearten) or "alle Einnahmearten"
