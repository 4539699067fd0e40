"""The letter as a reader gets it: sheet, texts, attachments, and the same bytes every time."""

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pytest

from server.domain.anschrift import Anschrift
from server.domain.ersuchen import (
    Akteur,
    Bankverbindung,
    Drittschuldner,
    ErbeteneMassnahme,
    Ersuchen,
    Firma,
    Forderung,
    Nebenforderung,
    Person,
    Saeumniszuschlag,
    Schuldner,
    Vollstreckbarkeitsbescheinigung,
)
from server.domain.german import format_euro
from server.printing.letter import (
    Letter,
    LetterAttachment,
    LetterStyle,
    render_letter,
)
from server.printing.letter_texts import KeyNames, address_window
from server.printing.marks import MarkKind, MarkStyle, SheetMarks, mark_sheets
from server.printing.unprintable import AddressDoesNotFit, UnprintableAttachment
from tests.unit.printing.pdf_reading import Area, read_area, read_characters, read_texts
from tests.unit.printing.samples import (
    FLENSBURG,
    ORDER,
    POTSDAM,
    make_ersuchen,
    make_forderungen,
    make_pdf,
)

A4 = (595.276, 841.89)
A5_SIZE, A6_SIZE = (420, 595), (298, 420)
SHEET = Area(24.5, 7, 200.5, 290)
RETURN_LINE = Area(20, 45, 105.5, 53)
FRANKING = Area(20, 53, 105, 66)
ADDRESS = Area(20, 66, 105.5, 90)
INFORMATION = Area(124.5, 50, 200.5, 95)
LONG_NAME = (
    "Zweckverband zur gemeinsamen Wahrnehmung der Vollstreckungsaufgaben in den Landkreisen "
    "Märkisch-Oderland, Oder-Spree und Dahme-Spreewald sowie der kreisfreien Stadt Frankfurt "
    "(Oder), Abteilung Beitreibung und Forderungsmanagement, Außenstelle Süd-Ost 17"
)
LONGEST_WORD = "W" * 255
# DIN 91379, sequences: letters with combining marks of which Unicode has no composed form.
SEQUENCES = (
    "A̋ C̀ C̄ C̆ C̈ C̕ C̣ C̦ C̨̆ D̂ F̀ F̄ G̀ H̄ H̦ H̱ J́ J̌ K̀ K̂",
    "K̄ K̇ K̕ K̛ K̦ K͟H K͟h L̂ L̥ L̥̄ L̦ M̀ M̂ M̆ M̐ N̂ N̄ N̆ N̦ P̀",
    "P̄ P̕ P̣ R̆ R̥ R̥̄ S̀ S̄ S̛̄ S̱ T̀ T̄ T̈ T̕ T̛ U̇ Z̀ Z̄ Z̆ Z̈ Z̧",
    "a̋ c̀ c̄ c̆ c̈ c̕ c̣ c̦ c̨̆ d̂ f̀ f̄ g̀ h̄ h̦ j́ k̀ k̂ k̄ k̇ k̕ k̛ k̦ k͟h",
    "l̂ l̥ l̥̄ l̦ m̀ m̂ m̆ m̐ n̂ n̄ n̆ n̦ p̀ p̄ p̕ p̣ r̆ r̥ r̥̄ s̀ s̄ s̛̄ s̱ t̀",
    "t̄ t̕ t̛ u̇ z̀ z̄ z̆ z̈ z̧ Ç̆ Û̄ ç̆ û̄ ÿ́ Č̕ Č̣ č̕ č̣ ē̍ ī́ ī̍ ō̍",
    "Ž̦ Ž̧ ž̦ ž̧ Ḳ̄ ḳ̄ Ṣ̄ ṣ̄ Ṭ̄ ṭ̄ Ạ̈ ạ̈ Ọ̄ Ọ̈ ọ̄ ọ̈ Ụ̄ Ụ̈ ụ̄ ụ̈",
)
EVIL_TEXTS = [
    '#panic("x")',
    "*fett* _kursiv_ `code` = Kopf",
    "$x^2$ @label <label> ~ --- // Ende /* offen",
    "\"doppelt\" 'einfach' \\ \\n \\u{41} C:\\neu",
    '#include "/etc/passwd" #{ ]] }} ]',
    "https://example.org/#x - + / 1. 2.",
]


NAMES = KeyNames(
    {"grundsteuer": "Grundsteuer"},
    {"sachpfaendung": "Sachpfändung", "vermoegensauskunft": "Abnahme der Vermögensauskunft"},
)


