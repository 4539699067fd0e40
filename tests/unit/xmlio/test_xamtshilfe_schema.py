"""The official namespaces hold what is publicly known of XAmtshilfe 1.1.0, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.schema import Schema

FOLDER = XSD_FOLDER / "xamtshilfe-1.1"
XS = "{http://www.w3.org/2001/XMLSchema}"
CODE = "http://xoev.de/schemata/code/1_0"
LATIN = "http://xoev.de/latinchars/1_1/datatypes"
MESSAGES = "xamtshilfe-vollstreckungshilfe.xsd"
TYPES = "xamtshilfe-baukasten.xsd"
BASIC_TYPES = "xamtshilfe-basisdatentypen.xsd"
XFINANZ = "xfinanz-baukasten.xsd"
ANFRAGE = "vollstreckungshilfe.ZustaendigkeitAnfrage.001"
ANTWORT = "vollstreckungshilfe.ZustaendigkeitAntwort.002"

# What is known: by file, each global name with its elements in their order (name, type, optional).
# An inline type has no name. Where the content is not public there are no elements.
KNOWN: dict[str, dict[str, tuple[tuple[str, str, bool], ...]]] = {
    MESSAGES: {
        ANFRAGE: (
            ("einnahmeart", "xfn:Code.Einnahmeart", False),
            ("anschrift", "xfn:Postanschrift", False),
        ),
        ANTWORT: (),
    },
    TYPES: {
        "Akteur": (
            ("identifikator", "xamt:IdentifikatorAkteur", False),
            ("behoerdeAdresse", "xamt:PersonKomplett", False),
            ("aktenzeichen", "xs:string", False),
        ),
        "AngeordnetVon": (("beschreibung", "xs:string", False),),
        "AnhangPDF": (),
        "IdentifikatorAkteur": (),
        "PersonKomplett": (),
    },
    BASIC_TYPES: {},
    XFINANZ: {
        "Code.Einnahmeart": (),
        "Postanschrift": (),
        "AO": (
            ("anordnungsDatum", "xs:date", False),
            ("anordnungsNummerExtern", "xs:string", False),
            ("anzahlPositionen", "xs:integer", False),
            ("bearbeiter", "xs:string", True),
            ("gesamtbetrag", "", False),
            ("haushaltsjahr", "xs:gYear", False),
        ),
    },
    "latinchars.xsd": {},
}


def read(name: str) -> etree._Element:
    return etree.parse(str(FOLDER / name)).getroot()


def list_globals(root: etree._Element) -> Iterator[etree._Element]:
    return root.iterchildren(*(f"{XS}{name}" for name in ("element", "complexType", "simpleType")))


@pytest.mark.parametrize("name", KNOWN)
def test_file_declares_what_is_known_in_this_order_and_nothing_else(name: str) -> None:
    declared = {
        str(item.get("name")): tuple(
            (element.get("name"), element.get("type", ""), element.get("minOccurs") == "0")
            for element in item.iterdescendants(f"{XS}element")
        )
        for item in list_globals(read(name))
    }
    assert declared == KNOWN[name]
    assert not list(read(name).iter(f"{XS}attribute"))


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        (MESSAGES, "xAmtshilfe110"),
        (TYPES, "xAmtshilfe110"),
        (BASIC_TYPES, "xAmtshilfe110"),
        (XFINANZ, "xFinanz320"),
        ("xoev-code.xsd", CODE),
        ("latinchars.xsd", LATIN),
    ],
)
def test_file_is_of_its_namespace(name: str, namespace: str) -> None:
    root = read(name)
    assert root.get("targetNamespace") == namespace
    if namespace == "xAmtshilfe110":
        assert root.get("version") == "1.1.0"
        forms = root.get("elementFormDefault"), root.get("attributeFormDefault")
        assert forms == ("qualified", "unqualified")


def test_files_include_and_import_each_other_as_is_known() -> None:
    files = (MESSAGES, TYPES, BASIC_TYPES)
    included = [
        (name, item.get("schemaLocation"))
        for name in files
        for item in read(name).iter(f"{XS}include")
    ]
    assert included == [(MESSAGES, TYPES), (TYPES, BASIC_TYPES)]
    imported = {
        (item.get("namespace"), item.get("schemaLocation"))
        for name in files
        for item in read(name).iter(f"{XS}import")
    }
    assert imported - {("urn:damtshilfe:amtshilfe:1", "../amtshilfe-1/amtshilfe.xsd")} == {
        ("xFinanz320", XFINANZ),
        (CODE, "xoev-code.xsd"),
        (LATIN, "latinchars.xsd"),
    }


def check(type_name: str, content: str) -> str:
    """The complaints about an element `e` of a type that no message uses yet."""
    driver = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xamt="xAmtshilfe110" '
        f'xmlns:xfn="xFinanz320"><xs:import namespace="xAmtshilfe110" schemaLocation="{MESSAGES}"/>'
        f'<xs:import namespace="xFinanz320" schemaLocation="{XFINANZ}"/>'
        f'<xs:element name="e" type="{type_name}"/></xs:schema>'
    )
    schema = Schema(etree.fromstring(driver, base_url=str(FOLDER / "driver.xsd")))
    namespace = "xFinanz320" if type_name.startswith("xfn") else "xAmtshilfe110"
    root = etree.fromstring(f'<e xmlns:x="{namespace}">{content}</e>')
    return " ".join(complaint.text for complaint in schema.check(root))


AKTEUR = (
    "<x:identifikator><x:offen/>1</x:identifikator>"
    "<x:behoerdeAdresse><x:offen a='1'/></x:behoerdeAdresse>"
)
AO = (
    "<x:anordnungsDatum>2026-11-23</x:anordnungsDatum><x:anordnungsNummerExtern>A 1"
    "</x:anordnungsNummerExtern><x:anzahlPositionen>2</x:anzahlPositionen>"
)


@pytest.mark.parametrize(
    ("type_name", "content", "words"),
    [
        ("xamt:Akteur", f"{AKTEUR}<x:aktenzeichen>V 7/2026</x:aktenzeichen>", ""),
        ("xamt:Akteur", AKTEUR, "es fehlt aktenzeichen"),
        ("xamt:AngeordnetVon", "<x:beschreibung>i. A. Muster</x:beschreibung>", ""),
        ("xamt:AngeordnetVon", "", "es fehlt beschreibung"),
        ("xamt:AnhangPDF", "JVBERi0=", ""),
        ("xamt:AnhangPDF", "<x:offen>JVBERi0=</x:offen>", ""),
        (
            "xfn:AO",
            f"{AO}<x:gesamtbetrag>12.30</x:gesamtbetrag><x:haushaltsjahr>2026</x:haushaltsjahr>"
            "<x:offen/>",
            "",
        ),
        ("xfn:AO", f"{AO}<x:gesamtbetrag>12.345</x:gesamtbetrag>", "höchstens 2 Nachkommastellen"),
        ("xfn:AO", f"{AO}<x:haushaltsjahr>2026</x:haushaltsjahr>", "bearbeiter oder gesamtbetrag"),
    ],
)
def test_known_part_of_a_type_is_validated_and_the_rest_is_open(
    type_name: str, content: str, words: str
) -> None:
    found = check(type_name, content)
    assert bool(found) == bool(words)
    assert words in found


def test_folder_holds_no_other_schema() -> None:
    names = {path.name for path in Path(FOLDER).glob("*.xsd")}
    assert names == {*KNOWN, "xoev-code.xsd"}
