"""What is wrong with a document, in German: one case for each kind of mistake."""

import copy
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from server.xmlio.complaint import SchemaComplaint, join_complaints
from server.xmlio.schema import Schema
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.installation import SAMPLES

SCHEMA = Schema(etree.parse(str(SAMPLES / "complaints.xsd")).getroot())
CATALOGUE = SchemaCatalogue(SAMPLES / "schemata")
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
# Words of libxml2's messages that no German sentence has.
ENGLISH = re.compile(
    r"\b(the|is|not|value|element|attribute|expected|missing|valid|child|type definition|facet|"
    r"allowed|content|required|constraint|character|length|declaration|match|sequence)\b"
)


def check(body: str) -> tuple[SchemaComplaint, ...]:
    """The complaints of a document whose content begins in line 2."""
    root = etree.fromstring(f'<r xmlns="urn:t">\n{body}</r>')
    return SCHEMA.check(root)


VALUES = (
    ("<plz>1234a</plz>", "„1234a“ ist nicht zulässig, erwartet: fünf Ziffern"),
    ("<plz/>", "ist leer, erwartet: fünf Ziffern"),
    ("<plz>it's '1' now</plz>", "„it's '1' now“ ist nicht zulässig, erwartet: fünf Ziffern"),
    ("<iban>DE1</iban>", "erwartet: eine IBAN ohne Leerzeichen, wie DE02120300000000202051"),
    ("<zeichen>A</zeichen>", "erwartet: Buchstabe, Schrägstrich, Jahr"),
    ("<muster>x</muster>", "erwartet: das Muster „a(b|c)+'d'“"),
    ("<kurz>a</kurz>", "„a“ ist nicht zulässig, erwartet: mindestens 2 Zeichen"),
    ("<kurz>abcdefg</kurz>", "erwartet: höchstens 5 Zeichen (es sind 7)"),
    ("<betrag>12,50</betrag>", "„12,50“ ist nicht zulässig, erwartet: eine Zahl wie 12.34"),
    ("<betrag>0</betrag>", "erwartet: mehr als 0"),
    ("<betrag>1000</betrag>", "erwartet: weniger als 1000"),
    ("<betrag>1.234</betrag>", "erwartet: höchstens 2 Nachkommastellen"),
    ("<betrag>123.456</betrag>", "höchstens 5 Ziffern und höchstens 2 Nachkommastellen"),
    ("<anzahl>0</anzahl>", "erwartet: mindestens 1"),
    ("<anzahl>10</anzahl>", "erwartet: höchstens 9"),
    ("<anzahl>x</anzahl>", "erwartet: eine ganze Zahl"),
    ("<tag>15.02.2026</tag>", "„15.02.2026“ ist nicht zulässig, erwartet: ein Datum (JJJJ-MM-TT)"),
    ("<tag>1999-12-31</tag>", "erwartet: frühestens 2000-01-01"),
    ("<art>katze</art>", "erwartet: einer der Werte „hunde steuer“, „gebühr“"),
    ("<tagOderArt>x</tagOderArt>", "ein Datum (JJJJ-MM-TT) oder einer der Werte „hunde steuer“"),
    ("<zahlen>1 b</zahlen>", "„b“ ist nicht zulässig, erwartet: eine ganze Zahl"),
    ("<zweiZahlen>1 2 3</zweiZahlen>", "erwartet: genau 2 Einträge (es sind 3)"),
    ("<namenlos>x</namenlos>", "erwartet: ein Jahr (JJJJ)"),
    ("<datei>xyz</datei>", "erwartet: eine gerade Anzahl von Zeichen 0-9 und A-F"),
    ("<fest>nein</fest>", "„nein“ ist nicht zulässig, erwartet: „ja“"),
    (
        '<person art="x"><name/></person>',
        "„x“ des Attributs „art“ ist nicht zulässig, erwartet",
    ),
    ('<kennung fest="2"/>', "„2“ des Attributs „fest“ ist nicht zulässig, erwartet: „1.0“"),
    ('<kennung id="1 2"/>', "erwartet: ein XML-Name ohne Präfix, der im Dokument nur einmal"),
    ('<kennung ref="1 2"/>', "erwartet: ein XML-Name ohne Präfix"),
    ('<kennung id="a"/><kennung id="a"/>', "„a“ des Attributs „id“ kommt mehrfach vor, erwartet"),
)

