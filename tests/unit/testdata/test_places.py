"""Lists of Gemeinden, and what is told of broken ones."""

from pathlib import Path

import pytest

from server.testdata.places import PlacesInvalid, load_places

HEAD = "ags,plz,ort,bundesland,deprecated\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "orte.csv"
    path.write_text(text, encoding="utf-8")
    return path


def find_problems(path: Path) -> list[str]:
    with pytest.raises(PlacesInvalid) as raised:
        load_places(path)
    return raised.value.problems


def test_load_places_without_a_file_has_shared_postal_codes() -> None:
    places = load_places()
    assert len({place.ags for place in places.all}) > 25
    assert {place.plz for place in places.with_shared_plz()} == {"54636", "17153"}


def test_load_places_reads_what_is_in_force(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufeff" + HEAD + "16053000,07743,Jena,Thüringen,0\n16053001,07743,Alt-Jena,Thüringen,1\n",
    )
    (place,) = load_places(path).all
    assert (place.ags, place.plz, place.ort) == ("16053000", "07743", "Jena")


def test_load_places_broken_lines_are_told_with_their_number(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEAD
        + "16053000,07743,Jena,Thüringen,0\n"
        + "1605300,7743,,Thüringen,0\n"
        + "16053000,07743\n"
        + "16053000,07743,Jena,Thüringen,0,mehr\n"
        + "16053000,07743,東京,Thüringen,0\n",
    )
    assert find_problems(path) == [
        f"{path}, Zeile 3: „1605300“ ist kein AGS (acht Ziffern).",
        f"{path}, Zeile 3: „7743“ ist keine Postleitzahl (fünf Ziffern).",
        f"{path}, Zeile 3: „“ ist kein Ort.",
        f"{path}, Zeile 4: Die Zeile hat nicht so viele Felder wie die Kopfzeile.",
        f"{path}, Zeile 5: Die Zeile hat nicht so viele Felder wie die Kopfzeile.",
        f"{path}, Zeile 6: „東京“ ist kein Ort.",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Zeile 1: Es fehlen die Spalten ags, plz, ort."),
        ("ags;plz;ort\n", "Zeile 1: Es fehlen die Spalten ags, plz, ort."),
        (HEAD, "Zeile 1: Die Liste nennt keine Gemeinde."),
    ],
)
def test_load_places_useless_file_is_told(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, text)
    assert find_problems(path) == [f"{path}, {reason}"]


def test_load_places_missing_or_foreign_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "orte.csv"
    assert find_problems(path)[0].startswith(f"{path}: ")
    path.write_bytes(HEAD.encode() + "16053000,07743,Köln,NRW,0\n".encode("latin-1"))
    assert find_problems(path) == [f"{path} ist nicht in UTF-8 kodiert."]
