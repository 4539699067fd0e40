"""Own templates: which file counts, and what is refused before a letter depends on it."""

from io import BytesIO
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from server.domain.behoerde import PartyIdentifier
from server.printing.letter import LetterStyle, render_letter
from server.printing.stationery import (
    SHIPPED,
    StationeryFolders,
    TemplatesInvalid,
    name_folder,
)
from server.printing.template_check import find_template_problems
from server.printing.unprintable import LayoutBroken
from tests.unit.printing.pdf_reading import read_texts
from tests.unit.printing.samples import ORDER, POTSDAM, make_ersuchen

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    b'<rect width="40" height="20"/></svg>'
)
OWN_HEAD = "#let kopf(data) = [Kopf von hier: #data.sender.name]"
LETTERHEAD = """
name = "Landeshauptstadt Potsdam"
absenderzeile = "LHP · Postfach 1 · 14461 Potsdam"
zeilen = ["Zentrale Vollstreckung", "Haus 2"]
vermerke = ["Vollstreckungssache"]
fuss = ["Sprechzeiten: Di 9–12 Uhr"]
"""


def write(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read_letter(folder: Path | None, *, is_franked: bool = True) -> str:
    folders = StationeryFolders(folder)
    style = LetterStyle(folders, is_franked)
    assert find_template_problems(folders, style) == []
    return read_texts(render_letter(make_ersuchen(), [], ORDER, style=style).pdf)[0]


def test_name_folder_is_the_kennung_with_plain_signs() -> None:
    assert name_folder(PartyIdentifier("ags:1/2 ü", "xoev")) == "xoev_ags_1_2__"


def test_find_template_problems_shipped_has_none() -> None:
    folders = StationeryFolders()
    for is_franked in (True, False):
        style = LetterStyle(folders, is_franked_by_service=is_franked)
        assert find_template_problems(folders, style) == []


def test_stationery_own_file_hides_the_shipped_one(tmp_path: Path) -> None:
    text = read_letter(write(tmp_path, kopf__typ=OWN_HEAD))
    assert "Kopf von hier: Stadt Potsdam, Vollstreckungsstelle" in text
    assert "Seite 1 von 1" in text


def test_stationery_letterhead_of_the_mandant_is_printed(tmp_path: Path) -> None:
    write(tmp_path / name_folder(POTSDAM.identifier), briefkopf__toml=LETTERHEAD, logo__svg=LOGO)
    text = read_letter(tmp_path)
    for part in (
        "Landeshauptstadt Potsdam Zentrale Vollstreckung · Haus 2",
        "LHP · Postfach 1 · 14461 Potsdam",
        "Vollstreckungssache",
        "Sprechzeiten: Di 9–12 Uhr",
    ):
        assert part in text


def test_stationery_of_another_mandant_is_not_printed(tmp_path: Path) -> None:
    write(tmp_path / "xoev_ags_01001000", briefkopf__toml=LETTERHEAD, kopf__typ=OWN_HEAD)
    text = read_letter(tmp_path)
    assert "Landeshauptstadt" not in text
    assert "Kopf von hier" not in text


def test_stationery_mandant_hides_the_installation(tmp_path: Path) -> None:
    write(tmp_path, briefkopf__toml='name = "Alle"', logo__svg=LOGO)
    image = BytesIO()
    Image.new("RGB", (80, 40), (200, 0, 0)).save(image, "PNG")
    own = tmp_path / name_folder(POTSDAM.identifier)
    write(own, briefkopf__toml='name = "Eigene"', logo__png=image.getvalue())
    folders = StationeryFolders(tmp_path)
    found = folders.find_for(POTSDAM.identifier)
    other = folders.find_for(PartyIdentifier("x", "y"))
    assert (found.letterhead.name, other.letterhead.name) == ("Eigene", "Alle")
    assert other.files["logo.svg"] == LOGO
    assert find_template_problems(folders, LetterStyle(folders)) == []
    letter = render_letter(make_ersuchen(), [], ORDER, style=LetterStyle(folders))
    image = pypdfium2.PdfDocument(letter.pdf)[0].render(scale=2).to_pil()
    # In the middle of the place of the logo: 145 to 190 mm, 15 to 40 mm.
    pixel = image.getpixel((round(167 / 25.4 * 144), round(27 / 25.4 * 144)))
    assert pixel == (200, 0, 0)


def test_stationery_without_franking_has_room_for_notes(tmp_path: Path) -> None:
    notes = 'vermerke = ["Eins", "Zwei", "Drei", "Vier"]'
    assert "Eins Zwei Drei Vier Stadt Flensburg" in read_letter(
        write(tmp_path, briefkopf__toml=notes), is_franked=False
    )


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("briefkopf.toml", b"name = 3", "name muss ein Text sein"),
        ("briefkopf.toml", b"fuss = 'x'", "fuss muss eine Liste von Texten sein"),
        ("briefkopf.toml", b"farbe = 'rot'", "Den Schlüssel farbe gibt es nicht"),
        ("briefkopf.toml", b"name = ", "Kein gültiges TOML"),
        ("briefkopf.toml", b"name = '\xff'", "Kein gültiges TOML in UTF-8"),
        ("briefkopf.toml", b"vermerke = ['a','b','c','d','e']", "höchstens 4 Zeilen"),
        ("briefkopf.toml", b"fuss = ['a','b','c','d']", "fuss darf höchstens 3 Zeilen"),
        ("logo.svg", b"GIF89a", "Das Logo ist keine SVG-Datei"),
        ("logo.png", b"<svg/>", "Das Logo ist keine PNG-Datei"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 2**21, "größer als 2 MiB"),
        ("logo.png", b"\x89PNG\r\n", "Das Logo ist keine PNG-Datei"),
        ("kopf.typ", b"\xff", "nicht in UTF-8"),
        ("kopf.typ", b'#import "@preview/x:1.0.0": y', "darf keine Pakete"),
        ("logo.gif", b"GIF89a", "Erwartet werden nur"),
    ],
)
def test_stationery_bad_file_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    write(tmp_path / "mandant", **{name: content})
    with pytest.raises(TemplatesInvalid, match=problem) as caught:
        StationeryFolders(tmp_path)
    assert str(tmp_path / "mandant" / name) in caught.value.problems[0]