def render(ersuchen: Ersuchen | None = None, *attachments: LetterAttachment) -> Letter:
    return render_letter(ersuchen or make_ersuchen(), attachments, ORDER, NAMES)


def make_debtor(name: str) -> tuple[Schuldner]:
    return (Schuldner(Person(name), FLENSBURG.anschrift),)


def without_spaces(text: str) -> str:
    return "".join(text.split())


def make_longest(text: str) -> Ersuchen:
    """An Ersuchen that has this text wherever the schema allows it."""
    anschrift = Anschrift(text, text, "15230", text)
    akteur = Akteur(POTSDAM.identifier, text, anschrift, text, text)
    # The address of the recipient has a window to fit into.
    short = text[:60] if " " in text[:60] else text[:16]
    recipient = Akteur(POTSDAM.identifier, short, Anschrift(short, "1", "15230", short), text, text)
    return make_ersuchen(
        ersuchender=akteur,
        ersuchter=recipient,
        schuldner_list=(
            Schuldner(Person(text, text, text, None, text), anschrift),
            Schuldner(Firma(text, text, text, (text, text))),
        ),
        gesamtbetrag=Decimal("999999999999.99"),
        bescheinigung=Vollstreckbarkeitsbescheinigung(
            make_ersuchen().datum, text, (text * 16)[:4000]
        ),
        rechtsgrundlage_list=(text, text),
        forderung_list=tuple(
            Forderung("w" * 64, text, Decimal("999999999999.99"), claim.faelligkeit)
            for claim in make_forderungen(3)
        ),
        massnahme_list=(
            ErbeteneMassnahme(
                "w" * 64,
                Drittschuldner(text, anschrift),
                "MT31MALT01100000000000000000123",
                text,
                text,
                text,
                (text * 16)[:4000],
            ),
        ),
        bankverbindung=Bankverbindung(text, "MT31MALT01100000000000000000123", text),
        bemerkung=(text * 16)[:4000],
    )


def test_letter_usual_ersuchen_is_one_a4_page() -> None:
    letter = render()
    with pikepdf.open(BytesIO(letter.pdf)) as pdf:
        assert [float(value) for value in pdf.pages[0].mediabox] == pytest.approx(
            [0, 0, *A4], abs=0.01
        )
    assert letter.pages == 1
    assert "Seite 1 von 1" in read_texts(letter.pdf)[0]


def test_letter_usual_ersuchen_says_who_asks_whom_for_what() -> None:
    text = read_texts(render().pdf)[0]
    for part in (
        "Vollstreckungshilfeersuchen Sehr geehrte Damen und Herren, wir bitten Sie um "
        "Vollstreckungshilfe gegen Erika Beispiel.",
        "Sachpfändung",
        "Abnahme der Vermögensauskunft",
        "Geboren am 03.02.1980",
        "Anschrift Norderstraße 7 b, 24939 Flensburg",
        "Grundsteuer Bescheid vom 12.01.2026, 2. Rate 15.02.2026 184,50 €",
        "Summe 553,50 €",
        "Kontoinhaber Stadt Potsdam IBAN DE02 1203 0000 0000 2020 51 Verwendungszweck VS-2026-0815",
        "Bitte verständigen Sie uns, sobald Zahlungen eingehen.",
        "Mit freundlichen Grüßen Stadt Potsdam, Vollstreckungsstelle",
        f"Auftrag {ORDER.order_id}",
    ):
        assert part in text


def test_letter_without_optional_parts_leaves_out_their_labels() -> None:
    ersuchen = make_ersuchen(
        ersuchender=replace(POTSDAM, aktenzeichen="", bearbeiter=""),
        schuldner_list=(Schuldner(Firma("Beispiel GmbH"), FLENSBURG.anschrift),),
        bescheinigung=None,
        bankverbindung=None,
        bemerkung="",
        massnahme_list=(),
    )
    text = read_texts(render(ersuchen).pdf)[0]
    for label in ("Zeichen", "Bearbeitung", "Telefon", "Geboren", "Register", "vollstreckbar"):
        assert label not in text
    for label in ("Konto", "Bemerkung", "Maßnahmen", "Anlage", "()"):
        assert label not in text
    assert "gegen Beispiel GmbH." in text


