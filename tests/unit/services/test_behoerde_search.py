"""Who is meant by what was typed: identifiers in every form in which pages show them, places."""

from pathlib import Path
from typing import Any

import pytest

from server.domain.behoerde import PartyIdentifier
from server.services.behoerde_search import find_behoerden, read_identifiers
from server.services.directory import Directory
from tests.support.capturing import WirelessAuthority, fill_with_places
from tests.support.directory import open_directory
from tests.unit.conftest import FixedClock

XOEV = PartyIdentifier("ags:07135020", "xoev")


@pytest.fixture
def directory(tmp_path: Path, clock: FixedClock) -> Directory:
    opened = open_directory(tmp_path / "verzeichnis.sqlite")
    fill_with_places(opened)
    wireless: Any = WirelessAuthority(opened, clock)
    return Directory(wireless)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("xoev:ags:07135020", [XOEV]),
        ("ags:07135020", [XOEV, PartyIdentifier("07135020", "ags")]),
        ("Stadt Cochem (xoev:ags:07135020)", [XOEV]),
        (" 07135020 ", [PartyIdentifier("07135020", "xoev")]),
        ("ags:", [PartyIdentifier("ags:", "xoev")]),
        (":x", [PartyIdentifier(":x", "xoev")]),
    ],
)
def test_identifiers_are_read_as_pages_write_them(
    typed: str, expected: list[PartyIdentifier]
) -> None:
    assert list(read_identifiers(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "names", "is_named"),
    [
        ("ags:cochem", "Stadt Cochem (ags:cochem)", True),
        ("56812 Cochem", "Stadt Cochem (ags:cochem)", False),
        ("56812", "Stadt Cochem (ags:cochem)", False),
        ("Cochem", "Stadt Cochem (ags:cochem)", False),
        ("00000 Nirgendwo", "", False),
        ("ags:99999999", "", False),
        ("", "", False),
        ("Straße 5", "", False),
    ],
)
def test_behoerden_are_found_by_identifier_and_place(
    directory: Directory, typed: str, names: str, is_named: bool
) -> None:
    found = find_behoerden(directory, typed, "hundesteuer")
    assert (found.list_names(), found.is_named) == (names, is_named)
