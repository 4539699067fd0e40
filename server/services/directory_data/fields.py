"""The fields of one line or one registration, checked one by one; all mistakes are kept."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TypeVar

from stdnum import iban

_T = TypeVar("_T")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_EINNAHMEART = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SEPARATORS = re.compile(r"[\s,;]+")
_MAIL = re.compile(r"[^@\s;|]+@[^@\s;|]+\.[^@\s;|]+")
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_FLAGS = {"": False, "0": False, "nein": False, "false": False} | dict.fromkeys(
    ("1", "ja", "true", "x"), True
)
LONGEST = 255
PERSON_SEPARATOR, PART_SEPARATOR = "|", ";"
CONTACT_PARTS = ("name", "telefon", "email", "funktion")


class Fields:
    """Reads values by the names of their columns; `problems` are German sentences.

    `padded` tells that a zero at the front was put back, which spreadsheets take away.
    """

    __slots__ = ("_values", "padded", "problems")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []
        self.padded = False

    def has(self, name: str) -> bool:
        """True where there is such a column, filled or not."""
        return name in self._values

    def refuse(self, name: str, reason: str) -> None:
        """Keeps a mistake."""
        self.problems.append(f"{name}: {reason}")

    def text(self, name: str, is_required: bool = False, longest: int = LONGEST) -> str:
        """White space counts once."""
        text = " ".join(self._values.get(name, "").split())
        if is_required and not text:
            self.refuse(name, "die Angabe fehlt.")
        if "\0" in text:
            self.refuse(name, "enthält das Zeichen U+0000, das sich nicht speichern lässt.")
        if len(text) > longest:
            self.refuse(name, f"höchstens {longest} Zeichen, es sind {len(text)}.")
        return text

    def digits(self, name: str, length: int, is_required: bool = False) -> str:
        """Digits of a fixed number; where exactly one is missing it was a zero at the front."""
        text = self.text(name, is_required)
        if len(text) == length - 1 and text.isascii() and text.isdigit() and text[0] != "0":
            self.padded = True
            text = f"0{text}"
        if text and not (len(text) == length and text.isascii() and text.isdigit()):
            self.refuse(name, f"{length} Ziffern erwartet, angegeben ist „{text}“.")
        return text

    def day(self, name: str) -> date | None:
        """A day, written 2026-11-24 or 24.11.2026."""
        text = self.text(name)
        if not text:
            return None
        german = _GERMAN_DAY.fullmatch(text)
        try:
            if german:
                return date(int(german[3]), int(german[2]), int(german[1]))
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(name, f"„{text}“ ist kein Tag (JJJJ-MM-TT oder TT.MM.JJJJ).")
            return None

    def period(self, first: str, last: str) -> tuple[date | None, date | None]:
        """From a day to a day."""
        begin, end = self.day(first), self.day(last)
        if begin and end and end < begin:
            self.refuse(last, f"{end:%d.%m.%Y} liegt vor {first} ({begin:%d.%m.%Y}).")
        return begin, end

    def moment(self, name: str) -> datetime | None:
        """A moment with its zone, or a day, which counts to its end."""
        text = self.text(name, is_required=True)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found and found.tzinfo and len(text) > len("2026-11-24"):
            return found.astimezone(UTC)
        day = self.day(name)
        return datetime.combine(day, time(23, 59, 59), UTC) if day else None

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return self.choice(name, _FLAGS, False)

    def choice(self, name: str, choices: Mapping[str, _T], default: _T) -> _T:
        """One of the words; `default` is only for what is refused."""
        text = self.text(name).casefold()
        if text in choices:
            return choices[text]
        words = ", ".join(word for word in choices if word)
        self.refuse(name, f"„{text}“ ist nicht möglich; möglich sind: {words}.")
        return default

    def einnahmearten(self, name: str) -> tuple[str, ...]:
        """Keys with spaces, commas or semicolons between them, each once."""
        text = self.text(name, longest=10_000)
        keys = tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text))))
        for key in keys:
            if not _EINNAHMEART.fullmatch(key):
                self.refuse(name, f"„{key}“ ist kein Schlüssel (kleine Buchstaben, Ziffern, -).")
        return keys

    def iban(self, name: str, is_required: bool = False) -> str:
        """An IBAN without spaces."""
        text = self.text(name, is_required)
        if text and not iban.is_valid(text):
            self.refuse(name, f"„{text}“ ist keine gültige IBAN (Prüfziffer oder Länge).")
        return str(iban.compact(text))

    def fingerprint(self, name: str) -> str:
        """SHA-256 of a certificate in hex, with or without colons."""
        text = self.text(name, is_required=True).replace(":", "").casefold()
        if text and not _FINGERPRINT.fullmatch(text):
            self.refuse(name, "64 Hexadezimalziffern erwartet (SHA-256 des Zertifikats).")
        return text

    def contacts(self, name: str) -> list[dict[str, str]]:
        """Persons, `|` between them; of each name; telephone; mail; function."""
        text = self.text(name, longest=10_000)
        persons = [part for part in text.split(PERSON_SEPARATOR) if part.strip()]
        return [self._read_person(name, person) for person in persons]

    def _read_person(self, name: str, text: str) -> dict[str, str]:
        parts = [part.strip() for part in text.split(PART_SEPARATOR)]
        if len(parts) > len(CONTACT_PARTS):
            self.refuse(name, f"„{text}“ hat mehr als {len(CONTACT_PARTS)} Angaben.")
        person = {key: part for key, part in zip(CONTACT_PARTS, parts, strict=False) if part}
        if "name" not in person:
            self.refuse(name, "der Name einer Person fehlt.")
        if "email" in person and not _MAIL.fullmatch(person["email"]):
            self.refuse(name, f"„{person['email']}“ ist keine E-Mail-Adresse.")
        return person