def test_letter_debtors_who_owe_together_are_all_named() -> None:
    wine = Firma("Muster Wein GmbH", "GmbH", "Amtsgericht Flensburg, HRB 99999", ("Mia Muster",))
    ersuchen = make_ersuchen(
        schuldner_list=(
            Schuldner(Person("Beispiel", "Erika", "Probe"), FLENSBURG.anschrift),
            Schuldner(Person("Beispiel", "Max")),
            Schuldner(wine, FLENSBURG.anschrift),
        ),
        rechtsgrundlage_list=("§ 250 AO", "§ 4 VwVfG"),
    )
    text = read_texts(render(ersuchen).pdf)[0]
    for part in (
        "gegen Erika Beispiel, Max Beispiel und Muster Wein GmbH (§ 250 AO, § 4 VwVfG).",
        "Gesamtschuldner Name Erika Beispiel Geburtsname Probe Anschrift Am Markt 1",
        "Name Max Beispiel Anschrift nicht bekannt, bitte ermitteln",
        "Register Amtsgericht Flensburg, HRB 99999 Vertreten durch Mia Muster",
    ):
        assert part in text


def test_letter_what_is_owed_beside_a_claim_stands_below_it() -> None:
    (claim,) = make_forderungen(1)
    claim = replace(
        claim,
        kassenzeichen="K 7",
        nebenforderung_list=(
            Nebenforderung("mahngebuehr", Decimal("5.00")),
            Nebenforderung("auslagen", Decimal("3.45"), "Porto", claim.faelligkeit),
        ),
        saeumniszuschlag=Saeumniszuschlag(Decimal("9.00"), claim.faelligkeit, True),
    )
    text = read_texts(render(make_ersuchen(forderung_list=(claim,), gesamtbetrag=claim.summe)).pdf)
    for part in (
        "1. Rate, Kassenzeichen K 7 15.02.2026 184,50 €",
        "Mahngebühr 5,00 € Porto 15.02.2026 3,45 €",
        "Säumniszuschlag bis 15.02.2026 (läuft weiter) 9,00 € Summe 201,95 €",
    ):
        assert part in text[0]


def test_letter_measure_bears_its_details_and_a_key_without_name_stands_as_it_is() -> None:
    measures = (
        ErbeteneMassnahme("sachpfaendung", gegenstand="Fernsehgerät"),
        ErbeteneMassnahme(
            "neue-massnahme", Drittschuldner("Musterbank"), iban="DE89370400440532013000"
        ),
    )
    text = read_texts(render(make_ersuchen(massnahme_list=measures)).pdf)[0]
    assert "Sachpfändung (Fernsehgerät)" in text
    assert "neue-massnahme (Musterbank; Konto DE89 3704 0044 0532 0130 00)" in text


def test_letter_certificate_of_enforceability_names_day_and_issuer() -> None:
    assert (
        "Wir bescheinigen, dass die Forderungen vollstreckbar sind. "
        "Ausgestellt am 02.11.2026: Im Auftrag, Ahrens"
    ) in read_texts(render().pdf)[0]


def test_letter_information_block_names_both_aktenzeichen() -> None:
    ersuchen = make_ersuchen(ersuchter=replace(FLENSBURG, aktenzeichen="20.3-77"))
    assert read_area(render(ersuchen).pdf, INFORMATION) == (
        "UnserZeichenVS-2026-0815IhrZeichen20.3-77BearbeitungFrauAhrensDatum02.11.2026"
    )


def test_letter_address_stands_in_the_window() -> None:
    pdf = render().pdf
    assert read_area(pdf, ADDRESS) == "StadtFlensburg,VollstreckungsstelleAmMarkt124937Flensburg"
    assert read_area(pdf, RETURN_LINE) == (
        "StadtPotsdam,Vollstreckungsstelle·Friedrich-Ebert-Straße79/81·14469Potsdam"
    )


@pytest.mark.parametrize("row", SEQUENCES)
def test_letter_address_with_letters_that_have_no_composed_form_passes_its_proof(row: str) -> None:
    letter = render(
        make_ersuchen(
            ersuchter=replace(
                FLENSBURG, name=f"Amt {row}", anschrift=replace(FLENSBURG.anschrift, ort=row)
            )
        )
    )
    assert letter.address[-1] == f"24937 {row}"
    assert read_pdf_a_claim(letter) == ("2", "B")