STRUCTURES = (
    ('<person art="gebühr"/>', "person", "ist unvollständig, es fehlt name"),
    ("<person><name/></person>", "person", "das Attribut „art“ fehlt"),
    (
        '<person art="gebühr"><ort/></person>',
        "ort",
        "steht hier nicht, erwartet ist name",
    ),
    (
        '<person art="gebühr"><name/><x/></person>',
        "x",
        "erwartet ist ort oder ein Element aus einem anderen Namensraum als „urn:t“",
    ),
    (
        '<person art="gebühr"><name xmlns=""/></person>',
        "name",
        "erwartet ist name aus dem Namensraum „urn:t“",
    ),
    (
        '<person art="gebühr"><name/><x xmlns="urn:x"/></person>',
        "x",
        "ist in den Schemata nicht bekannt",
    ),
    ('<person art="gebühr">Text<name/></person>', "person", "enthält Text, erwartet sind nur Unt"),
    (
        '<person art="gebühr" x="1"><name/></person>',
        "person",
        "das Attribut „x“ ist hier nicht",
    ),
    ('<plz x="1">12345</plz>', "plz", "das Attribut „x“ ist hier nicht erlaubt"),
    ("<plz><x/></plz>", "plz", "hat Unterelemente, erwartet ist ein einfacher Wert"),
    ("<leer>x</leer>", "leer", "hat Inhalt, erwartet ist ein leeres Element"),
    ("<leer><x/></leer>", "leer", "hat Inhalt, erwartet ist ein leeres Element"),
    ("<unbekannt/>", "unbekannt", "erwartet ist unter anderem konto, plz, iban, "),
    (f'<nil {XSI} xsi:nil="true">1</nil>', "nil", "erwartet ist ein leeres Element"),
    (f'<tag {XSI} xsi:nil="true"/>', "tag", "hat xsi:nil, erwartet ist hier ein Inhalt"),
    ("<ab/>", "ab", "hat einen abstrakten Typ, erwartet ist xsi:type"),
    (f'<ab {XSI} xsi:type="Nix"/>', "ab", "der Typ in xsi:type ist im Schema nicht bekannt"),
    (f'<ab {XSI} xsi:type="Person"/>', "ab", "der Typ in xsi:type passt nicht"),
    (
        "<art>gebühr</art><art>gebühr</art>",
        "art",
        "„gebühr“ kommt mehrfach vor, erwartet ist",
    ),
    ('<konto nr="1"/><konto nr="1"/>', "konto", "„1“ kommt mehrfach vor, erwartet ist ein eindeu"),
    (
        '<konto nr="1" von="2"/>',
        "konto",
        "zu „2“ fehlt das Ziel, erwartet ist ein vorhandener",
    ),
    ("<konto/>", "konto", "der Schlüssel ist unvollständig oder mehrdeutig (Regel „kontonummer“)"),
)


@pytest.mark.parametrize(("body", "words"), VALUES, ids=[body for body, _ in VALUES])
def test_check_wrong_value_names_line_element_and_what_was_expected(body: str, words: str) -> None:
    (complaint,) = check(body)
    element = re.match(r"<(\w+)", body)
    assert element
    assert complaint.line == 2
    assert complaint.text.startswith(f"Zeile 2, Element „{element.group(1)}“: der Wert ")
    assert words in complaint.text
    assert complaint.text.endswith(".")
    assert not ENGLISH.search(complaint.text)


@pytest.mark.parametrize(
    ("body", "element", "words"), STRUCTURES, ids=[body for body, _, _ in STRUCTURES]
)
def test_check_wrong_structure_names_line_element_and_what_was_expected(
    body: str, element: str, words: str
) -> None:
    (complaint,) = check(body)
    assert complaint.line == 2
    assert complaint.text.startswith(f"Zeile 2, Element „{element}“: ")
    assert words in complaint.text
    assert not ENGLISH.search(complaint.text)


def test_check_unknown_root_is_told() -> None:
    (complaint,) = SCHEMA.check(etree.fromstring("<x/>"))
    assert complaint.text == "Zeile 1, Element „x“: ist in den Schemata nicht bekannt."


def test_check_two_wrong_attributes_of_one_element_are_two_complaints() -> None:
    complaints = check('<person art="x" y="1">\n<name/></person>')
    assert [complaint.line for complaint in complaints] == [2, 2]
    assert "Attributs „art“" in complaints[0].text
    assert "Attribut „y“" in complaints[1].text


def test_check_many_mistakes_are_told_up_to_a_bound_and_then_counted() -> None:
    body = "".join(f"<plz>{number}</plz>\n" for number in range(30))
    complaints = check(body)
    assert [complaint.line for complaint in complaints] == [*range(2, 22), None]
    assert complaints[-1].text == "Und 10 weitere Fehler."
    assert join_complaints(complaints).endswith("fünf Ziffern. Und 10 weitere Fehler.")
    assert check(body.removesuffix("<plz>29</plz>\n")[: body.index("<plz>21")])[-1].text == (
        "Und 1 weiterer Fehler."
    )


@pytest.mark.parametrize("size", [1_000, 200_000])
def test_check_long_value_is_quoted_in_part_on_one_line(size: int) -> None:
    (complaint,) = check(f"<plz>a\u0085b\u200e\n\tc{'x' * size}</plz>")
    assert len(complaint.text) < 300
    assert "„a b cxxx" in complaint.text
    assert "xx …“" in complaint.text
    assert complaint.text.isprintable()


