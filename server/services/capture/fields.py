"""Reads what was typed, field by field, and tells in German what is wrong and what to do."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from server.domain.anschrift import Anschrift
from server.domain.draft import Step, StepValues
from server.domain.german import parse_euro, parse_german_day
from server.services.ersuchen_rules import is_valid_iban

LINE_LENGTH = 255
TEXT_LENGTH = 4000
_PLZ = re.compile(r"[0-9]{5}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_HIGHEST = Decimal(10) ** 12
_EARLIEST = date(1850, 1, 1)

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong at a field; `field` is its name in the form of the step."""

    step: Step
    field: str
    text: str


@dataclass
class FieldReader:
    """Reads the values of a step, or of a row in it whose names begin with `prefix`."""

    step: Step
    values: StepValues
    problems: list[FieldProblem] = field(default_factory=list)
    prefix: str = ""

    def rows(self, name: str) -> "list[FieldReader]":
        """A reader for each row of a list."""
        return [
            FieldReader(self.step, row, self.problems, f"{self.prefix}{name}-{number}-")
            for number, row in enumerate(self.values.get(name) or ())
        ]

    def is_empty(self, names: Collection[str]) -> bool:
        """True where nothing was typed into any of the fields."""
        return not any(self._raw(name).strip() for name in names)

    def refuse(self, name: str, text: str) -> None:
        """Notes a problem at a field."""
        self.problems.append(FieldProblem(self.step, f"{self.prefix}{name}", text))

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.values.get(name))

    def line(self, name: str, needed: str = "") -> str:
        """One line, spaces counted once; `needed` is what to do where it is empty."""
        text = " ".join(self._raw(name).split())
        if len(text) > LINE_LENGTH:
            self.refuse(name, f"Hier passen höchstens {LINE_LENGTH} Zeichen; bitte kürzen.")
        if not text.isprintable():
            self.refuse(name, "Hier stehen unsichtbare Steuerzeichen; bitte neu eintippen.")
        return self._require(name, text, needed)

    def text(self, name: str) -> str:
        """Several lines."""
        text = self._raw(name).replace("\r\n", "\n").strip()
        if len(text) > TEXT_LENGTH:
            self.refuse(name, f"Hier passen höchstens {TEXT_LENGTH} Zeichen; bitte kürzen.")
        if not text.replace("\n", "").replace("\t", "").isprintable():
            self.refuse(name, "Hier stehen unsichtbare Steuerzeichen; bitte neu eintippen.")
        return text

    def lines(self, name: str) -> tuple[str, ...]:
        """What stands in several lines, one thing in each."""
        found = tuple(
            filter(None, (" ".join(item.split()) for item in self.text(name).split("\n")))
        )
        if any(len(item) > LINE_LENGTH for item in found):
            self.refuse(name, f"In eine Zeile passen höchstens {LINE_LENGTH} Zeichen.")
        return found

    def choice(self, name: str, allowed: Collection[str], needed: str = "") -> str:
        """A key of a list."""
        text = self._raw(name)
        if text and text not in allowed:
            self.refuse(name, f"„{text}“ steht nicht zur Auswahl; bitte wählen Sie neu.")
        return self._require(name, text, needed)

    def amount(self, name: str, needed: str = "") -> Decimal | None:
        """An amount above nothing, in euro."""
        hint = "Bitte geben Sie einen Betrag mit Komma an, zum Beispiel 1.234,50."
        amount = self._parse(name, parse_euro, hint, needed)
        if amount is not None and not 0 < amount < _HIGHEST:
            self.refuse(name, "Der Betrag muss größer als 0,00 € sein und unter einer Billion.")
            return None
        return amount

    def day(self, name: str, needed: str = "") -> date | None:
        """A day."""
        hint = "Bitte geben Sie ein Datum als TT.MM.JJJJ an, zum Beispiel 02.11.2026."
        day = self._parse(name, parse_german_day, hint, needed)
        if day is not None and day < _EARLIEST:
            self.refuse(name, f"Das Datum liegt vor {_EARLIEST.year}; bitte prüfen Sie das Jahr.")
            return None
        return day

    def iban(self, name: str, needed: str = "") -> str:
        """An IBAN, however it is grouped."""
        text = "".join(self._raw(name).split()).upper()
        if text and not is_valid_iban(text):
            self.refuse(name, "Diese IBAN gibt es nicht (Prüfziffer oder Länge); bitte prüfen.")
        return self._require(name, text, needed)

    def bic(self, name: str) -> str:
        """A BIC."""
        text = "".join(self._raw(name).split()).upper()
        if text and not _BIC.fullmatch(text):
            self.refuse(name, "Eine BIC hat 8 oder 11 Zeichen, zum Beispiel BYLADEM1001.")
        return text

    def anschrift(self, prefix: str = "") -> Anschrift | None:
        """An address; None where nothing was typed."""
        names = [f"{prefix}{name}" for name in ("strasse", "hausnummer", "plz", "ort")]
        if self.is_empty(names):
            return None
        strasse, hausnummer, plz, ort = (self.line(name) for name in names)
        if not _PLZ.fullmatch(plz):
            self.refuse(names[2], "Bitte geben Sie eine Postleitzahl mit fünf Ziffern an.")
        return Anschrift(strasse, hausnummer, plz, ort)

    def _parse(
        self, name: str, parse: Callable[[str], _Value | None], hint: str, needed: str
    ) -> _Value | None:
        text = self._raw(name).strip()
        if not text:
            self._require(name, text, needed)
            return None
        value = parse(text)
        if value is None:
            self.refuse(name, hint)
        return value

    def _require(self, name: str, text: str, needed: str) -> str:
        if needed and not text:
            self.refuse(name, needed)
        return text

    def _raw(self, name: str) -> str:
        return str(self.values.get(name) or "")