@pytest.mark.parametrize("tall", ["Ṧ", "Ắ", "Ḯ", "Ỗ"])
def test_letter_address_accents_upon_accents_stay_out_of_the_franking_zone(tall: str) -> None:
    recipient = replace(FLENSBURG, name=LONG_NAME.replace("Zweck", tall, 1))
    assert len(render(make_ersuchen(ersuchter=recipient)).address) == 6


def test_letter_address_long_name_still_stands_in_the_window_uncut() -> None:
    recipient = replace(FLENSBURG, name=LONG_NAME)
    shown = read_area(render(make_ersuchen(ersuchter=recipient)).pdf, ADDRESS)
    assert shown == without_spaces("".join(address_window(recipient).lines))


def test_letter_address_divided_after_a_hyphen_is_read_back() -> None:
    name = "Vollstreckungsaufgaben in den Landkreisen Märkisch-Oderland, Oder-Spree"
    recipient = replace(FLENSBURG, name=name)
    first, *_ = address_window(recipient).lines
    assert first.endswith("Märkisch-")
    # The proof passes: no letter is refused because its reader takes the hyphen for another sign.
    assert "Oderland," in read_area(render(make_ersuchen(ersuchter=recipient)).pdf, ADDRESS)


@pytest.mark.parametrize(
    "text", ["kurz", LONG_NAME[:255], LONGEST_WORD], ids=["short", "long", "word"]
)
def test_letter_franking_zone_stays_free(text: str) -> None:
    characters = read_characters(render(make_longest(text)).pdf)
    assert [item for item in characters if FRANKING.touches(item)] == []


@pytest.mark.parametrize(
    "text", ["kurz", LONG_NAME[:255], LONGEST_WORD], ids=["short", "long", "word"]
)
def test_letter_no_text_leaves_the_margins(text: str) -> None:
    letter = render(make_longest(text))
    for page in range(letter.pages):
        characters = read_characters(letter.pdf, page)
        assert characters
        assert [item for item in characters if not SHEET.contains(item)] == []


@pytest.mark.parametrize("text", [LONG_NAME[:255], LONGEST_WORD], ids=["long", "word"])
def test_letter_window_parts_stay_apart_from_the_subject(text: str) -> None:
    pdf = render(make_longest(text)).pdf
    between = Area(20, 95.5, 200, 97.5)
    assert [item for item in read_characters(pdf) if between.touches(item)] == []


def test_letter_amounts_are_right_aligned() -> None:
    claims = make_forderungen(2)
    claims = (claims[0], replace(claims[1], betrag=Decimal("1234567.80")))
    pdf = render(make_ersuchen(forderung_list=claims)).pdf
    edges = [item.right for item in read_characters(pdf) if item.text == "€"]
    assert len(edges) == 3
    assert max(edges) - min(edges) < 0.2


def test_letter_many_claims_repeat_the_header_and_number_the_pages() -> None:
    letter = render(
        make_ersuchen(forderung_list=make_forderungen(60), gesamtbetrag=Decimal("11070.00"))
    )
    texts = read_texts(letter.pdf)
    assert letter.pages == len(texts) >= 3
    for number, text in enumerate(texts, 1):
        assert f"Seite {number} von {letter.pages}" in text
    for text in texts[:-1]:
        assert "Einnahmeart Bezeichnung Fällig am Betrag" in text
    whole = " ".join(texts)
    assert all(f"{rate}. Rate" in whole for rate in range(1, 61))
    assert whole.count("Summe") == 1
    assert "Summe 11.070,00 €" in whole


@pytest.mark.parametrize("evil", EVIL_TEXTS)
def test_letter_markup_in_texts_is_printed_as_it_is(evil: str) -> None:
    ersuchen = make_longest(evil)
    text = without_spaces(" ".join(read_texts(render(ersuchen).pdf)))
    # Name of the debtor, measure, owner of the account.
    for before in ("Vollstreckungshilfegegen", "Kennzeichen", "Kontoinhaber"):
        assert before + without_spaces(evil) in text
    assert without_spaces(evil) in read_area(render(ersuchen).pdf, ADDRESS)


def test_letter_markup_in_attachment_name_is_printed_as_it_is() -> None:
    evil = '#panic("x") *a* $b$.pdf'
    text = read_texts(render(None, LetterAttachment(evil, make_pdf(A5_SIZE))).pdf)[0]
    assert f"Anlage {evil}" in text


