"""Names of places and streets in the form in which they are compared."""

import pytest

from server.domain.address_normalisation import (
    fold_ort,
    fold_strasse,
    is_foreign_plz,
    normalise_plz,
    read_ort,
    split_strasse,
)


@pytest.mark.parametrize(
    "names",
    [
        ("MÜNCHEN", "Mu\u0308nchen", "Muenchen", "München 80", "Landeshauptstadt München"),
        ("Frankfurt/Main", "Frankfurt (Main)", "Frankfurt am Main", "Frankfurt a. Main"),
        ("St. Peter-Ording", "Sankt Peter Ording", "SANKT PETER-ORDING", "St.Peter Ording"),
        ("Neustadt a.d. Weinstraße", "Neustadt an der Weinstrasse", "Neustadt/Weinstraße"),
        ("Gießen", "Giessen", "Universitätsstadt Gießen", "Gießen, Stadt"),
        ("Groß-Gerau", "Gross Gerau", "Gr.-Gerau"),
        ("Rostock", "Hanse- und Universitätsstadt Rostock"),
    ],
    ids=lambda names: str(names[0]),
)
def test_fold_ort_is_the_same_however_written(names: tuple[str, ...]) -> None:
    assert len({fold_ort(name) for name in names}) == 1


def test_fold_ort_keeps_places_apart() -> None:
    names = ("Weimar", "Wismar", "Frankfurt (Oder)", "Frankfurt am Main", "Oberau", "Unterau")
    assert len({fold_ort(name) for name in names}) == len(names)


def test_read_ort_takes_part_and_kreis_apart() -> None:
    assert read_ort("Jena OT Lobeda").teil == "lobeda"
    assert read_ort("Wedel, Kreis Pinneberg").kreis == ("pinneberg",)
    assert read_ort("Wien, Österreich").is_foreign
    assert read_ort("Stadt").key == "stadt"
    assert read_ort(" - ").key == ""


@pytest.mark.parametrize(
    "names",
    [
        ("Karl-Marx-Straße", "Karl Marx Str.", "KARL-MARX-STRASSE", "Karl-Marx-Strasse"),
        ("Straße des 17. Juni", "Str. des 17. Juni"),
        ("Große Bleichen", "Gr. Bleichen"),
        ("Marktplatz", "Markt Pl.", "Markt-Platz"),
    ],
    ids=lambda names: str(names[0]),
)
def test_fold_strasse_is_the_same_however_written(names: tuple[str, ...]) -> None:
    assert len({fold_strasse(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Hauptstr. 5", ("Hauptstr.", "5")),
        ("Am Markt 1a", ("Am Markt", "1a")),
        ("Weg 12 - 14", ("Weg", "12 - 14")),
        ("Straße des 17. Juni", ("Straße des 17. Juni", "")),
        ("Straße des 17. Juni 135", ("Straße des 17. Juni", "135")),
        ("Straße 45", ("Straße 45", "")),
    ],
)
def test_split_strasse_finds_the_number_in_the_street(
    written: str, expected: tuple[str, str]
) -> None:
    assert split_strasse(written, "") == expected


def test_split_strasse_leaves_a_number_of_its_own_alone() -> None:
    assert split_strasse("Straße 45", "3") == ("Straße 45", "3")


def test_normalise_plz_takes_the_sign_of_the_state_away() -> None:
    assert [normalise_plz(text) for text in ("07743", "D-07743", " DE 07743 ")] == ["07743"] * 3
    assert [normalise_plz(text) for text in ("7743", "A-1010", "077431", "")] == [""] * 4
    assert is_foreign_plz("A-1010")
    assert not is_foreign_plz("D-07743")
