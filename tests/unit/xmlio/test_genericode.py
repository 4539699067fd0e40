"""Genericode: what is read, what is written, and what is told of mistakes."""

from collections.abc import Iterator
from datetime import date

import pytest
from lxml import etree

from server.domain.codeliste import Codeliste
from server.xmlio.genericode import Validity, read_codeliste, write_codeliste
from server.xmlio.genericode_problems import GenericodeInvalid
from tests.support.installation import read_sample

NAMESPACE = b"http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
OWN = read_sample("codelisten", "einnahmeart-2.gc.xml")
XOEV = read_sample("codelisten", "xoev.gc.xml")


def find_problems(content: bytes, override: Validity | None = None) -> list[str]:
    with pytest.raises(GenericodeInvalid) as caught:
        read_codeliste(content, override)
    return [str(problem) for problem in caught.value.problems]


def test_read_codeliste_own_form_has_version_validity_and_entries() -> None:
    assert read_codeliste(OWN) == Codeliste(
        "urn:damtshilfe:codeliste:einnahmeart",
        "2",
        "Einnahmearten",
        {"hundesteuer": "Hundesteuer (neu)", "katzensteuer": "Katzensteuer"},
        date(2031, 1, 1),
        date(2031, 12, 31),
    )


def test_read_codeliste_xoev_form_takes_recommended_key_and_german_name() -> None:
    assert read_codeliste(XOEV) == Codeliste(
        "urn:beispiel:codeliste:verfahrensart",
        "2030-04-01",
        "Verfahrensarten",
        {"anhoerung": "Verfahren mit Anhörung", "eilig": "Eilverfahren"},
        date(2030, 4, 1),
    )


def test_read_codeliste_oldest_xoev_form_has_its_first_day_too() -> None:
    old = XOEV.replace(
        b"http://xoev.de/schemata/genericode/4", b"http://www.xoev.de/schemata/x-1_0"
    )
    old = old.replace(b"validFrom", b"datumgueltigkeitab")
    old = old.replace(b"recommendedKeyColumn", b"xoev-code")
    assert read_codeliste(old) == read_codeliste(XOEV)


def test_read_codeliste_validity_of_foreign_annotations_does_not_count() -> None:
    foreign = OWN.replace(b"urn:damtshilfe:codeliste:1", b"urn:beispiel:anders")
    assert read_codeliste(foreign).valid_from is None


def test_read_codeliste_without_names_uses_the_keys() -> None:
    start = OWN.index(b'<Column Id="name"')
    end = OWN.index(b"</Column>", start) + len(b"</Column>")
    content = (OWN[:start] + OWN[end:]).replace(b'ColumnRef="name"', b'ColumnRef="code"')
    assert read_codeliste(content).entries == {
        "Hundesteuer (neu)": "Hundesteuer (neu)",
        "Katzensteuer": "Katzensteuer",
    }


def test_read_codeliste_override_takes_the_place_of_stated_days() -> None:
    override = Validity(date(2032, 2, 1), date(2032, 2, 29))
    found = read_codeliste(OWN, override)
    assert (found.valid_from, found.valid_to) == (override.first, override.last)
    assert read_codeliste(OWN, Validity(last=date(2031, 6, 30))).valid_from == date(2031, 1, 1)


def test_read_codeliste_all_mistakes_are_told_with_their_lines() -> None:
    problems = find_problems(read_sample("codelisten", "many-mistakes.gc.xml"))
    assert problems == [
        "Zeile 5: CanonicalUri: „ohne Schema“ ist keine URI.",
        "Zeile 5: Identification: Es fehlt Version.",
        "Zeile 4: „im Frühjahr“ ist kein Tag der Gültigkeit (JJJJ-MM-TT); "
        "beim Import lässt sich stattdessen einer angeben (--gueltig-ab).",
        "Zeile 18: Der Schlüssel „a“ steht schon in Zeile 15.",
        "Zeile 21: Der Eintrag hat keinen Schlüssel (Spalte „code“).",
        "Zeile 26: Die Spalte „farbe“ gibt es nicht.",
    ]