def test_check_long_list_of_values_is_told_in_part() -> None:
    values = "".join(f'<xs:enumeration value="w{number}"/>' for number in range(40))
    schema = Schema(
        etree.fromstring(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a">'
            f'<xs:simpleType><xs:restriction base="xs:token">{values}</xs:restriction>'
            "</xs:simpleType></xs:element></xs:schema>"
        )
    )
    (complaint,) = schema.check(etree.fromstring("<a/>"))
    assert "einer der Werte „w0“, „w1“" in complaint.text
    assert complaint.text.endswith("„w11“ und 28 weitere.")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("\\d{3}", "drei Ziffern"),
        ("[0-9]{2,4}", "2 bis 4 Ziffern"),
        ("[0-9]{13,}", "mindestens 13 Ziffern"),
        ("[0-9]", "eine Ziffer"),
        ("[0-9]+", "nur Ziffern"),
        ("[A-Z]{1}", "ein Großbuchstabe"),
        ("[0-9]{64}", "64 Ziffern"),
        (
            "[A-Za-z0-9_.\\-]{1,64}",
            "1 bis 64 Zeichen, erlaubt sind Buchstaben, Ziffern, „_“, „.“, „-“",
        ),
        ("[0-9a-f]{64}", "64 Zeichen, erlaubt sind Ziffern, Buchstaben a bis f"),
        ("[À-ÿ]{2}", "zwei Zeichen aus [À-ÿ]"),
        ("[\\p{L}]{2}", "zwei Zeichen aus [\\p{L}]"),
        ("[\\s]{2}", "zwei Zeichen aus [\\s]"),
        ("a|b", "das Muster „a|b“"),
    ],
)
def test_check_pattern_is_explained(pattern: str, words: str) -> None:
    schema = Schema(
        etree.fromstring(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a">'
            f'<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="{pattern}"/>'
            "</xs:restriction></xs:simpleType></xs:element></xs:schema>"
        )
    )
    (complaint,) = schema.check(etree.fromstring("<a>?!</a>"))
    assert complaint.text.endswith(f"erwartet: {words}.")


def test_check_element_after_the_last_is_told() -> None:
    (complaint,) = check('<person art="gebühr"><name/><ort/><z xmlns="urn:z"/></person>')
    assert "ist in den Schemata nicht bekannt" in complaint.text
    antrag = CATALOGUE.find("{urn:beispiel:antrag:2}antrag.0100")
    assert antrag is not None
    root = etree.fromstring(
        '<antrag.0100 xmlns="urn:beispiel:antrag:2"><von><schluessel/><plz/><plz/></von>'
        "<an><schluessel/></an><zeichen/></antrag.0100>"
    )
    (complaint,) = antrag.check(root)
    assert "„plz“: steht hier nicht, erwartet ist an dieser Stelle ein anderes" in complaint.text


def list_invalid_samples() -> list[Path]:
    return [
        path
        for path in sorted((SAMPLES / "invalid").glob("*.xml"))
        if (root := parse(path)) is not None and CATALOGUE.find(str(root.tag)) is not None
    ]


def parse(path: Path) -> etree._Element | None:
    try:
        return etree.fromstring(path.read_bytes())
    except etree.XMLSyntaxError:
        return None


@pytest.mark.parametrize("path", list_invalid_samples(), ids=lambda path: path.name)
def test_check_every_invalid_sample_is_told_in_german(path: Path) -> None:
    root = parse(path)
    assert root is not None
    schema = CATALOGUE.find(str(root.tag))
    assert schema is not None
    for complaint in schema.check(root):
        assert re.match(r"Zeile \d+, Element „[^“?]+“: ", complaint.text), complaint.text
        assert not ENGLISH.search(complaint.text), complaint.text
        assert "entspricht nicht dem Schema" not in complaint.text


def remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def double(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def rename(element: etree._Element) -> None:
    element.tag = str(element.tag) + "X"


def move_out(element: etree._Element) -> None:
    element.tag = "{urn:x}" + etree.QName(element).localname


def empty(element: etree._Element) -> None:
    element.clear()


def overwrite(element: etree._Element) -> None:
    element.text = "~ 'x' {y}"


def mark(element: etree._Element) -> None:
    element.set("{urn:x}mehr", "1")
    for name in element.attrib:
        element.set(name, "")


@pytest.mark.parametrize("spoil", [remove, double, rename, move_out, empty, overwrite, mark])
@pytest.mark.parametrize("name", ["ersuchen.xml", "ergebnis.xml", "anfrage-001.xml", "antrag.xml"])
def test_check_every_element_that_is_spoilt_is_told_in_german(
    spoil: Callable[[etree._Element], None], name: str
) -> None:
    content = (SAMPLES / "valid" / name).read_bytes()
    schema = CATALOGUE.find(str(etree.fromstring(content).tag))
    assert schema is not None
    told = 0
    for position in range(1, len(list(etree.fromstring(content).iter("{*}*")))):
        root = etree.fromstring(content)
        spoil(list(root.iter("{*}*"))[position])
        for complaint in schema.check(root):
            told += 1
            assert re.match(r"Zeile \d+, Element „[^“?]+“: ", complaint.text), complaint.text
            assert not ENGLISH.search(complaint.text), complaint.text
            assert "entspricht nicht dem Schema" not in complaint.text
    assert told