def test_letter_names_of_all_europe_are_printed() -> None:
    name = "Çağrı Łukasz Ðorđe Ștefan Ōkami Ḑ M̂ J̌ ẞ Ελένη Дмитрий"
    ersuchen = make_ersuchen(schuldner_list=make_debtor(name))
    letter = render(ersuchen)
    assert "gegen Çağrı Łukasz Ðorđe Ștefan Ōkami" in read_texts(letter.pdf)[0]
    assert read_pdf_a_claim(letter) == ("2", "B")


def test_letter_character_without_font_goes_out_without_claim() -> None:
    letter = render(make_ersuchen(schuldner_list=make_debtor("Beispiel 😀")))
    assert "gegen Beispiel" in read_texts(letter.pdf)[0]
    assert read_pdf_a_claim(letter) == (None, None)


def test_letter_long_texts_fill_further_pages() -> None:
    remark = "\n".join(f"{number}. Absatz der Bemerkung." for number in range(1, 80))
    whole = " ".join(read_texts(render(make_ersuchen(bemerkung=remark)).pdf))
    assert "1. Absatz der Bemerkung. 2. Absatz" in whole
    assert "79. Absatz der Bemerkung." in whole


def test_letter_attachments_follow_in_order_on_their_own_pages() -> None:
    letter = render(
        None,
        LetterAttachment("erste.pdf", make_pdf(A5_SIZE, A6_SIZE)),
        LetterAttachment("zweite.pdf", make_pdf(A6_SIZE)),
    )
    with pikepdf.open(BytesIO(letter.pdf)) as pdf:
        sizes = {
            (round(float(page.mediabox[2])), round(float(page.mediabox[3]))) for page in pdf.pages
        }
    assert sizes == {(595, 842)}
    assert letter.pages == 4
    assert "Anlagen erste.pdf zweite.pdf" in read_texts(letter.pdf)[0]


def test_letter_many_attachments_are_all_listed() -> None:
    names = [f"anlage-{number:03}.pdf" for number in range(120)]
    letter = render(None, *(LetterAttachment(name, make_pdf(A6_SIZE)) for name in names))
    whole = " ".join(read_texts(letter.pdf))
    assert [name for name in names if name not in whole] == []


def test_letter_unprintable_attachment_is_refused() -> None:
    with pytest.raises(UnprintableAttachment, match=r"„brief\.docx“ ist keine PDF-Datei"):
        render(None, LetterAttachment("brief.docx", b"PK"))


def test_letter_same_order_gives_same_bytes() -> None:
    attachment = LetterAttachment("a.pdf", make_pdf(A5_SIZE))
    first, second = render(None, attachment), render(None, attachment)
    assert first == second
    assert first.sha256 == hashlib.sha256(first.pdf).hexdigest()


def test_letter_same_moment_in_another_zone_gives_same_bytes() -> None:
    moved = replace(ORDER, created=ORDER.created.astimezone(ZoneInfo("Europe/Berlin")))
    assert render_letter(make_ersuchen(), [], moved, NAMES) == render()


def test_letter_another_order_gives_other_bytes() -> None:
    other = replace(ORDER, order_id="20261102-000043-00000000")
    assert render_letter(make_ersuchen(), [], other).sha256 != render().sha256


def test_letter_alone_claims_pdf_a_and_embeds_its_fonts() -> None:
    letter = render()
    assert read_pdf_a_claim(letter) == ("2", "B")
    with pikepdf.open(BytesIO(letter.pdf)) as pdf:
        fonts = pdf.pages[0].Resources.Font
        descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts.values()]
        assert descriptors
        assert all("/FontFile3" in item or "/FontFile2" in item for item in descriptors)
        assert not {"/AcroForm", "/OpenAction", "/AA"} & set(pdf.Root.keys())
        assert not pdf.is_encrypted


def test_letter_with_pages_that_do_not_claim_it_claims_no_pdf_a() -> None:
    letter = render(None, LetterAttachment("a.pdf", make_pdf(A5_SIZE)))
    assert read_pdf_a_claim(letter) == (None, None)