def test_read_codeliste_override_makes_a_day_in_words_readable() -> None:
    content = XOEV.replace(
        b">2030-04-01</xoev-cl-4:validFrom>", b">demn\xc3\xa4chst</xoev-cl-4:validFrom>"
    )
    assert "demnächst" in find_problems(content)[0]
    assert read_codeliste(content, Validity(date(2030, 5, 1))).valid_from == date(2030, 5, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"gc:CodeList", b"gc:CodeListSet"), "keine Codeliste in Genericode 1.0"),
        ((NAMESPACE, b"urn:anders"), "keine Codeliste in Genericode 1.0"),
        ((b"Identification>", b"Kennung>"), "Es fehlt Identification."),
        ((b"ColumnSet>", b"ColumnSetRef>"), "Es fehlt ColumnSet"),
        ((b'<Key Id="codeKey"', b'<Key-Id="codeKey"'), "nicht wohlgeformt"),
        ((b'Ref="code"/>', b'Ref="kode"/>'), "Key nennt die Spalte „kode“, die es nicht gibt."),
        (
            (b'<ColumnRef Ref="code"/>', b'<ColumnRef Ref="code"/><ColumnRef Ref="name"/>'),
            "genau einer Spalte",
        ),
        ((b"SimpleCodeList>", b"ComplexCodeList>"), "Die Codeliste hat keine Einträge"),
        ((b"2031-01-01", b"2032-01-01"), "endet am 31.12.2031, bevor sie beginnt (01.01.2032)"),
        ((b"<Version>2<", b"<Version>" + b"9" * 65 + b"<"), "Version ist länger als 64 Zeichen"),
        ((b">hundesteuer<", b">" + b"x" * 256 + b"<"), "Schlüssel ist länger als 255 Zeichen"),
        (
            (b"<gc:CodeList ", b"<!DOCTYPE x [<!ENTITY e 'x'>]><gc:CodeList "),
            "DTDs sind nicht erlaubt",
        ),
    ],
)
def test_read_codeliste_mistake_is_told(change: tuple[bytes, bytes], words: str) -> None:
    assert change[0] in OWN
    assert words in " ".join(find_problems(OWN.replace(*change)))


def test_read_codeliste_without_key_says_so() -> None:
    start, end = OWN.index(b"<Key "), OWN.index(b"</Key>") + len(b"</Key>")
    assert find_problems(OWN[:start] + OWN[end:]) == [
        "Zeile 18: Es fehlt die Schlüsselspalte (Key)."
    ]


@pytest.mark.parametrize("content", [b"", b"kein XML", b"\xff\xfe\x00"])
def test_read_codeliste_no_xml_is_refused(content: bytes) -> None:
    assert "nicht wohlgeformt" in find_problems(content)[0]


@pytest.mark.parametrize(
    "codeliste",
    [
        read_codeliste(OWN),
        read_codeliste(XOEV),
        Codeliste("urn:x:y", "1", "A & B <„ß“>", {"a&b": "<ä>", "c": "c"}),
        Codeliste("urn:x:y", "1", "offen", {"a": "A"}, valid_to=date(2031, 1, 1)),
    ],
)
def test_write_codeliste_is_read_back_the_same(codeliste: Codeliste) -> None:
    assert read_codeliste(write_codeliste(codeliste)).has_same_content(codeliste)


@pytest.mark.parametrize("sample", [OWN, XOEV], ids=["own", "xoev"])
def test_read_codeliste_with_anything_left_out_is_read_or_refused(sample: bytes) -> None:
    outcomes = {"read": 0, "refused": 0}
    for damaged in leave_out_in_turn(sample):
        try:
            found = read_codeliste(damaged)
        except GenericodeInvalid as error:
            assert all(problem.text.endswith((".", ").")) for problem in error.problems)
            outcomes["refused"] += 1
        else:
            assert found.uri
            assert found.version
            assert found.entries
            outcomes["read"] += 1
    assert min(outcomes.values()) > 5


def leave_out_in_turn(sample: bytes) -> Iterator[bytes]:
    """The document without one of its elements, attributes, or texts."""
    count = len(list(etree.fromstring(sample).iter()))
    for position in range(1, count):
        for part in ("element", "attributes", "text"):
            root = etree.fromstring(sample)
            element = list(root.iter())[position]
            parent = element.getparent()
            assert parent is not None
            if part == "element":
                parent.remove(element)
            elif part == "attributes":
                element.attrib.clear()
            else:
                element.text = None
            yield etree.tostring(root)
