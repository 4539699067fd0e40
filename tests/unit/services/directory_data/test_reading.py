"""Files as people save them, and as they must not be."""

import io
import zipfile
from random import Random

import pytest
from openpyxl import Workbook

from server.domain.directory_kind import DirectoryKind
from server.services.directory_data import sheets
from tests.unit.services.directory_data.conftest import BEHOERDEN, GEMEINDEN, REGELN, Write


def list_rows(batch: object, kind: DirectoryKind) -> list[dict[str, object]]:
    return [record.row for record in batch.records[kind].values()]  # type: ignore[attr-defined]


JENA = {"ags": "16053000", "plz": "07743", "ort": "Jena"}


@pytest.mark.parametrize(
    "content",
    [
        "ags;plz;ort\n16053000;07743;Jena\n",
        "ags,plz,ort\r\n16053000,07743,Jena\r\n",
        "\ufeffags;plz;ort\n16053000;07743;Jena",
        "AGS\tPostleitzahl\tGemeinde\n16053000\t07743\t Jena \n",
        "Gemeindeschlüssel;PLZ;Ort;egal\n\n16053000;07743;Jena;x\n;;;\n",
        'ort;ags;plz\n"Jena";"16053000";"07743"',
        "ags;plz;ort;\n16053000;07743;Jena;;;\n",
    ],
)
def test_read_files_however_it_is_saved_gives_the_same_row(read: Write, content: str) -> None:
    batch = read(content)
    assert batch.refusals == []
    assert list_rows(batch, DirectoryKind.GEMEINDEN) == [JENA]


def test_read_files_lost_zero_is_put_back_and_told(read: Write) -> None:
    batch = read("ags;plz;ort\n1001000;24937;Flensburg\n16053000;7743;Jena\n")
    assert [row["ags"] for row in list_rows(batch, DirectoryKind.GEMEINDEN)] == [
        "01001000",
        "16053000",
    ]
    assert list_rows(batch, DirectoryKind.GEMEINDEN)[1]["plz"] == "07743"
    (note,) = batch.notes
    assert note.startswith("datei1.csv, Zeile 2 und 1 weitere: eine verlorene führende Null")


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", 0, "leer"),
        ("\n \n", 0, "leer"),
        ("ags;plz;ort\n", 0, "keine Zeile"),
        ("eins;zwei\n1;2\n", 0, "passt zu keiner Art"),
        ("kennung;behoerde\n1;2\n", 0, "--kind angeben"),
        ("ags;ort\n16053000;Jena\n", 0, "fehlt in der Kopfzeile: plz"),
        ("ags;plz;plz;ort\n16053000;07743;07743;Jena\n", 0, "mehrmals: plz"),
        (
            "ags;plz;ort\n16053000;07743;Gr\xfcna\n".encode("cp1252"),
            0,
            "Zeile 2: Das ist kein Text",
        ),
        ("ags;plz;ort\n16053000;07743;Je\0na\n", 0, "Zeile 2: Das Steuerzeichen U+0000"),
        ("ags;plz;ort\n16053000;07743;Jena\n16053000;07745\n", 3, "hat 2 Felder, die Kopfzeile 3"),
        ("ags;plz;ort\n16053000;07743;Jena;zuviel\n", 2, "hat 4 Felder"),
        ('ags;plz;ort\n16053000;07743;"Jena\n', 2, "Anführungszeichen"),
        ('ags;plz;ort\n16053000;07743;Jena\n16053000;"07"745;Jena\n', 3, "Anführungszeichen"),
        ("ags;plz;ort\n160530;07743;Jena\n", 2, "ags: 8 Ziffern erwartet"),
        ("ags;plz;ort\n16053000;۰۷۷۴۳;Jena\n", 2, "plz: 5 Ziffern erwartet"),
        ("ags;plz;ort\n16053000;07743;\n", 2, "ort: die Angabe fehlt"),
        ("ags;plz;ort;deprecated\n16053000;07743;Jena;vielleicht\n", 2, "„vielleicht“"),
        ("ags;plz;ort\n16053000;07743;Jena\n16053000;07743;Gera\n", 3, "datei1.csv, Zeile 2"),
        (BEHOERDEN.replace("brief", "rohrpost"), 3, "möglich sind: elektronisch, brief"),
        (REGELN.replace("16053000;;", "16053000;Steuer;"), 2, "„Steuer“ ist kein Schlüssel"),
        ("plz;strasse;hausnummer_von;behoerde\n07743;Saalstr.;x;a\n", 2, "keine Hausnummer"),
        ("ort;behoerde\nJena;a\n", 2, "weder Land noch Kreis"),
        ("land;ags;behoerde\n12;16053000;a\n", 2, "16053000 liegt nicht in 12"),
        ("ags;behoerde;gueltig_von\n16053000;a;31.02.2026\n", 2, "ist kein Tag"),
        (
            "ags;behoerde;gueltig_von;gueltig_bis\n16053000;a;2026-02-01;2026-01-01\n",
            2,
            "liegt vor gueltig_von",
        ),
        ("fingerabdruck;name;gueltig_bis\nabc;A;2027-01-01\n", 2, "64 Hexadezimalziffern"),
        (
            "kennung;name;plz;ort;kanal;iban\na;A;07743;Jena;brief;DE00123\n",
            2,
            "keine gültige IBAN",
        ),
        (
            'kennung;name;plz;ort;kanal;kontakte\na;A;07743;Jena;brief;"E; 0; kein"\n',
            2,
            "keine E-Mail-Adresse",
        ),
    ],
)
def test_read_files_bad_input_is_refused_with_line_and_reason(
    read: Write, content: str | bytes, line: int, words: str
) -> None:
    refusals = read(content).refusals
    assert len(refusals) == 1
    assert refusals[0].line == line
    assert words in str(refusals[0])
    assert str(refusals[0]).startswith("datei1.csv")


