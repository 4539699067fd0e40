"""Return files: what is said of letters, and what is no return file."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from server.printing.output import BatchCount, LetterNews, LetterProgress, News, UnreadNews
from server.printing.outputs.return_files import (
    NAMESPACE,
    ReturnFileUnreadable,
    read_return_file,
    write_withdrawals,
)

SCHEMA = Path(__file__).resolve().parents[3] / "xsd" / "print-1" / "rueckmeldung.xsd"
MOMENT = datetime(2026, 11, 2, 16, tzinfo=UTC)
XML = (
    f'<rueckmeldung xmlns="{NAMESPACE}" auftrag="s" version="1.0">'
    '<brief id="b1" stand="versandt" zeitpunkt="2026-11-02T17:00:00+01:00"/>'
    '<brief id="b2" stand="fehler" zeitpunkt="2026-11-02T16:00:00Z" grund="Seite  2 &#10;leer"/>'
    "</rueckmeldung>"
)
CSV = (
    "brief;stand;zeitpunkt;grund\n"
    "b1;versandt;2026-11-02T17:00:00+01:00;\n"
    'b2;Fehler ;2026-11-02T16:00:00Z;"Seite 2 leer"\n'
)
NEWS = [
    LetterNews("b1", LetterProgress.POSTED, MOMENT),
    LetterNews("b2", LetterProgress.FAILED, MOMENT, "Seite 2 leer"),
]


def read(name: str, content: bytes) -> list[News]:
    return list(read_return_file(name, content))


def test_read_xml_and_csv_say_the_same() -> None:
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(XML))
    assert read("s.xml", XML.encode()) == NEWS
    assert read("s.csv", CSV.encode()) == NEWS


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_read_csv_as_spreadsheets_write_it(mark: str, end: str) -> None:
    assert read("s.1.csv", (mark + CSV.replace("\n", end)).encode()) == NEWS


def test_read_csv_columns_in_any_order_and_more_of_them() -> None:
    text = "gewicht;zeitpunkt;brief;stand\n3;2026-11-02T16:00:00Z;b1;versandt;zu viel\n"
    assert read("s.csv", text.encode()) == NEWS[:1]


@pytest.mark.parametrize(
    "line",
    [
        "b1;gefaltet;2026-11-02T16:00:00Z",
        "b1;versandt;gestern",
        "b1;versandt;2026-11-02T16:00:00",
        "b1;versandt",
        "b1",
    ],
)
def test_read_csv_line_without_sense_is_left_out_and_logged(
    line: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"brief;stand;zeitpunkt\n{line}\nb1;versandt;2026-11-02T16:00:00Z\n"
    told, good = read("s.csv", text.encode())
    assert isinstance(told, UnreadNews)
    assert told.text.startswith("Rückmeldedatei s.csv, Eintrag 2: unverständlich (brief „b1“, ")
    assert good == NEWS[0]
    assert "return file s.csv, entry 2 is left out" in caplog.text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "Spalten brief, stand, zeitpunkt"),
        (b"brief,stand,zeitpunkt\n", "Es fehlen die Spalten"),
        ("brief;stand;zeitpunkt;gründ".encode("latin-1"), "UTF-8"),
        (b'brief;stand;zeitpunkt\n"b1;versandt', "keine lesbare CSV-Datei"),
        (b"brief;stand;zeitpunkt\n" + b"x" * 200_000, "keine lesbare CSV-Datei"),
    ],
)
def test_read_csv_of_another_kind_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ReturnFileUnreadable, match=problem):
        read("s.csv", content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "wohlgeformt|leer|Dokument|XML"),
        ("<rueckmeldung/>", "Wurzelelement"),
        (XML.replace('"s"', '"fremd"'), "anderen Auftrag: 'fremd'"),
        (f"<!DOCTYPE r [<!ENTITY a 'b'>]>{XML}", "DTD"),
        (XML[:-3], "wohlgeformt|leer|Dokument|XML"),
    ],
)
def test_read_xml_of_another_kind_is_refused(content: str, problem: str) -> None:
    with pytest.raises(ReturnFileUnreadable, match=problem):
        read("s.xml", content.encode())


def test_read_counts_of_letters_in_both_forms() -> None:
    counted = [LetterNews("b1", LetterProgress.PRINTED, MOMENT, "", 5, 3)]
    entry = 'id="b1" stand="gedruckt" zeitpunkt="2026-11-02T16:00:00Z" seiten="5" blaetter="3"'
    root = f'<rueckmeldung xmlns="{NAMESPACE}" auftrag="s" version="1.0"><brief {entry}/>'
    xml = f"{root}</rueckmeldung>"
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(xml))
    assert read("s.xml", xml.encode()) == counted
    head = "brief;blaetter;stand;zeitpunkt;seiten"
    text = f"{head}\nb1;3;gedruckt;2026-11-02T16:00:00Z; 5 \n"
    assert read("s.csv", text.encode()) == counted


def test_read_sums_of_the_root() -> None:
    xml = XML.replace('version="1.0"', 'version="1.0" briefe="2" seiten="9" blaetter="5"')
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(xml))
    assert read("s.xml", xml.encode()) == [BatchCount(2, 9, 5), *NEWS]


@pytest.mark.parametrize("count", ["0", "-1", "drei", "1.5", "1e3", "٣", "9" * 10, "0x2"])
def test_read_count_that_is_none_is_logged_and_the_rest_counts(
    count: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"brief;stand;zeitpunkt;seiten;blaetter\nb1;versandt;2026-11-02T16:00:00Z;{count};3\n"
    assert read("s.csv", text.encode()) == [replace(NEWS[0], sheets=3)]
    assert f"return file s.csv, entry 2, seiten is no count: '{count}'" in caplog.text
    xml = XML.replace('version="1.0"', f'version="1.0" briefe="{count}"')
    assert read("s.xml", xml.encode()) == NEWS


@pytest.mark.parametrize("missing", ["id", "stand", "zeitpunkt"])
def test_read_xml_entry_without_sense_is_left_out(
    missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = XML.replace(f" {missing}=", " weg=", 1)
    told, *good = read("s.xml", content.encode())
    assert isinstance(told, UnreadNews)
    name = "brief" if missing == "id" else missing
    assert f"{name} „“" in told.text
    assert good == NEWS[1:]
    assert "entry 1 is left out" in caplog.text


def test_write_withdrawals_reads_back() -> None:
    gone = [LetterNews("b1", LetterProgress.WITHDRAWN, MOMENT)]
    assert read("s.csv", write_withdrawals(gone)) == gone
