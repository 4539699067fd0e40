"""The job ticket of a batch: against its schema, its sums, and texts that would break it."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import pytest
from lxml import etree

from server.printing.job_ticket import (
    CSV_COLUMNS,
    NAMESPACE,
    JobTicket,
    TicketLetter,
    render_ticket_csv,
    render_ticket_xml,
)
from server.printing.output import Handling

SCHEMA = Path(__file__).resolve().parents[3] / "xsd" / "print-1" / "druckauftrag.xsd"
LETTER = TicketLetter(
    letter_id="20261128-000042-5f2c9a1b",
    number=1,
    filename="000001-20261128-000042-5f2c9a1b.pdf",
    pages=5,
    sheets=3,
    sha256="0123456789abcdef" * 4,
    postal_code="24937",
    aktenzeichen="VS-2026-0815",
    sender="Stadt Potsdam, Vollstreckungsstelle",
    sender_lines=("Friedrich-Ebert-Straße 79/81", "14469 Potsdam"),
    recipient_lines=("Stadt Flensburg, Vollstreckungsstelle", "Am Markt 1", "24937 Flensburg"),
    cost_centre="4711",
    message_id="urn:de:xta:messageid:damtshilfe:0001",
)
TICKET = JobTicket(
    "20261128-1600-000001",
    "druckerei",
    Handling(duplex=True, colour=False, stock="weiß 80 g/m²", envelope="DL", product="Standard"),
    datetime(2026, 11, 28, 16, tzinfo=timezone(timedelta(hours=1))),
    datetime(2026, 11, 28, 15, 0, 5, 123456, tzinfo=UTC),
    (LETTER,),
)
EVIL_TEXTS = [
    '</absender><druck>&amp; "Ä" <![CDATA[ ]]>',
    'a;b"c;"";',
    "Zeile\r\nzwei\u2028drei\x85vier",
    "\x00\x07\x0b\x1f\ufffe\ud800 bleibt",
    "=HYPERLINK(1)",
    "🖨 ÅŞ Ω \u202e rückwärts",
    " x" * 2000,
]


def make_letters(count: int) -> tuple[TicketLetter, ...]:
    return tuple(
        replace(LETTER, letter_id=f"b{number}", number=number, pages=number, sheets=2 * number)
        for number in range(1, count + 1)
    )


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def parse(ticket: JobTicket) -> etree._Element:
    return etree.fromstring(render_ticket_xml(ticket))


def read(root: etree._Element, name: str) -> list[str]:
    return [element.text or "" for element in root.iter(f"{{{NAMESPACE}}}{name}")]


def read_csv(ticket: JobTicket) -> list[dict[str, str]]:
    text = render_ticket_csv(ticket).decode("utf-8")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=";", strict=True))


def test_xml_usual_batch_is_valid(schema: etree.XMLSchema) -> None:
    schema.assertValid(parse(replace(TICKET, letters=make_letters(30))))


def test_xml_describes_the_batch() -> None:
    root = parse(TICKET)
    assert (root.get("stapel"), root.get("version")) == (TICKET.batch_id, "1.0")
    names = ("ausgabe", "druck", "farbe", "papier", "umschlag", "produkt")
    assert [read(root, name) for name in names] == [
        ["druckerei"],
        ["duplex"],
        ["false"],
        ["weiß 80 g/m²"],
        ["DL"],
        ["Standard"],
    ]
    assert read(root, "annahmeschluss") == ["2026-11-28T16:00:00+01:00"]
    assert read(root, "erstellt") == ["2026-11-28T15:00:05+00:00"]


def test_xml_simplex_and_colour(schema: etree.XMLSchema) -> None:
    root = parse(replace(TICKET, handling=Handling(False, True, "", "", "")))
    schema.assertValid(root)
    assert (read(root, "druck"), read(root, "farbe")) == (["simplex"], ["true"])
    assert read(root, "papier") == [""]


def test_xml_describes_the_letter() -> None:
    root = parse(TICKET)
    (letter,) = root.iter(f"{{{NAMESPACE}}}brief")
    assert (letter.get("nummer"), letter.get("id")) == ("1", LETTER.letter_id)
    assert [(etree.QName(element).localname, element.text) for element in letter] == [
        ("datei", LETTER.filename),
        ("sha256", LETTER.sha256),
        ("seiten", "5"),
        ("blaetter", "3"),
        ("beilagen", "0"),
        ("sortierschluessel", "24937"),
        ("kostenstelle", "4711"),
        ("aktenzeichen", "VS-2026-0815"),
        ("messageId", LETTER.message_id),
        ("absender", "Stadt Potsdam, Vollstreckungsstelle"),
        ("absenderzeile", "Friedrich-Ebert-Straße 79/81"),
        ("absenderzeile", "14469 Potsdam"),
        ("empfaengerzeile", "Stadt Flensburg, Vollstreckungsstelle"),
        ("empfaengerzeile", "Am Markt 1"),
        ("empfaengerzeile", "24937 Flensburg"),
    ]


def test_xml_sums_are_those_of_the_letters() -> None:
    ticket = replace(TICKET, letters=make_letters(4))
    root = parse(ticket)
    assert (read(root, "summeBriefe"), read(root, "summeBeilagen")) == (["4"], ["0"])
    assert read(root, "summeSeiten") == [str(sum(map(int, read(root, "seiten"))))] == ["10"]
    assert read(root, "summeBlaetter") == [str(sum(map(int, read(root, "blaetter"))))] == ["20"]
    assert (ticket.pages, ticket.sheets) == (10, 20)


def test_xml_without_what_may_be_missing_is_valid(schema: etree.XMLSchema) -> None:
    bare = replace(LETTER, aktenzeichen="", cost_centre="", sender_lines=(), postal_code="")
    schema.assertValid(parse(replace(TICKET, letters=(bare,))))


@pytest.mark.parametrize("change", [{"letter_id": "b2"}, {"number": 2}])
def test_schema_refuses_a_letter_or_number_twice(
    change: dict[str, object], schema: etree.XMLSchema
) -> None:
    first, second = make_letters(2)
    twice = replace(TICKET, letters=(replace(first, **change), second))  # type: ignore[arg-type]
    assert not schema.validate(parse(twice))


@pytest.mark.parametrize("text", EVIL_TEXTS)
def test_evil_texts_stay_texts(text: str, schema: etree.XMLSchema) -> None:
    evil = replace(
        LETTER,
        aktenzeichen=text,
        sender=text,
        sender_lines=(text, "\x07"),
        recipient_lines=(text,) * 6,
        cost_centre=text,
    )
    handling = Handling(True, True, text, text, text)
    other = replace(LETTER, number=2, letter_id="b2")
    ticket = replace(TICKET, handling=handling, letters=(evil, other))
    root = parse(ticket)
    schema.assertValid(root)
    row, _ = read_csv(ticket)
    cleaned = read(root, "absender")[0]
    forbidden = "\x00\x07\x0b\x1f\ufffe\ud800"
    assert cleaned.split() == [
        word for word in "".join(" " if c in forbidden else c for c in text).split() if word
    ]
    names = ("papier", "umschlag", "produkt", "kostenstelle", "aktenzeichen", "absender")
    assert {row[name] for name in names} == {cleaned} == {read(root, name)[0] for name in names}
    assert [row[f"empfaengerzeile{place}"] for place in range(1, 7)] == [cleaned] * 6
    assert (row["absenderzeile1"], row["absenderzeile2"]) == (cleaned, "")


def test_same_ticket_gives_same_bytes() -> None:
    again = replace(TICKET, letters=(replace(LETTER),))
    assert render_ticket_xml(again) == render_ticket_xml(TICKET)
    assert render_ticket_csv(again) == render_ticket_csv(TICKET)


def test_csv_has_its_columns_and_a_line_for_each_letter() -> None:
    ticket = replace(TICKET, letters=make_letters(3))
    head, *lines = render_ticket_csv(ticket).decode("utf-8").split("\r\n")
    assert head == ";".join(CSV_COLUMNS)
    assert (len(lines), lines[-1]) == (4, "")
    assert [row["nummer"] for row in read_csv(ticket)] == ["1", "2", "3"]


def test_csv_says_the_same_as_xml() -> None:
    ticket = replace(TICKET, letters=make_letters(3))
    root = parse(ticket)
    rows = read_csv(ticket)
    assert {row["stapel"] for row in rows} == {root.get("stapel")}
    letters = list(root.iter(f"{{{NAMESPACE}}}brief"))
    assert [row["brief"] for row in rows] == [letter.get("id") for letter in letters]
    for name in CSV_COLUMNS:
        found = read(root, name)
        if found and name != "brief":
            assert [row[name] for row in rows] == (found if len(found) == 3 else found * 3), name


def test_csv_more_sender_lines_than_columns_lose_nothing() -> None:
    lines = tuple(f"Zeile {place}" for place in range(1, 7))
    (row,) = read_csv(replace(TICKET, letters=(replace(LETTER, sender_lines=lines),)))
    assert row["absenderzeile3"] == "Zeile 3"
    assert row["absenderzeile4"] == "Zeile 4, Zeile 5, Zeile 6"
