"""Addresses in the window: what is written short, in which order, and when nothing helps."""

import pytest

from server.domain.address_lines import (
    MAX_LINES,
    AddressTooLong,
    fit_address,
    normalise_line,
)
from server.domain.anschrift import Anschrift

ANSCHRIFT = Anschrift("Am Markt", "1", "24937", "Flensburg")


def fit(name: str, width: float, anschrift: Anschrift = ANSCHRIFT) -> tuple[list[str], float]:
    """Every character is as wide as the size of type: ten points, so `width` 100 holds ten."""
    block = fit_address(name, anschrift, width, len)
    return list(block.lines), block.size


def test_fit_address_short_is_left_as_it_is() -> None:
    assert fit("Stadt Flensburg", 200) == (["Stadt Flensburg", "Am Markt 1", "24937 Flensburg"], 10)


def test_fit_address_long_name_is_wrapped_between_words() -> None:
    lines, size = fit("Stadt Flensburg Vollstreckung", 200)
    assert lines == ["Stadt Flensburg", "Vollstreckung", "Am Markt 1", "24937 Flensburg"]
    assert size == 10


def test_fit_address_word_wider_than_a_line_goes_on_after_a_hyphen() -> None:
    assert fit("Kreis Märkisch-Oderland", 150)[0][:2] == ["Kreis Märkisch-", "Oderland"]


def test_fit_address_too_many_lines_is_set_smaller_before_it_is_shortened() -> None:
    lines, size = fit("Abteilung sieben " * 3, 150)
    assert size == 9
    assert lines[:3] == ["Abteilung sieben"] * 3


def test_fit_address_where_smaller_does_not_do_only_as_many_rules_are_used_as_needed() -> None:
    lines, size = fit("Abteilung Fachbereich Außenstelle " + "wort " * 5, 150)
    assert lines[:4] == ["Abt. Fachbereich", "Außenstelle wort", "wort wort wort", "wort"]
    assert (len(lines), size) == (MAX_LINES, 9)


def test_fit_address_rules_change_whole_words_only() -> None:
    lines, _ = fit("Abteilungen Hundezucht und " + "wort " * 7, 150)
    assert lines[:2] == ["Abteilungen", "Hundezucht u. wort"]


@pytest.mark.parametrize(
    ("strasse", "line"),
    [
        ("Professor-Lang-Straße", "Prof.-Lang-Str. 7"),
        ("Bürgermeisterstraße am See", "Bürgermeisterstr. am See 7"),
    ],
)
def test_fit_address_street_is_written_short_where_it_is_too_long(strasse: str, line: str) -> None:
    width = len(line) * 8
    lines, _ = fit("Amt", width, Anschrift(strasse, "7", "24937", "Ort"))
    assert line in lines


def test_fit_address_postal_code_always_stands_last() -> None:
    place = "Neustadt an der Weinstraße im Tal"
    lines, _ = fit("Amt", 170, Anschrift("Weg", "1", "67433", place))
    assert " ".join(lines[2:]) == "67433 Neustadt a. d. Weinstraße i. Tal"


def test_fit_address_without_street_has_no_empty_line() -> None:
    assert fit("Amt", 200, Anschrift("", "", "24937", "Flensburg"))[0] == ["Amt", "24937 Flensburg"]


@pytest.mark.parametrize("name", ["W" * 60, "wort " * 60], ids=["one word", "many words"])
def test_fit_address_what_fits_in_no_way_is_refused_with_the_name(name: str) -> None:
    with pytest.raises(AddressTooLong, match=f"„{name[:20]}"):
        fit(name, 200)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Stadt \t\n Flensburg ", "Stadt Flensburg"),
        ("Mu\u0308nchen", "München"),
        ("Amt\u200b\x07,", "Amt"),
        ("Amt\N{NO-BREAK SPACE}Nord", "Amt Nord"),
        ("", ""),
    ],
)
def test_normalise_line_leaves_what_can_be_seen(text: str, line: str) -> None:
    assert normalise_line(text) == line
