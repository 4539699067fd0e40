"""Names of files from strangers."""

import unicodedata

import pytest

from clients.fachverfahren.names import (
    find_free_name,
    is_hidden,
    is_temporary,
    is_transmittable,
    is_xml_character,
    number_names,
    to_safe_name,
)


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("bescheid.pdf", "bescheid.pdf"),
        ("Bescheid vom 12.01.2026.pdf", "Bescheid vom 12.01.2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("ordner/", "ordner"),
        (".ssh", "ssh"),
        ("...", "ersatz"),
        ("", "ersatz"),
        ("/", "ersatz"),
        ("???", "ersatz"),
        (" a  b .pdf. ", "a b .pdf"),
        ("NUL.txt", "_NUL.txt"),
        ("com1", "_com1"),
        ("a\x00b\nc\udcff.txt", "a_b_c_.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        (unicodedata.normalize("NFD", "Müller.pdf"), "Müller.pdf"),
    ],
)
def test_to_safe_name_is_one_harmless_file(original: str, expected: str) -> None:
    assert to_safe_name(original, "ersatz") == expected


@pytest.mark.parametrize("name", ["ä" * 300 + ".pdf", "x" * 300, "a." + "ü" * 300])
def test_to_safe_name_long_name_is_cut_between_letters(name: str) -> None:
    safe = to_safe_name(name, "ersatz")
    assert 190 < len(safe.encode()) <= 200
    assert safe.endswith(".pdf") == name.endswith(".pdf")
    assert set(safe) <= set(name)


def test_number_names_those_that_windows_takes_for_the_same_are_numbered() -> None:
    names = number_names(["a.pdf", "A.PDF", "a.pdf", "a-2.pdf", "", "?"])
    assert names == ["a.pdf", "A-2.PDF", "a-3.pdf", "a-2-2.pdf", "Anlage-5", "Anlage-6"]
    assert len({name.casefold() for name in names}) == 6


def test_find_free_name_counts_until_one_is_free() -> None:
    assert find_free_name("a", ".txt", {"a.txt", "a-2.txt"}.__contains__) == "a-3.txt"
    assert find_free_name("a", "", set[str]().__contains__) == "a"


@pytest.mark.parametrize("name", [".versteckt", "Thumbs.db", "desktop.ini", ".DS_Store"])
def test_is_hidden_what_no_program_shows(name: str) -> None:
    assert is_hidden(name)
    assert not is_hidden("auftrag.xml")


@pytest.mark.parametrize("name", ["a.xml.tmp", "a.PART", "a.xml~", "~$a.docx", "a.filepart"])
def test_is_temporary_what_is_being_written(name: str) -> None:
    assert is_temporary(name)
    assert not is_temporary("partner.xml")


def test_is_transmittable_refuses_what_xml_cannot_carry() -> None:
    assert is_transmittable("Bescheid Müller 😀.pdf")
    assert not any(map(is_transmittable, ["a\x01", "a\nb", "a\x7f", "\udcff", "\uffff"]))


def test_is_xml_character_follows_the_production() -> None:
    inside = "\t\n\r \x7f\ud7ff\ue000\ufffd\U00010000\U0010ffff"
    outside = "\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffff"
    assert [is_xml_character(char) for char in inside + outside] == [
        *[True] * len(inside),
        *[False] * len(outside),
    ]
