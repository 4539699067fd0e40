"""A registration as somebody writes it: a TOML file, options, or both. Types only, no meaning."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from server.domain.directory_kind import DirectoryKind
from server.services.directory_data.columns import COLUMNS
from server.services.directory_data.fields import (
    CONTACT_PARTS,
    PART_SEPARATOR,
    PERSON_SEPARATOR,
)

CONTACT = "kontakt"
# A registration is confirmed by a command, not by the one who registers.
KEYS = tuple(
    name for name in COLUMNS[DirectoryKind.BEHOERDEN].names if name not in ("status", "kontakte")
)


class RegistrationUnreadable(Exception):
    """The file is no registration; `problems` are German sentences."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


def read_registration(content: bytes) -> dict[str, str]:
    """The fields by the names of columns; raises RegistrationUnreadable."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegistrationUnreadable([f"Kein gültiges TOML: {error}."]) from error
    problems = list(_find_problems(document))
    if problems:
        raise RegistrationUnreadable(problems)
    values = {name: _to_text(value) for name, value in document.items() if name != CONTACT}
    return {**values, "kontakte": join_contacts(map(_join_person, document.get(CONTACT, [])))}


def join_contacts(persons: Iterable[str]) -> str:
    """Persons in the form of the column `kontakte`."""
    return f" {PERSON_SEPARATOR} ".join(persons)


def _find_problems(document: Mapping[str, Any]) -> Iterator[str]:
    for name, value in document.items():
        if name == CONTACT:
            yield from _find_contact_problems(value)
        elif name not in KEYS:
            yield f"{name}: diesen Schlüssel gibt es nicht; es gibt: {', '.join(KEYS)}, {CONTACT}."
        elif not _is_text(value):
            yield f"{name}: Text erwartet."


def _find_contact_problems(persons: Any) -> Iterator[str]:
    if not (isinstance(persons, list) and all(isinstance(person, dict) for person in persons)):
        yield f"{CONTACT}: Abschnitte [[{CONTACT}]] erwartet."
        return
    for number, person in enumerate(persons, 1):
        for name, value in person.items():
            if name not in CONTACT_PARTS:
                known = ", ".join(CONTACT_PARTS)
                yield f"{CONTACT} {number}: {name} gibt es nicht; es gibt: {known}."
            elif not isinstance(value, str) or set(value) & {PART_SEPARATOR, PERSON_SEPARATOR}:
                yield f"{CONTACT} {number}: {name} muss Text ohne ; und | sein."


def _is_text(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | date)


def _to_text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _join_person(person: Mapping[str, str]) -> str:
    return PART_SEPARATOR.join(person.get(part, "") for part in CONTACT_PARTS)
