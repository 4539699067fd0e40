"""What libxml2 says of an invalid document, in German: line, element, and what was expected.

libxml2 reports one mistake several times (each facet, item and list); one sentence comes of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from server.xmlio.expectation import (
    count_things,
    describe_bound,
    describe_values,
    shorten,
)
from server.xmlio.schema_types import SchemaTypes

_MAX_COMPLAINTS = 20
_MAX_EXPECTED = 10
_PREFIX = re.compile(r"Element '(.*?)'(?:, attribute '(.*?)')?: (.*)", re.DOTALL)
_FACET = re.compile(r"\[facet '(\w+)'\] (.*)", re.DOTALL)
_FACET_VALUE = re.compile(r"The value '(.*)' (?:is|has|must)\b", re.DOTALL)
_TYPE_MARK = "is not a valid value of the "
_TYPE_NAME = re.compile(r"type '([^']*)'")
_FIXED = re.compile(r"value '(.*)' does not match the fixed value constraint '(.*)'\.", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")
_LISTED = re.compile(r"'(.*?)'(?=, '|\}\.$)", re.DOTALL)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.$", re.DOTALL)
_EXPECTED_NAME = re.compile(r"(##\w+)?(?:\{([^}]*)\})?([^\s,{}]+)")
_KEYS = re.compile(r"key-sequence \[(.*)\] (?:in|of)", re.DOTALL)
_XML_NAME = re.compile(r"[^\W\d][\w.\-]*")
_BOUNDS = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
_DATATYPE = "SCHEMAV_CVC_DATATYPE_VALID_1_2_"
_LIST_INVALID = _DATATYPE + "2"
_FIXED_KINDS = ("SCHEMAV_CVC_AU", "SCHEMAV_CVC_ELT_5_2_2_2_1", "SCHEMAV_CVC_ELT_5_2_2_2_2")
_WRONG_CONTENT = {
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2", "SCHEMAV_CVC_TYPE_3_1_2", "SCHEMAV_CVC_ELT_3_1",
}  # fmt: skip
_WRONG_TYPE = {"SCHEMAV_CVC_ELT_4_1", "SCHEMAV_CVC_ELT_4_2", "SCHEMAV_CVC_ELT_4_3"}
# A key could not be compared, because its value is invalid: which is told by itself.
_INVALID_KEY = "Warning: No precomputed value available"
_ABSTRACT_TYPE = "SCHEMAV_CVC_TYPE_2"


@dataclass(frozen=True)
class SchemaComplaint:
    """One violation; `text` is a German sentence that names line and element.

    `line` is None where it is about the whole document.
    """

    line: int | None
    text: str


def join_complaints(complaints: Iterable[SchemaComplaint]) -> str:
    """All complaints as one German text."""
    return " ".join(complaint.text for complaint in complaints)


def describe_log(
    log: Iterable[etree._LogEntry], root: etree._Element, types: SchemaTypes
) -> tuple[SchemaComplaint, ...]:
    """The first violations, and how many there are beside them."""
    groups: dict[tuple[int, str, str], list[_Entry]] = {}
    for entry in (_read_entry(item, root) for item in log):
        groups.setdefault((entry.line, entry.path, entry.element), []).append(entry)
    found = {
        SchemaComplaint(group[0].line, f"{_name_place(group[0])}: {text}."): None
        for group in groups.values()
        for text in _describe_node(group, root, types)
    }
    more = len(found) - _MAX_COMPLAINTS
    first = tuple(found)[:_MAX_COMPLAINTS]
    return (*first, _count_more(more)) if more > 0 else first


@dataclass(frozen=True)
class _Entry:
    """One message of libxml2: about which element or attribute, and what it says of it."""

    line: int
    path: str
    element: str
    attribute: str
    kind: str
    message: str

    @property
    def local_name(self) -> str:
        return self.element.rpartition("}")[2]

    @property
    def is_about_value(self) -> bool:
        is_facet = self.message.startswith("[facet ")
        return is_facet or self.kind.startswith(_DATATYPE) or self.kind in _FIXED_KINDS


def _read_entry(entry: etree._LogEntry, root: etree._Element) -> _Entry:
    match = _PREFIX.match(entry.message)
    element, attribute, message = match.groups() if match else (str(root.tag), "", entry.message)
    attribute = (attribute or "").rpartition("}")[2]
    return _Entry(entry.line, entry.path or "", element, attribute, entry.type_name, message)


def _name_place(entry: _Entry) -> str:
    return f"Zeile {entry.line}, Element „{shorten(entry.local_name)}“"


def _count_more(number: int) -> SchemaComplaint:
    counted = count_things(str(number), "weiterer", "weitere")
    return SchemaComplaint(None, f"Und {counted} Fehler.")


def _describe_node(
    group: Sequence[_Entry], root: etree._Element, types: SchemaTypes
) -> Iterator[str]:
    kinds = {entry.kind for entry in group}
    told: set[str] = set()
    for entry in group:
        if _is_consequence(entry, kinds):
            continue
        if not entry.is_about_value:
            yield _describe_structure(entry)
        elif entry.attribute not in told:
            told.add(entry.attribute)
            values = [
                item for item in group if item.is_about_value and item.attribute == entry.attribute
            ]
            yield _describe_value(values, root, types)


def _is_consequence(entry: _Entry, kinds: set[str]) -> bool:
    """True for what follows from another mistake of the same element."""
    if entry.message.startswith(_INVALID_KEY):
        return True
    if entry.is_about_value and not entry.attribute:
        return bool(kinds & _WRONG_CONTENT)
    return entry.kind == _ABSTRACT_TYPE and bool(kinds & _WRONG_TYPE)


def _describe_value(entries: Sequence[_Entry], root: etree._Element, types: SchemaTypes) -> str:
    first = entries[0]
    subject = f"der Wert des Attributs „{first.attribute}“" if first.attribute else "der Wert"
    known = (value for value in map(_find_value, entries) if value is not None)
    value = next(known, None)
    value = _look_up_value(first, root) if value is None else value
    if first.kind.startswith(_DATATYPE) and _names_type(first, "xs:ID") and _is_xml_name(value):
        return f"{_quote(subject, value)} kommt mehrfach vor, erwartet ist ein eindeutiger Wert"
    is_list = any(entry.kind == _LIST_INVALID for entry in entries)
    expected = dict.fromkeys(_describe_expected(entry, types, is_list) for entry in entries)
    told = [text for text in expected if text] or ["ein anderer Wert"]
    state = "ist leer" if value is not None and not value.strip() else "ist nicht zulässig"
    return f"{_quote(subject, value)} {state}, erwartet: {' und '.join(told)}"


def _quote(subject: str, value: str | None) -> str:
    quoted = shorten(value or "")
    if not quoted:
        return subject
    return subject.replace("der Wert", f"der Wert „{quoted}“", 1)


def _find_value(entry: _Entry) -> str | None:
    if entry.kind in _FIXED_KINDS:
        match = _FIXED.search(entry.message)
    elif entry.kind.startswith(_DATATYPE):
        match = re.match(rf"'(.*)' {_TYPE_MARK}", entry.message, re.DOTALL)
    else:
        match = _FACET_VALUE.search(entry.message)
    return match.group(1) if match else None


def _look_up_value(entry: _Entry, root: etree._Element) -> str | None:
    """The value from the document, where the message does not tell it."""
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(entry.path or "/..", namespaces=prefixes)
    except etree.XPathError:
        return None
    if not (isinstance(found, list) and found and isinstance(found[0], etree._Element)):
        return None
    return found[0].get(entry.attribute) if entry.attribute else found[0].text or ""


def _names_type(entry: _Entry, name: str) -> bool:
    match = _TYPE_NAME.search(_cut_after(entry.message, _TYPE_MARK))
    return match is not None and match.group(1) == name


def _is_xml_name(value: str | None) -> bool:
    return value is not None and _XML_NAME.fullmatch(value.strip()) is not None


def _describe_expected(entry: _Entry, types: SchemaTypes, is_list: bool) -> str:
    facet = _FACET.match(entry.message)
    if facet:
        return _describe_facet(facet.group(1), facet.group(2), types, is_list)
    if entry.kind in _FIXED_KINDS:
        match = _FIXED.search(entry.message)
        return f"„{shorten(match.group(2))}“" if match else ""
    if entry.kind == _LIST_INVALID:
        return ""
    match = _TYPE_NAME.search(_cut_after(entry.message, _TYPE_MARK))
    return types.describe(match.group(1) if match else "", entry.attribute or entry.local_name)


def _cut_after(message: str, mark: str) -> str:
    """What stands after the last mark; empty where libxml2 has cut the message before it."""
    return message.rpartition(mark)[2] if mark in message else ""


def _describe_facet(facet: str, message: str, types: SchemaTypes, is_list: bool) -> str:
    if facet == "pattern":
        pattern = _cut_after(message, "' is not accepted by the pattern '").removesuffix("'.")
        return types.describe_pattern(pattern) if pattern else ""
    if facet == "enumeration":
        values = _LISTED.findall(_cut_after(message, "of the set {"))
        return describe_values(values) if values else ""
    quoted = _QUOTED.findall(message)
    limit = quoted[-1] if quoted else ""
    if facet in _BOUNDS:
        return describe_bound(facet, limit)
    return _describe_size(facet, limit, quoted[0] if quoted else "", is_list)


def _describe_size(facet: str, limit: str, actual: str, is_list: bool) -> str:
    noun = ("Eintrag", "Einträge") if is_list else ("Zeichen", "Zeichen")
    size = count_things(limit, *noun)
    texts = {
        "length": f"genau {size} (es sind {actual})",
        "minLength": f"mindestens {size}",
        "maxLength": f"höchstens {size} (es sind {actual})",
        "totalDigits": f"höchstens {count_things(limit, 'Ziffer', 'Ziffern')}",
        "fractionDigits": "höchstens " + count_things(limit, "Nachkommastelle", "Nachkommastellen"),
    }
    return texts.get(facet, "")


def _describe_structure(entry: _Entry) -> str:
    describe = _STRUCTURES.get(entry.kind)
    if describe:
        return describe(entry)
    if entry.attribute:
        return f"das Attribut „{entry.attribute}“ entspricht nicht dem Schema"
    return "entspricht nicht dem Schema"


def _describe_content(entry: _Entry) -> str:
    expected = _name_expected(entry)
    if "Missing child" in entry.message:
        return f"ist unvollständig, es fehlt {expected or 'ein Unterelement'}"
    if not expected:
        return "steht hier nicht, erwartet ist an dieser Stelle ein anderes Element oder keines"
    return f"steht hier nicht, erwartet ist {expected}"


def _name_expected(entry: _Entry) -> str:
    match = _EXPECTED.search(entry.message)
    if not match:
        return ""
    names = [
        _name_particle(mark, namespace, name, entry.local_name)
        for mark, namespace, name in _EXPECTED_NAME.findall(match.group(1))
    ]
    return _list_names(tuple(dict.fromkeys(names)))


def _list_names(names: tuple[str, ...]) -> str:
    """libxml2 names ten at most, so that there may be more of them."""
    *first, last = names
    if len(names) == _MAX_EXPECTED:
        return f"unter anderem {', '.join(first)} oder {last}"
    return f"{', '.join(first)} oder {last}" if first else last


def _name_particle(mark: str, namespace: str, name: str, found: str) -> str:
    if name == "*":
        return _name_wildcard(mark, namespace)
    if found != name:
        return name
    # Who used the right word in the wrong namespace would not see what is wrong.
    return f"{name} aus dem Namensraum „{namespace}“" if namespace else f"{name} ohne Namensraum"


def _name_wildcard(mark: str, namespace: str) -> str:
    if not namespace:
        return "ein Element ohne Namensraum" if mark == "##local" else "ein beliebiges Element"
    other = "einem anderen Namensraum als" if mark else "dem Namensraum"
    return f"ein Element aus {other} „{namespace}“"


def _describe_missing_attribute(entry: _Entry) -> str:
    quoted = _QUOTED.findall(entry.message)
    name = quoted[-1].rpartition("}")[2] if quoted else ""
    return f"das Attribut „{name}“ fehlt"


def _describe_identity(entry: _Entry) -> str:
    keys = _KEYS.search(entry.message)
    values = ", ".join(f"„{shorten(key)}“" for key in _QUOTED.findall(keys[1])) if keys else ""
    rule = _QUOTED.findall(entry.message)[-1:] or [""]
    name = rule[0].rpartition("}")[2]
    if entry.message.startswith("Duplicate"):
        return f"{values} kommt mehrfach vor, erwartet ist ein eindeutiger Wert (Regel „{name}“)"
    if entry.message.startswith("No match"):
        return f"zu {values} fehlt das Ziel, erwartet ist ein vorhandener Wert (Regel „{name}“)"
    return f"der Schlüssel ist unvollständig oder mehrdeutig (Regel „{name}“)"


def _say(text: str) -> Callable[[_Entry], str]:
    return lambda entry: text.format(attribute=entry.attribute)


_NO_CHILDREN = _say("hat Unterelemente, erwartet ist ein einfacher Wert")
_UNKNOWN_ATTRIBUTE = _say("das Attribut „{attribute}“ ist hier nicht erlaubt")
_NIL_FILLED = _say("ist mit xsi:nil gekennzeichnet, erwartet ist ein leeres Element")
_UNKNOWN_TYPE = _say("der Typ in xsi:type ist im Schema nicht bekannt")
_STRUCTURES: dict[str, Callable[[_Entry], str]] = {
    "SCHEMAV_ELEMENT_CONTENT": _describe_content,
    "SCHEMAV_CVC_ELT_1": _say("ist in den Schemata nicht bekannt"),
    "SCHEMAV_CVC_ELT_2": _say("steht nur für andere Elemente, erwartet ist eines davon"),
    "SCHEMAV_CVC_ELT_3_1": _say("hat xsi:nil, erwartet ist hier ein Inhalt"),
    "SCHEMAV_CVC_ELT_3_2_1": _NIL_FILLED,
    "SCHEMAV_CVC_ELT_3_2_2": _NIL_FILLED,
    "SCHEMAV_CVC_ELT_4_1": _UNKNOWN_TYPE,
    "SCHEMAV_CVC_ELT_4_2": _UNKNOWN_TYPE,
    "SCHEMAV_CVC_ELT_4_3": _say("der Typ in xsi:type passt nicht zu diesem Element"),
    _ABSTRACT_TYPE: _say("hat einen abstrakten Typ, erwartet ist xsi:type mit einem Typ daraus"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": _say("hat Inhalt, erwartet ist ein leeres Element"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": _NO_CHILDREN,
    "SCHEMAV_CVC_TYPE_3_1_2": _NO_CHILDREN,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": _say("enthält Text, erwartet sind nur Unterelemente"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": _UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": _UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_TYPE_3_1_1": _UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_4": _describe_missing_attribute,
    "SCHEMAV_CVC_IDC": _describe_identity,
}
