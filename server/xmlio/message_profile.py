"""A message schema with its profile: XSD files and a `profile.toml` in one folder.

The profile names the namespace, the main XSD file, and for each message element its message type
and, as XPaths from that element, where sender, reader and the rest of the routing data stand; what
all messages have in common stands once under `defaults`. A schema that comes with such a file is
validated and routed without code.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.figures import ClaimSum
from server.domain.routing import RoutingData
from server.domain.vorgang_facts import PROFILE_EVENTS
from server.xmlio.content_digest import digest_content
from server.xmlio.embedded_document import EmbeddedDocument, decode_documents
from server.xmlio.namespaces import name_in
from server.xmlio.schema import Schema

PROFILE_NAME = "profile.toml"
_TOP_KEYS = frozenset(
    {"namespace", "schema", "message_type_list", "prefixes", "defaults", "messages"}
)
_PATH_KEYS = (
    "sender", "sender_type", "reader", "reader_type", "reader_name", "aktenzeichen",
    "aktenzeichen_reader", "bezug", "outcome", "frist", "abgegeben_an", "abgegeben_an_type",
    "einnahmeart", "strasse", "hausnummer", "plz", "ort", "pdf", "volatile", "schuldner",
    "schuldner_name", "forderung", "forderung_einnahmeart", "forderung_betrag",
)  # fmt: skip
_EINNAHMEART_LENGTH = 64
_CENT = Decimal("0.01")
# A hundred thousand million euro; sums of them stay within 64 bits.
_MAX_CENTS = 10**13
_PDF_KEY = "pdf"
_VOLATILE_KEY = "volatile"
_SCHULDNER_KEY = "schuldner"
# The name within the node of a debtor.
_SCHULDNER_NAME_KEY = "schuldner_name"
# These lead to nodes, the others to the texts of the routing data.
_CLAIM_KEY, _CLAIM_ART_KEY, _CLAIM_AMOUNT_KEY = (
    "forderung", "forderung_einnahmeart", "forderung_betrag"
)  # fmt: skip
# The claims, and what is read from each of them.
_CLAIM_KEYS = frozenset({_CLAIM_KEY, _CLAIM_ART_KEY, _CLAIM_AMOUNT_KEY})
_NODE_KEYS = _CLAIM_KEYS | {_PDF_KEY, _VOLATILE_KEY, _SCHULDNER_KEY, _SCHULDNER_NAME_KEY}


class ProfileInvalid(Exception):
    """A schema folder cannot be used; `problems` are German sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class MessageProfile:
    """One message of a schema; `paths` by what they lead to.

    `event` says what it means for its Vorgang; it is empty where it belongs to none.
    """

    message_type: str
    event: str
    paths: Mapping[str, etree.XPath]

    def read_routing(self, root: etree._Element) -> RoutingData:
        """What a valid message says of itself."""
        found = {key: self._read(key, root) for key in _PATH_KEYS if key not in _NODE_KEYS}
        successor = PartyIdentifier(found["abgegeben_an"], found["abgegeben_an_type"])
        anschrift = Anschrift(found["strasse"], found["hausnummer"], found["plz"], found["ort"])
        return RoutingData(
            PartyIdentifier(found["sender"], found["sender_type"]),
            PartyIdentifier(found["reader"], found["reader_type"], found["reader_name"]),
            found["aktenzeichen"],
            found["aktenzeichen_reader"],
            found["bezug"],
            self.event,
            found["outcome"],
            found["einnahmeart"],
            anschrift,
            found["frist"],
            successor if successor.value else None,
            tuple(self._read_schuldner(root)),
        )

    @property
    def has_documents(self) -> bool:
        """True where the profile says that PDF documents may stand within the message."""
        return _PDF_KEY in self.paths

    def read_documents(self, root: etree._Element) -> tuple[EmbeddedDocument, ...]:
        """The PDF documents that stand within a message, in their order."""
        path = self.paths.get(_PDF_KEY)
        return tuple(decode_documents(path(root), root)) if path else ()

    def read_claims(self, root: etree._Element) -> tuple[ClaimSum, ...]:
        """The claims of a valid message by Einnahmeart, in the order in which they begin."""
        if not self.paths.keys() >= _CLAIM_KEYS:
            return ()
        sums: dict[str, ClaimSum] = {}
        for claim in self.paths[_CLAIM_KEY](root):
            art = self._read(_CLAIM_ART_KEY, claim)[:_EINNAHMEART_LENGTH]
            before = sums.get(art, ClaimSum(art, 0, 0))
            cents = before.cents + _to_cents(self._read(_CLAIM_AMOUNT_KEY, claim))
            sums[art] = ClaimSum(art, before.claims + 1, cents)
        return tuple(sums.values())

    def digest_content(self, root: etree._Element) -> str:
        """SHA-256 (hex) of what a message says, apart from its own MessageID and its day."""
        return digest_content(root, self.paths.get(_VOLATILE_KEY))

    def _read_schuldner(self, root: etree._Element) -> Iterator[str]:
        path, name = self.paths.get(_SCHULDNER_KEY), self.paths.get(_SCHULDNER_NAME_KEY)
        for node in path(root) if path else ():
            text = _to_text(name(node) if name else node).strip(" ,")
            if text:
                yield text

    def _read(self, key: str, root: etree._Element) -> str:
        path = self.paths.get(key)
        return _to_text(path(root)) if path else ""


