"""Code lists in Genericode 1.0 (OASIS): reading what others publish, writing what we know.

What the standard leaves open is read as XÖV lists have it: the annotation of the recommended key
column, and the first day of validity in the list's annotation. The last day has no place there;
ours is an element of `urn:damtshilfe:codeliste:1` in Annotation/AppInfo (docs/codelisten.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from server.domain.codeliste import Codeliste
from server.xmlio.genericode_columns import ColumnReader, Columns
from server.xmlio.genericode_problems import GenericodeInvalid, Problems, clean
from server.xmlio.namespaces import name_in
from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document

GENERICODE: Final = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
VALIDITY: Final = "urn:damtshilfe:codeliste:1"

# The largest public lists (all Gemeinden) have some ten thousand rows.
_LIMITS = XmlLimits(elements=2_000_000, depth=32)
# Of a file from a browser: ten thousand rows with a dozen columns and more.
UPLOAD_LIMITS: Final = XmlLimits(elements=400_000, depth=32)
_URI_LENGTH, _VERSION_LENGTH, _KEY_LENGTH = 255, 64, 255
_XOEV_NAMESPACES = ("http://xoev.de/schemata/genericode/", "http://www.xoev.de/schemata/")
_VALID_FROM = ("gueltigab", "validfrom", "datumgueltigkeitab")
_VALID_TO = ("gueltigbis", "validto", "datumgueltigkeitbis")


@dataclass(frozen=True)
class Validity:
    """First and last day of validity, both included; None leaves that side open."""

    first: date | None = None
    last: date | None = None


def read_codeliste(
    content: bytes, override: Validity | None = None, limits: XmlLimits = _LIMITS
) -> Codeliste:
    """The list of a Genericode document; raises GenericodeInvalid with everything wrong with it.

    The days of `override` take the place of those that the document states.
    """
    problems = Problems()
    try:
        root = parse_document(content, limits)
    except XmlRejected as error:
        problems.add(0, error.reason)
        raise GenericodeInvalid(problems.found) from None
    codeliste = _Reader(root, problems, override or Validity()).read()
    if problems.found:
        raise GenericodeInvalid(problems.found)
    return codeliste


class _Reader:
    """Reads on after a mistake, so that all of them are told together."""

    def __init__(self, root: etree._Element, problems: Problems, override: Validity) -> None:
        self._root = root
        self._problems = problems
        self._override = override

    def read(self) -> Codeliste:
        if self._root.tag != name_in(GENERICODE, "CodeList"):
            self._problems.at(
                self._root, "Das ist keine Codeliste in Genericode 1.0 (gc:CodeList)."
            )
            raise GenericodeInvalid(self._problems.found)
        uri, version, name = self._read_identification()
        validity = self._read_validity()
        return Codeliste(uri, version, name, self._read_entries(), validity.first, validity.last)

    def _read_identification(self) -> tuple[str, str, str]:
        found = self._root.find("Identification")
        if found is None:
            self._problems.at(self._root, "Es fehlt Identification.")
            return "", "", ""
        uri = self._read_text(found, "CanonicalUri", _URI_LENGTH)
        if uri and ":" not in uri:
            self._problems.at(found, f"CanonicalUri: „{uri}“ ist keine URI.")
        version = self._read_text(found, "Version", _VERSION_LENGTH)
        return uri, version, _find_long_name(found) or self._read_text(found, "ShortName", 255)

    def _read_text(self, parent: etree._Element, name: str, length: int) -> str:
        text = clean(parent.findtext(name))
        if not text:
            self._problems.at(parent, f"Identification: Es fehlt {name}.")
        elif len(text) > length:
            self._problems.at(parent, f"{name} ist länger als {length} Zeichen.")
        return text

    def _read_validity(self) -> Validity:
        first = self._override.first or self._read_day(_VALID_FROM, "--gueltig-ab")
        last = self._override.last or self._read_day(_VALID_TO, "--gueltig-bis")
        if first and last and last < first:
            self._problems.add(
                0, f"Die Gültigkeit endet am {last:%d.%m.%Y}, bevor sie beginnt ({first:%d.%m.%Y})."
            )
        return Validity(first, last)

    def _read_day(self, names: tuple[str, ...], option: str) -> date | None:
        element = next(self._list_annotations(names), None)
        text = "" if element is None else clean(element.text)
        if element is None or not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._problems.at(
                element,
                f"„{text}“ ist kein Tag der Gültigkeit (JJJJ-MM-TT); "
                f"beim Import lässt sich stattdessen einer angeben ({option}).",
            )
            return None

    def _list_annotations(self, names: tuple[str, ...]) -> Iterator[etree._Element]:
        for element in self._root.iterfind("Annotation//*"):
            name = etree.QName(element)
            is_ours = (name.namespace or "").startswith((VALIDITY, *_XOEV_NAMESPACES))
            if is_ours and name.localname.lower() in names:
                yield element

    def _read_entries(self) -> Mapping[str, str]:
        columns = ColumnReader(self._root, self._problems).read()
        rows = self._root.findall("SimpleCodeList/Row")
        if not rows:
            self._problems.at(self._root, "Die Codeliste hat keine Einträge (SimpleCodeList/Row).")
        return self._read_rows(rows, columns) if columns else {}

    def _read_rows(self, rows: list[etree._Element], columns: Columns) -> Mapping[str, str]:
        entries: dict[str, str] = {}
        lines: dict[str, int | None] = {}
        for row in rows:
            key, name = self._read_row(row, columns)
            if key in entries:
                self._problems.at(row, f"Der Schlüssel „{key}“ steht schon in Zeile {lines[key]}.")
            elif key:
                entries[key], lines[key] = name or key, row.sourceline
        return entries

    def _read_row(self, row: etree._Element, columns: Columns) -> tuple[str, str]:
        values = self._read_values(row, columns)
        key = values.get(columns.key, "")
        if not key:
            self._problems.at(row, f"Der Eintrag hat keinen Schlüssel (Spalte „{columns.key}“).")
        elif len(key) > _KEY_LENGTH:
            self._problems.at(row, f"Der Schlüssel ist länger als {_KEY_LENGTH} Zeichen.")
        return key, values.get(columns.name, "")

    def _read_values(self, row: etree._Element, columns: Columns) -> dict[str, str]:
        values: dict[str, str] = {}
        position = -1
        for value in row.iterfind("Value"):
            # A value without reference belongs to the column after that of the value before.
            position += 1
            reference = value.get("ColumnRef") or columns.find_id(position)
            if reference in columns.ids:
                position = columns.ids.index(reference)
                values[reference] = clean(value.findtext("SimpleValue"))
            else:
                self._problems.at(value, f"Die Spalte „{reference}“ gibt es nicht.")
        return values


def _find_long_name(identification: etree._Element) -> str:
    """The long name, in German where there are several."""
    names = identification.findall("LongName")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    german = [name for name in names if (name.get(language) or "de").startswith("de")]
    return clean((german or names)[0].text) if names else ""


def write_codeliste(codeliste: Codeliste) -> bytes:
    """A Genericode document with the columns `code` and `name`."""
    root = etree.Element(name_in(GENERICODE, "CodeList"), nsmap={"gc": GENERICODE, "da": VALIDITY})
    _write_validity(root, codeliste)
    identification = etree.SubElement(root, "Identification")
    for name, text in (
        ("ShortName", codeliste.uri.rpartition(":")[2] or codeliste.uri),
        ("LongName", codeliste.name),
        ("Version", codeliste.version),
        ("CanonicalUri", codeliste.uri),
        ("CanonicalVersionUri", f"{codeliste.uri}_{codeliste.version}"),
    ):
        etree.SubElement(identification, name).text = text
    _write_columns(etree.SubElement(root, "ColumnSet"))
    rows = etree.SubElement(root, "SimpleCodeList")
    for key, name in codeliste.entries.items():
        row = etree.SubElement(rows, "Row")
        for column, text in (("code", key), ("name", name)):
            value = etree.SubElement(row, "Value", ColumnRef=column)
            etree.SubElement(value, "SimpleValue").text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write_validity(root: etree._Element, codeliste: Codeliste) -> None:
    days = (("gueltigAb", codeliste.valid_from), ("gueltigBis", codeliste.valid_to))
    if not any(day for _, day in days):
        return
    info = etree.SubElement(etree.SubElement(root, "Annotation"), "AppInfo")
    for name, day in days:
        if day:
            etree.SubElement(info, name_in(VALIDITY, name)).text = day.isoformat()


def _write_columns(column_set: etree._Element) -> None:
    for name in ("code", "name"):
        column = etree.SubElement(column_set, "Column", Id=name, Use="required")
        etree.SubElement(column, "ShortName").text = name
        etree.SubElement(column, "Data", Type="string")
    key = etree.SubElement(column_set, "Key", Id="codeKey")
    etree.SubElement(key, "ShortName").text = "codeKey"
    etree.SubElement(key, "ColumnRef", Ref="code")
