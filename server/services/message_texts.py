"""A message as a person reads it: sections with labels and values, in German.

Only messages of our own set are shown like that; others are downloaded.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.content import Content
from server.domain.german import format_euro, format_german_day
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.message_labels import AMOUNTS, KEY_NAMES, KEYED, label
from server.xmlio.namespaces import AMTSHILFE
from server.xmlio.outline import OutlineNode, read_outline
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlRejected

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")
# Elements whose children stand among the rows of what holds them.
_INLINE = frozenset({"person", "firma"})
_MAIN = "Angaben"
# German names by element and key.
KeyNames = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class TextSection:
    """A part of a message: its title, and rows of label and value; values may have lines."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MessageText:
    """A message of our own set by its sections, in the order of the message."""

    sections: tuple[TextSection, ...]


class MessageTexts:
    """Reads messages for persons."""

    def __init__(
        self, inspector: PayloadInspector, codelisten: Codelisten, kataloge: Massnahmenkataloge
    ) -> None:
        self._inspector = inspector
        self._codelisten = codelisten
        self._kataloge = kataloge

    def read(self, content: Content, parties: Sequence[PartyIdentifier]) -> MessageText | None:
        """The sections of a message between the parties; None where it is none of our own set."""
        try:
            if not self._inspector.find_root(content).startswith(f"{{{AMTSHILFE}}}"):
                return None
            outline = read_outline(self._inspector.parse(content))
        except XmlRejected:
            return None
        return MessageText(tuple(_list_sections(outline, self._name_keys(outline, parties))))

    def _name_keys(self, outline: OutlineNode, parties: Sequence[PartyIdentifier]) -> KeyNames:
        day = _read_day(outline.find_text("datum")) or self._codelisten.today()
        names = {
            ("einnahmeart", key): self._codelisten.name_einnahmeart(key, day)
            for key in _find_keys(outline, "einnahmeart")
        }
        measures = _find_keys(outline, "massnahme")
        for katalog in map(self._kataloge.find_for, parties if measures else ()):
            for key in measures:
                massnahme = katalog.find_known(key)
                if massnahme:
                    names["massnahme", key] = massnahme.name
        return names


def _find_keys(node: OutlineNode, name: str) -> set[str]:
    """The keys of an element of this name, or of the `art` within it, anywhere below."""
    own = {node.text or node.find_text("art")} - {""} if node.name == name else set()
    return own.union(*(_find_keys(child, name) for child in node.children))


def _list_sections(root: OutlineNode, names: KeyNames) -> Iterator[TextSection]:
    """What stands alone first, then what has parts; each part of a list is numbered."""
    plain = tuple(_list_rows(root, names, is_flat=True))
    if plain:
        yield TextSection(_MAIN, plain)
    counts = Counter(child.name for child in root.children if not child.is_leaf)
    seen: Counter[str] = Counter()
    for child in root.children:
        if child.is_leaf:
            continue
        seen[child.name] += 1
        number = f" {seen[child.name]}" if counts[child.name] > 1 else ""
        yield TextSection(label(child.name) + number, tuple(_list_rows(child, names)))


def _list_rows(
    node: OutlineNode, names: KeyNames, *, is_flat: bool = False
) -> Iterator[tuple[str, str]]:
    for child in node.children:
        if child.is_leaf:
            yield label(child.name), _write_value(child, node.name, names)
        elif is_flat:
            continue
        elif child.name in _INLINE:
            yield from _list_rows(child, names)
        else:
            yield label(child.name), _join(child, names)


def _join(node: OutlineNode, names: KeyNames) -> str:
    """An element with parts in one value."""
    if node.name == "anschrift":
        texts = (node.find_text(name) for name in ("strasse", "hausnummer", "plz", "ort"))
        return ", ".join(Anschrift(*texts).lines())
    return "; ".join(f"{name}: {value}" for name, value in _list_rows(node, names))


def _write_value(node: OutlineNode, parent: str, names: KeyNames) -> str:
    text = node.text
    kind = parent if node.name == "art" and parent == "massnahme" else node.name
    if (kind, text) in names:
        return names[kind, text]
    if node.name == "kennung":
        return f"{node.attributes.get('typ', '')}:{text}"
    if node.name in AMOUNTS:
        return _write_amount(text)
    if node.name in KEYED:
        return KEY_NAMES.get(text, text)
    if node.name == "iban":
        return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    day = _read_day(text)
    return format_german_day(day) if day else text


def _write_amount(text: str) -> str:
    try:
        return format_euro(Decimal(text))
    except InvalidOperation:
        return text


def _read_day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    return date.fromisoformat(found[1]) if found else None