@dataclass(frozen=True)
class SchemaProfile:
    """A compiled schema and its messages by the name of their root element."""

    namespace: str
    schema: Schema
    message_type_list: tuple[str, str]
    messages: Mapping[str, MessageProfile]


def read_profile(folder: Path) -> SchemaProfile:
    """The schema of a folder; raises ProfileInvalid with everything that is wrong with it."""
    path = folder / PROFILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileInvalid([f"{path}: nicht lesbar ({error})."]) from None
    reader = _ProfileReader(folder, values)
    profile = reader.read()
    if reader.problems or profile is None:
        raise ProfileInvalid([f"{path}: {problem}" for problem in reader.problems])
    return profile


class _ProfileReader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self._folder = folder
        self._values = values
        self.problems: list[str] = []

    def read(self) -> SchemaProfile | None:
        for key in self._values.keys() - _TOP_KEYS:
            self.problems.append(f"{key}: diesen Schlüssel gibt es nicht.")
        namespace = self._text(self._values, "namespace")
        type_list = self._table(self._values, "message_type_list")
        list_uri, list_version = self._text(type_list, "uri"), self._text(type_list, "version")
        schema = self._compile(self._text(self._values, "schema"), namespace)
        messages = dict(self._read_messages(namespace, schema))
        if schema is None:
            return None
        return SchemaProfile(namespace, schema, (list_uri, list_version), messages)

    def _compile(self, name: str, namespace: str) -> Schema | None:
        path = self._folder / name
        if not name or not path.resolve().is_relative_to(self._folder.resolve()):
            self.problems.append(f"schema: „{name}“ liegt nicht in diesem Ordner.")
            return None
        try:
            root = etree.parse(str(path), etree.XMLParser(no_network=True)).getroot()
            schema = Schema(root)
        except (OSError, etree.LxmlError) as error:
            self.problems.append(f"schema: {name} ist kein brauchbares XML-Schema ({error}).")
            return None
        if root.get("targetNamespace", "") != namespace:
            self.problems.append(f"namespace: {name} hat einen anderen targetNamespace.")
        return schema

    def _read_messages(
        self, namespace: str, schema: Schema | None
    ) -> Iterator[tuple[str, MessageProfile]]:
        messages = self._table(self._values, "messages")
        defaults = self._values.get("defaults", {})
        self._refuse_unknown("defaults", defaults, _PATH_KEYS)
        for name in messages:
            values = self._table(messages, name)
            self._refuse_unknown(f"messages.{name}", values, ("message_type", "event", *_PATH_KEYS))
            if schema and not schema.declares(name_in(namespace, name)):
                self.problems.append(f"messages.{name}: das Schema kennt dieses Element nicht.")
            yield name, self._read_message(name, {**defaults, **values})

    def _read_message(self, name: str, values: Mapping[str, Any]) -> MessageProfile:
        prefixes = self._table(self._values, "prefixes")
        paths = {
            key: path
            for key in _PATH_KEYS
            if (path := self._compile_path(name, key, values.get(key), prefixes))
        }
        event = str(values.get("event", ""))
        if event and event not in PROFILE_EVENTS:
            self.problems.append(f"messages.{name}.event: „{event}“ ist kein Ereignis.")
        return MessageProfile(self._text(values, "message_type"), event, paths)

    def _refuse_unknown(self, where: str, values: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in sorted(values.keys() - set(known)):
            self.problems.append(f"{where}: den Schlüssel {key} gibt es nicht.")

    def _compile_path(
        self, message: str, key: str, path: object, prefixes: Mapping[str, Any]
    ) -> etree.XPath | None:
        if path is None:
            return None
        try:
            return etree.XPath(str(path), namespaces=dict(prefixes))
        except (etree.XPathError, TypeError, ValueError) as error:
            self.problems.append(f"messages.{message}.{key}: kein gültiger XPath ({error}).")
            return None

    def _text(self, values: Mapping[str, Any], key: str) -> str:
        value = values.get(key)
        if isinstance(value, str) and value:
            return value
        self.problems.append(f"{key}: die Angabe fehlt oder ist kein Text.")
        return ""

    def _table(self, values: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = values.get(key)
        if isinstance(value, dict):
            return value
        self.problems.append(f"{key}: der Abschnitt fehlt.")
        return {}


def _to_cents(text: str) -> int:
    """Cents of an amount in euro; 0 where it is none, or more than anybody owes."""
    try:
        cents = Decimal(text).quantize(_CENT) / _CENT
    except InvalidOperation:
        return 0
    return int(cents) if cents.is_finite() and 0 <= cents < _MAX_CENTS else 0


def _to_text(result: object) -> str:
    """The first of what an XPath found, with white space counted once."""
    if isinstance(result, list):
        return _to_text(result[0]) if result else ""
    if isinstance(result, etree._Element):
        return " ".join("".join(str(text) for text in result.itertext()).split())
    return " ".join(str(result).split())
