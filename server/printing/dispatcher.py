"""The print dispatcher: finds the output plugin that takes finished letters.

A plugin is a class in the entry-point group `damtshilfe.print_output`, called with its
options. It takes the same order any number of times and hands it over once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from server.printing.letter import Letter

ENTRY_POINT_GROUP = "damtshilfe.print_output"


@dataclass(frozen=True)
class PrintJob:
    """A letter with its job ticket; the same `order_id` is the same letter."""

    order_id: str
    letter: Letter
    ticket: bytes


@dataclass(frozen=True)
class PrintReceipt:
    """Where a letter went: name of the output, its reference, and the files if there are any."""

    output: str
    reference: str
    files: tuple[str, ...] = ()


class OutputUnavailable(Exception):
    """The output cannot take a letter now; a later attempt may succeed. The text is German."""


class OutputPlugin(Protocol):
    """What an output plugin offers."""

    name: str

    def submit(self, job: PrintJob) -> PrintReceipt:
        """Hands a letter over durably; raises OutputUnavailable."""
        ...


class UnknownOutput(Exception):
    """No plugin bears this name; the text is German."""


class DuplicateOutput(Exception):
    """Two plugins bear the same name; the text is German."""


class BadOutputOptions(Exception):
    """The options of a plugin are wrong; the text is German."""


def load_output(name: str, options: Mapping[str, object]) -> OutputPlugin:
    """The output plugin with this name.

    Raises UnknownOutput, DuplicateOutput or BadOutputOptions.
    """
    found = [point for point in _list_outputs() if point.name == name]
    if not found:
        known = ", ".join(sorted({point.name for point in _list_outputs()})) or "keine"
        raise UnknownOutput(f"Die Druckausgabe „{name}“ gibt es nicht; vorhanden: {known}.")
    if len({point.value for point in found}) > 1:
        values = ", ".join(sorted(point.value for point in found))
        raise DuplicateOutput(f"Die Druckausgabe „{name}“ gibt es mehrmals: {values}.")
    plugin: OutputPlugin = found[0].load()(options)
    return plugin


def _list_outputs() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINT_GROUP))
