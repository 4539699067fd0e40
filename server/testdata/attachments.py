"""The attachments of an Ersuchen: names as clerks give them, and small PDF files."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from server.demo.sample import render_page
from server.domain.ersuchen import Anlage
from server.testdata.cases import SpecialCase
from server.testdata.drawing import Draw

_TITLES = {
    "bescheid": "Bescheid (Abschrift)",
    "zustellungsnachweis": "Zustellungsnachweis",
    "vollstreckungstitel": "Ausstandsverzeichnis",
    "vollmacht": "Vollmacht",
    "protokoll": "Niederschrift",
    "sonstiges": "Aktenvermerk",
}
_PARAGRAPHS = (
    "Dieses Schriftstück gehört zu erzeugten Testdaten. Es hat keinen rechtlichen Gehalt.",
    "Personen, Firmen, Straßen und Konten sind erfunden; Gemeinden und Postleitzahlen gibt es.",
)
_ODD_NAMES = (
    "Bescheid über Grundsteuer – Müßiggänger.pdf",
    "Übersicht der Rückstände (geprüft).pdf",
    "Ladung & Zustellung, Straße Nr. 5.pdf",
    "ÄÖÜ äöü ß é ł ş.pdf",
)
_MANY = 20


def draw_anlagen(draw: Draw, case: SpecialCase | None) -> tuple[Anlage, ...]:
    """What an Ersuchen names; half of them with the checksum of each file."""
    with_checksum = draw.happens(50)
    return tuple(
        Anlage(name, art, sha256(_render(art)).hexdigest() if with_checksum else "")
        for name, art in _name_files(draw, case)
    )


def render_anlagen(anlagen: tuple[Anlage, ...]) -> Mapping[str, bytes]:
    """The files that belong to what is named."""
    return {anlage.dateiname: _render(anlage.art) for anlage in anlagen}


def _name_files(draw: Draw, case: SpecialCase | None) -> list[tuple[str, str]]:
    if case == SpecialCase.OHNE_ANLAGE:
        return []
    if case == SpecialCase.VIELE_ANLAGEN:
        kinds = [draw.random.choice(sorted(_TITLES)) for _ in range(_MANY)]
        return [(f"{kind}-{number:02d}.pdf", kind) for number, kind in enumerate(kinds, 1)]
    if case == SpecialCase.UMLAUT_DATEINAME:
        return [(name, "sonstiges") for name in draw.random.sample(_ODD_NAMES, 2)]
    others = sorted(_TITLES.keys() - {"bescheid"})
    kinds = ["bescheid", *draw.random.sample(others, draw.random.randint(0, 2))]
    return [(f"{kind}.pdf", kind) for kind in kinds]


@cache
def _render(art: str) -> bytes:
    # One file of each kind is enough: to set a page for every Ersuchen would take most of the time.
    return render_page(_TITLES[art], _PARAGRAPHS)