def test_stationery_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplatesInvalid, match="gibt es nicht"):
        StationeryFolders(tmp_path / "fehlt")


def test_stationery_all_mistakes_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, briefkopf__toml="name = 3", logo__svg="x")
    with pytest.raises(TemplatesInvalid) as caught:
        StationeryFolders(tmp_path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("#let kopf(data) = [#data.fehlt]", "Der Satz schlägt fehl"),
        ("#let kopf(data = ", "Der Satz schlägt fehl"),
        ('#let kopf(data) = [#read("/etc/passwd")]', "Der Satz schlägt fehl"),
        ('#let kopf(data) = [#read("../letter.py")]', "Der Satz schlägt fehl"),
        ("#let kopf(data) = place(dx: 30mm, dy: 45mm)[Hier wird frankiert]", "Frankierzone"),
        ("#let kopf(data) = place(dx: -20mm, dy: 105mm)[X]", "Kuvertiermarke"),
    ],
    ids=["field", "syntax", "file", "way out", "franking", "mark"],
)
def test_find_template_problems_bad_template_is_told(
    tmp_path: Path, template: str, problem: str
) -> None:
    folders = StationeryFolders(write(tmp_path, kopf__typ=template))
    (found,) = find_template_problems(folders, LetterStyle(folders))
    assert found.startswith("Vorlagen für alle Mandanten: ")
    assert problem in found


def test_find_template_problems_two_notes_beside_franking_are_told(tmp_path: Path) -> None:
    folders = StationeryFolders(write(tmp_path, briefkopf__toml='vermerke = ["Eins", "Zwei"]'))
    (found,) = find_template_problems(folders, LetterStyle(folders))
    assert "nur Platz für einen Vermerk" in found


def test_render_letter_layout_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    template = "#let kopf(data) = place(dx: 30mm, dy: 45mm)[Hier wird frankiert]"
    style = LetterStyle(StationeryFolders(write(tmp_path, kopf__typ=template)))
    with pytest.raises(LayoutBroken, match="Die Frankierzone ist nicht frei"):
        render_letter(make_ersuchen(), [], ORDER, style=style)


def test_shipped_templates_are_the_files_that_are_documented() -> None:
    assert sorted(path.name for path in SHIPPED.iterdir()) == [
        "din5008.typ", "ersuchen.typ", "fuss.typ", "kopf.typ", "umbruch.typ",
    ]  # fmt: skip