def test_read_files_all_mistakes_of_a_line_are_told_together(read: Write) -> None:
    (refusal,) = read("ags;plz;ort\n1;2;\n").refusals
    assert "ags:" in refusal.reason
    assert "plz:" in refusal.reason
    assert "ort:" in refusal.reason


def test_read_files_line_break_within_quotes_keeps_line_numbers(read: Write) -> None:
    batch = read('ags;plz;ort\n16053000;07743;"Je\nna"\n16053000;x;Jena\n')
    assert [refusal.line for refusal in batch.refusals] == [4]


def test_read_files_windows_1252_is_read_where_it_is_said(read: Write) -> None:
    content = "ags;plz;ort\n14511000;09224;Gr\xfcna\n".encode("cp1252")
    batch = read(content, encoding="windows-1252")
    assert list_rows(batch, DirectoryKind.GEMEINDEN)[0]["ort"] == "Grüna"


def test_read_files_kind_decides_where_the_header_is_ambiguous(read: Write) -> None:
    text = "kennung;behoerde;ags\nx;a;16053000\n"
    assert list(read(text, kind=DirectoryKind.REGELN).records) == [DirectoryKind.REGELN]


def test_read_files_missing_file_is_told(read: Write, tmp_path: object) -> None:
    from pathlib import Path

    from server.services.directory_data.reading import read_files

    batch = read_files([Path(str(tmp_path)) / "fehlt.csv"], lambda lines, size, name: lines)
    assert "No such file" in batch.refusals[0].reason


def write_workbook(*tables: list[list[object]]) -> bytes:
    workbook = Workbook(write_only=True)
    for number, rows in enumerate(tables):
        sheet = workbook.create_sheet(f"Tabelle{number + 1}")
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_read_files_xlsx_numbers_and_days_are_text_and_empty_sheets_are_skipped(
    read: Write,
) -> None:
    from datetime import date

    content = write_workbook(
        [
            ["ags", "plz", "ort", "kreis"],
            [1001000, 24937.0, "Flensburg"],
            [None],
            [16053000, 7743, "Jena", "x"],
        ],
        [],
        [["ags", "behoerde", "gueltig_von"], ["16053000", "ags:16053000", date(2026, 1, 1)]],
    )
    batch = read(content, names=["alles.xlsx"])
    assert batch.refusals == []
    assert [row["ags"] for row in list_rows(batch, DirectoryKind.GEMEINDEN)] == [
        "01001000",
        "16053000",
    ]
    (regel,) = list_rows(batch, DirectoryKind.REGELN)
    assert regel["valid_from"] == date(2026, 1, 1)


def test_read_files_xlsx_mistake_names_sheet_and_row(read: Write) -> None:
    content = write_workbook([["ags", "plz", "ort"], [], ["16053000", "x", "Jena"]], [["z"], [1]])
    first, second = read(content, names=["a.xlsx"]).refusals
    assert str(first).startswith("a.xlsx, Blatt Tabelle1, Zeile 3: plz")
    assert str(second).startswith("a.xlsx, Blatt Tabelle2: Die Kopfzeile passt zu keiner Art")


def pack(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ags;plz;ort\n16053000;07743;Jena\n", "keine XLSX-Datei, obwohl"),
        (b"PK\x03\x04 kein Archiv", "keine lesbare XLSX-Datei"),
        (pack(datei=b"x" * 99)[:-60] + bytes(60), "keine lesbare XLSX-Datei"),
        (pack(datei=b"x"), "keine lesbare XLSX-Datei"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "alten Excel"),
        (pack(bombe=bytes(50_000_000)), "ungewöhnlich stark gepackt"),
        (pack(dtd=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'), "DTD"),
        (pack(**{f"teil{number}": b"" for number in range(600)}), "zu groß"),
    ],
)
def test_read_files_what_is_no_honest_xlsx_is_refused(
    read: Write, content: bytes, words: str
) -> None:
    (refusal,) = read(content, names=["datei.xlsx"]).refusals
    assert words in refusal.reason


def test_read_files_damaged_files_are_refused_and_nothing_else(read: Write) -> None:
    random = Random(11)
    whole = write_workbook([["ags", "plz", "ort"], ["16053000", "07743", "Jena"]])
    for number in range(300):
        damaged = bytearray(whole if number % 2 else GEMEINDEN.encode())
        for _ in range(random.randint(1, 8)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        batch = read(bytes(damaged), names=["datei.xlsx" if number % 2 else "datei.csv"])
        assert batch.refusals or batch.records


def test_read_files_sheet_with_too_many_rows_is_refused(
    read: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    line: list[object] = ["16053000", "07743", "Jena"]
    content = write_workbook([["ags", "plz", "ort"], line, line, line])
    (refusal,) = read(content, names=["datei.xlsx"]).refusals
    assert "mehr als 3 Zeilen" in refusal.reason


def test_write_sheets_gives_back_what_was_written() -> None:
    rows = [["ags", "ort"], ["01001000", "Flensburg"], ["01001000", "=1+1"]]
    assert sheets.read_sheets(sheets.write_sheets([("Gemeinden", rows)])) == [("Gemeinden", rows)]


def test_write_sheets_more_rows_than_a_sheet_has_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    with pytest.raises(sheets.SheetRefused, match="höchstens 2 Zeilen"):
        sheets.write_sheets([("Gemeinden", [["ags"], ["1"], ["2"]])])


def test_read_files_gemeinden_sample_is_recognised(read: Write) -> None:
    assert list(read(GEMEINDEN).records) == [DirectoryKind.GEMEINDEN]
