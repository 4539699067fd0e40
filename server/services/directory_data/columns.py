"""The columns of each kind of file, the other names that they may have, and how a kind is known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.directory_kind import DirectoryKind


@dataclass(frozen=True)
class Columns:
    """What a file of a kind has: a `marker` that no other kind has, and what must be there."""

    names: tuple[str, ...]
    required: tuple[str, ...]
    marker: str = ""


COLUMNS: Mapping[DirectoryKind, Columns] = {
    DirectoryKind.GEMEINDEN: Columns(
        ("ags", "plz", "ort", "kreis", "deprecated"), ("ags", "plz", "ort")
    ),
    DirectoryKind.ORTSTEILE: Columns(
        ("ortsteil", "ags", "plz"), ("ortsteil", "ags"), marker="ortsteil"
    ),
    DirectoryKind.BEHOERDEN: Columns(
        (
            "kennung",
            "typ",
            "kategorie",
            "name",
            "strasse",
            "hausnummer",
            "plz",
            "ort",
            "kanal",
            "status",
            "gueltig_von",
            "gueltig_bis",
            "iban",
            "einnahmearten",
            "rechenzentrum",
            "kontakte",
        ),
        ("kennung", "name", "plz", "ort", "kanal"),
        marker="kennung",
    ),
    DirectoryKind.REGELN: Columns(
        (
            "land",
            "kreis",
            "ags",
            "plz",
            "ort",
            "strasse",
            "hausnummer_von",
            "hausnummer_bis",
            "seite",
            "einnahmearten",
            "behoerde",
            "behoerde_typ",
            "gueltig_von",
            "gueltig_bis",
        ),
        ("behoerde",),
        marker="behoerde",
    ),
    DirectoryKind.TEILNEHMER: Columns(
        ("fingerabdruck", "name", "gueltig_bis"),
        ("fingerabdruck", "name", "gueltig_bis"),
        marker="fingerabdruck",
    ),
}

# Other name → column; written as `_simplify` writes it.
SYNONYMS: Mapping[str, str] = {
    "gemeindeschluessel": "ags",
    "amtlichergemeindeschluessel": "ags",
    "postleitzahl": "plz",
    "gemeinde": "ort",
    "gemeindename": "ort",
    "ortsname": "ort",
    "landkreis": "kreis",
    "aufgeloest": "deprecated",
    "veraltet": "deprecated",
    "stadtteil": "ortsteil",
    "behoerdenkennung": "kennung",
    "kennungstyp": "typ",
    "behoerdenname": "name",
    "strassenname": "strasse",
    "hausnr": "hausnummer",
    "hausnrvon": "hausnummer_von",
    "hausnrbis": "hausnummer_bis",
    "strassenseite": "seite",
    "einnahmeart": "einnahmearten",
    "zustaendigebehoerde": "behoerde",
    "zustellweg": "kanal",
    "bundesland": "land",
    "gueltigab": "gueltig_von",
    "ansprechpartner": "kontakte",
    "fingerprint": "fingerabdruck",
    "sha256": "fingerabdruck",
}
_TRANSCRIPTIONS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_LETTER = re.compile("[^a-z0-9]")
_BY_FORM = {
    name.replace("_", ""): name for columns in COLUMNS.values() for name in columns.names
} | dict(SYNONYMS)


class HeaderRefused(Exception):
    """The header fits no kind; the text is German."""


@dataclass(frozen=True)
class Header:
    """The kind of a table, and for each of its columns the position in a line."""

    kind: DirectoryKind
    positions: Mapping[str, int]
    width: int


def read_header(texts: Sequence[str], kind: DirectoryKind | None = None) -> Header:
    """What the columns are; `kind` where the caller knows it. Raises HeaderRefused."""
    names = [_BY_FORM.get(_simplify(text), "") for text in texts]
    found = kind or _recognise(set(names))
    columns = COLUMNS[found]
    used = [name if name in columns.names else "" for name in names]
    missing = [name for name in columns.required if name not in used]
    if missing:
        raise HeaderRefused(
            f"Für {found.label} fehlt in der Kopfzeile: {', '.join(missing)}. "
            f"Spalten sind: {', '.join(columns.names)}."
        )
    twice = sorted({name for name in used if name and used.count(name) > 1})
    if twice:
        raise HeaderRefused(f"Die Kopfzeile nennt mehrmals: {', '.join(twice)}.")
    positions = {name: position for position, name in enumerate(used) if name}
    return Header(found, positions, len(texts))


def _recognise(names: set[str]) -> DirectoryKind:
    marked = [kind for kind, columns in COLUMNS.items() if columns.marker in names - {""}]
    if len(marked) == 1:
        return marked[0]
    if not marked and {"ags", "ort"} <= names:
        return DirectoryKind.GEMEINDEN
    kinds = ", ".join(DirectoryKind)
    if marked:
        fitting = ", ".join(marked)
        raise HeaderRefused(f"Die Kopfzeile passt zu mehreren Arten ({fitting}): --kind angeben.")
    raise HeaderRefused(f"Die Kopfzeile passt zu keiner Art ({kinds}).")


def _simplify(text: str) -> str:
    return _NO_LETTER.sub("", text.strip().casefold().translate(_TRANSCRIPTIONS))