def test_letter_date_of_the_pdf_is_that_of_the_order() -> None:
    with pikepdf.open(BytesIO(render().pdf)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261102093005")
        with pdf.open_metadata() as metadata:
            stamp = datetime.fromisoformat(str(metadata["xmp:CreateDate"]))
    assert stamp == ORDER.created.replace(microsecond=0)


def test_address_window_long_name_makes_six_lines_at_most() -> None:
    lines = address_window(replace(FLENSBURG, name=LONG_NAME)).lines
    assert " ".join(lines[:-2]) == (
        LONG_NAME.replace("Abteilung", "Abt.")
        .replace("Außenstelle", "Ast.")
        .replace("Landkreisen", "Lkr.")
    )
    assert len(lines) <= 6
    assert lines[-2:] == ("Am Markt 1", "24937 Flensburg")


def test_address_window_without_street_is_name_and_place() -> None:
    recipient = replace(FLENSBURG, anschrift=Anschrift("", "", "24937", "Flensburg"))
    assert address_window(recipient).lines == (FLENSBURG.name, "24937 Flensburg")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0,00"), ("0.5", "0,50"), ("1234.5", "1.234,50"), ("12345678.99", "12.345.678,99")],
)
def test_format_euro_amount_is_written_the_german_way(amount: str, text: str) -> None:
    assert format_euro(Decimal(amount)) == f"{text}\N{NO-BREAK SPACE}€"


def read_pdf_a_claim(letter: Letter) -> tuple[str | None, str | None]:
    with pikepdf.open(BytesIO(letter.pdf)) as pdf, pdf.open_metadata() as metadata:
        return metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")


def make_kinds() -> list[Letter]:
    """A letter of every kind: alone, long, with attachments, marked."""
    marked = LetterStyle(marks=MarkStyle(MarkKind.DATAMATRIX))
    attachment = LetterAttachment("a.pdf", make_pdf(A5_SIZE, (842, 595)))
    return [
        render(),
        render(make_longest(LONG_NAME[:255])),
        render(None, attachment),
        render_letter(make_ersuchen(), [attachment], ORDER, NAMES, marked),
        render(make_ersuchen(schuldner_list=make_debtor("Beispiel 😀"))),
    ]


def test_letter_of_every_kind_is_sound_for_qpdf(tmp_path: Path) -> None:
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        pytest.skip("qpdf ist nicht installiert")
    marks = SheetMarks("20261102-01", 1, True, MarkStyle(MarkKind.DATAMATRIX))
    for letter in make_kinds():
        path = tmp_path / "letter.pdf"
        for pdf in (letter.pdf, mark_sheets(letter.pdf, marks)):
            path.write_bytes(pdf)
            check = subprocess.run([qpdf, "--check", path], capture_output=True, check=False)
            assert check.returncode == 0, check.stdout + check.stderr


def test_letter_with_marks_leaves_their_margin_free_on_foreign_pages() -> None:
    style = LetterStyle(marks=MarkStyle(MarkKind.OMR))
    attachment = LetterAttachment("a.pdf", make_pdf((595, 842)))
    marked = render_letter(make_ersuchen(), [attachment], ORDER, NAMES, style)
    assert marked.notes == ("Anlage „a.pdf“: 1 Seite auf A4 gebracht.",)
    assert render(None, attachment).notes == ()


def test_letter_without_valid_account_says_why_it_bears_no_code() -> None:
    letter = render(make_ersuchen(bankverbindung=Bankverbindung("Stadt Potsdam", "DE00")))
    assert letter.notes == ("Ohne Zahlcode: Die IBAN ist nicht gültig.",)
    assert "Überweisen mit Code" not in read_texts(letter.pdf)[0]
    assert "Überweisen mit Code" in read_texts(render().pdf)[0]


def test_letter_address_that_fits_no_window_is_refused() -> None:
    ersuchen = make_ersuchen(ersuchter=replace(FLENSBURG, name=LONGEST_WORD))
    with pytest.raises(AddressDoesNotFit, match="nicht in 6 Zeilen"):
        render(ersuchen)


def test_letter_without_franking_sets_the_address_higher() -> None:
    style = LetterStyle(is_franked_by_service=False)
    pdf = render_letter(make_ersuchen(), [], ORDER, NAMES, style).pdf
    assert read_area(pdf, Area(20, 62.7, 105.5, 78)) == (
        "StadtFlensburg,VollstreckungsstelleAmMarkt124937Flensburg"
    )


@pytest.mark.parametrize(
    "email", ["vollstreckung@potsdam.example", "vollstreckungsstelle.innen@potsdam.example"]
)
def test_letter_address_of_mail_is_never_hyphenated(email: str) -> None:
    sender = replace(POTSDAM, email=email)
    pdf = render(make_ersuchen(ersuchender=sender)).pdf
    assert f"E-Mail{email}Datum" in read_area(pdf, INFORMATION)
