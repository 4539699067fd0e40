"""The simple types of a schema, read from its files: libxml2 names a type, not what it asks for.

A type is explained by a German documentation of its own (xml:lang="de"), by its values, or by what
it is made from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from server.xmlio.expectation import describe_built_in, describe_pattern, describe_values, shorten
from server.xmlio.namespaces import XML, XSD, name_in

_BUILT_IN = f"{{{XSD}}}"
_REFERENCES = tuple(name_in(XSD, name) for name in ("include", "import", "redefine"))
_SIMPLE_TYPE = name_in(XSD, "simpleType")


@dataclass(frozen=True)
class _SimpleType:
    """What a definition says; type names as `{namespace}local`, anonymous types inline."""

    note: str
    base: str
    values: tuple[str, ...]
    patterns: tuple[str, ...]
    members: tuple[str, ...]
    item: str


class SchemaTypes:
    """Explains values by the types of a schema; the schema itself has been compiled."""

    def __init__(self, root: etree._Element) -> None:
        self._types: dict[str, _SimpleType] = {}
        # Types without a name, by the local name of the element or attribute that they belong to.
        self._anonymous: dict[str, list[_SimpleType]] = {}
        self._pattern_owners: dict[str, tuple[str, str]] = {}
        self._read(root, root.get("targetNamespace", ""), set())

    def describe(self, name: str, owner: str) -> str:
        """A value of a type: `{namespace}local`, `xs:local`, or nameless that of `owner`."""
        if name.startswith("xs:"):
            return describe_built_in(name.removeprefix("xs:"))
        if name:
            return self._describe_named(name)
        found = {self._describe_type(item) for item in self._anonymous.get(owner, ())}
        return found.pop() if len(found) == 1 else "ein anderer Wert"

    def describe_pattern(self, pattern: str) -> str:
        """What a pattern asks for, by the documentation of the type that has it."""
        note, name = self._pattern_owners.get(pattern, ("", ""))
        return note or describe_pattern(pattern, name)

    def _describe_named(self, name: str) -> str:
        local_name = name.rpartition("}")[2]
        if name.startswith(_BUILT_IN):
            return describe_built_in(local_name)
        found = self._types.get(name)
        return self._describe_type(found) if found else describe_built_in(local_name)

    def _describe_type(self, found: _SimpleType) -> str:
        if found.note or found.values:
            return found.note or describe_values(found.values)
        if found.members:
            return " oder ".join(dict.fromkeys(map(self._describe_named, found.members)))
        if found.item:
            return f"eine Liste, jeder Eintrag {self._describe_named(found.item)}"
        return self._describe_named(found.base) if found.base else "ein anderer Wert"

    def _read(self, root: etree._Element, namespace: str, seen: set[str]) -> None:
        for reference in root.iterchildren(*_REFERENCES):
            location = urljoin(root.base or "", reference.get("schemaLocation", ""))
            if reference.get("schemaLocation") and location not in seen:
                seen.add(location)
                self._read_file(location, reference.get("namespace", namespace), seen)
        for element in root.iter(_SIMPLE_TYPE):
            self._add(element, namespace)

    def _read_file(self, location: str, namespace: str, seen: set[str]) -> None:
        try:
            root = etree.parse(location, etree.XMLParser(no_network=True)).getroot()
        except (OSError, etree.LxmlError):
            # The schema compiled without it (libxml2 skips an import that it need not read).
            return
        self._read(root, root.get("targetNamespace", namespace), seen)

    def _add(self, element: etree._Element, namespace: str) -> None:
        found, name, parent = _read_simple_type(element), element.get("name"), element.getparent()
        if name:
            self._types[name_in(namespace, name)] = found
        elif parent is not None and parent.get("name"):
            self._anonymous.setdefault(parent.get("name", ""), []).append(found)
        for pattern in found.patterns:
            self._pattern_owners.setdefault(pattern, (found.note, name or ""))


def _read_simple_type(element: etree._Element) -> _SimpleType:
    restriction = element.find(name_in(XSD, "restriction"))
    union, item_list = element.find(name_in(XSD, "union")), element.find(name_in(XSD, "list"))
    return _SimpleType(
        _read_note(element),
        next(_read_names(restriction, "base"), ""),
        tuple(_read_facets(restriction, "enumeration")),
        tuple(_read_facets(restriction, "pattern")),
        tuple(_read_names(union, "memberTypes")),
        next(_read_names(item_list, "itemType"), ""),
    )


def _read_names(element: etree._Element | None, attribute: str) -> Iterator[str]:
    if element is None:
        return
    for name in element.get(attribute, "").split():
        prefix, _, local_name = name.rpartition(":")
        yield name_in(element.nsmap.get(prefix or None, ""), local_name)


def _read_facets(restriction: etree._Element | None, name: str) -> Iterator[str]:
    if restriction is not None:
        yield from (facet.get("value", "") for facet in restriction.iter(name_in(XSD, name)))


def _read_note(element: etree._Element) -> str:
    """A German documentation of the type or of its pattern."""
    for documentation in element.iter(name_in(XSD, "documentation")):
        if documentation.get(name_in(XML, "lang"), "").startswith("de"):
            return shorten("".join(map(str, documentation.itertext()))).rstrip(".")
    return ""
