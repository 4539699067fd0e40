"""What is wrong with a Genericode document, collected while it is read."""

from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True)
class GenericodeProblem:
    """One mistake: its line (0 where it belongs to none) and a German sentence."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Zeile {self.line}: {self.text}" if self.line else self.text


class GenericodeInvalid(Exception):
    """A document cannot be used as a code list; `problems` are all of its mistakes."""

    def __init__(self, problems: list[GenericodeProblem]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = problems


class Problems:
    """Collects mistakes."""

    def __init__(self) -> None:
        self.found: list[GenericodeProblem] = []

    def add(self, line: int, text: str) -> None:
        """A mistake in a line."""
        self.found.append(GenericodeProblem(line, text))

    def at(self, element: etree._Element, text: str) -> None:
        """A mistake in the line where an element begins."""
        self.add(element.sourceline or 0, text)


def clean(text: str | None) -> str:
    """A text whose white space counts once."""
    return " ".join((text or "").split())
