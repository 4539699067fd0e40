"""Name and Anschrift as they stand in the window of an envelope: shortened by rule, never cut.

At most six lines (DIN 5008). What is too long is set smaller; where that does not do, it is written
with the abbreviations of the tables below, one rule after the other and only as many as needed. The
postal code and the name of the place stand last.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from server.domain.anschrift import Anschrift

MAX_LINES = 6
# Sizes of type in points, the usual one first.
SIZES = (10.0, 9.0, 8.0)

# How wide a text is, as a share of the size of type.
Measure = Callable[[str], float]
Rule = tuple[str, str]

# Whole words only; the order is that of use, what is understood best comes first.
NAME_RULES: tuple[Rule, ...] = (
    ("Abteilung", "Abt."),
    ("Außenstelle", "Ast."),
    ("Fachbereich", "FB"),
    ("Fachdienst", "FD"),
    ("Fachgebiet", "FG"),
    ("Sachgebiet", "Sachgeb."),
    ("Dezernat", "Dez."),
    ("Referat", "Ref."),
    ("Postfach", "Postf."),
    ("Landkreis(?:es|en?)?", "Lkr."),
    ("Regierungsbezirk(?:es|s)?", "Reg.-Bez."),
    ("kreisfreien?", "krfr."),
    ("Verwaltungsgemeinschaft", "VGem."),
    ("Verbandsgemeinde", "VG"),
    ("Samtgemeinde", "SG"),
    ("Zweckverband(?:es|s)?", "ZV"),
    ("Nordrhein-Westfalen", "NRW"),
    ("Rheinland-Pfalz", "RLP"),
    ("Mecklenburg-Vorpommern", "M-V"),
    ("gemeinsamen?", "gem."),
    ("beziehungsweise", "bzw."),
    ("sowie", "u."),
    ("und", "u."),
    ("für", "f."),
)
STREET_RULES: tuple[Rule, ...] = (
    (r"(?<=\w)straße", "str."),
    (r"\bStraße", "Str."),
    (r"(?<=\w)strasse", "str."),
    (r"\bStrasse", "Str."),
    (r"(?<=\w)platz\b", "pl."),
    (r"\bPlatz\b", "Pl."),
    (r"\bProfessor\b", "Prof."),
    (r"\bDoktor\b", "Dr."),
    (r"\bBürgermeister\b", "Bgm."),
    (r"\bSankt\b", "St."),
)
PLACE_RULES: tuple[Rule, ...] = (
    (r"\ban der\b", "a. d."),
    (r"\bin der\b", "i. d."),
    (r"\bam\b", "a."),
    (r"\bim\b", "i."),
    (r"\bSankt\b", "St."),
    (r"\bOrtsteil\b", "OT"),
)
_WORDS = tuple((rf"\b{word}\b", short) for word, short in NAME_RULES)
# A long word may go on in the next line after a hyphen or a slash.
_PIECE = re.compile(r"[^\s\-/]*(?:[-/]+|$)")


class AddressTooLong(Exception):
    """The address does not fit into the window, however it is shortened; the text is German."""


@dataclass(frozen=True)
class AddressBlock:
    """The lines of an address, from one to six, and their size of type in points."""

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True)
class _Room:
    """The width of a line as a multiple of the size of type."""

    width: float
    measure: Measure
    may_wrap: bool

    def holds(self, text: str) -> bool:
        return self.measure(text) <= self.width


def fit_address(name: str, anschrift: Anschrift, width: float, measure: Measure) -> AddressBlock:
    """The address for a window of this width in points; raises AddressTooLong."""
    # A street or place over two lines is the last resort.
    for may_wrap in (False, True):
        for form in _shorten(normalise_line(name), _WORDS):
            for size in SIZES:
                room = _Room(width / size, measure, may_wrap)
                lines = _fit_into(form, anschrift, room)
                if lines:
                    return AddressBlock(tuple(lines), size)
    raise AddressTooLong(
        f"Die Anschrift „{normalise_line(name)[:60]}“ passt auch mit Abkürzungen nicht in "
        f"{MAX_LINES} Zeilen des Anschriftfelds."
    )


def normalise_line(text: str) -> str:
    """One line of text: composed letters, single spaces, nothing that cannot be seen."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or _is_visible(c))
    return " ".join(visible.split()).strip(" ,;")


def _is_visible(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def _fit_into(name: str, anschrift: Anschrift, room: _Room) -> list[str] | None:
    street = _fit_line(f"{anschrift.strasse} {anschrift.hausnummer}", STREET_RULES, room)
    place = _fit_line(f"{anschrift.plz} {anschrift.ort}", PLACE_RULES, room)
    above = _wrap(name, room)
    if street is None or place is None or above is None:
        return None
    lines = [*above, *street, *place]
    return lines if len(lines) <= MAX_LINES else None


def _fit_line(text: str, rules: Sequence[Rule], room: _Room) -> list[str] | None:
    """One line if a rule makes it fit, else the shortest form over several, where that may be."""
    form = ""
    for form in _shorten(normalise_line(text), rules):
        if room.holds(form):
            return [form] if form else []
    return _wrap(form, room) if room.may_wrap else None


def _shorten(text: str, rules: Sequence[Rule]) -> Iterator[str]:
    """The text, then with the first rule, with the first two, and so on."""
    return accumulate(rules, lambda form, rule: re.sub(rule[0], rule[1], form), initial=text)


def _wrap(text: str, room: _Room) -> list[str] | None:
    """The words over as few lines as needed; None where a piece is wider than a line."""
    lines: list[str] = []
    for word in text.split():
        for number, piece in enumerate(filter(None, _PIECE.findall(word))):
            joint = "" if number else " "
            if lines and room.holds(f"{lines[-1]}{joint}{piece}"):
                lines[-1] += f"{joint}{piece}"
            elif room.holds(piece):
                lines.append(piece)
            else:
                return None
    return lines
