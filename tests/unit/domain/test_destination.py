"""Destinations and how they are written."""

import pytest

from server.domain.behoerde import Kanal
from server.domain.destination import (
    LETTER,
    OPEN,
    Destination,
    DestinationKind,
    read_destination,
)


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("offen", OPEN),
        ("brief", LETTER),
        ("druckausgabe:folder", Destination(DestinationKind.OUTPUT, "folder")),
        ("postfach:xoev:ags:1", Destination(DestinationKind.MAILBOX, "xoev:ags:1")),
        ("rechenzentrum:nord", Destination(DestinationKind.DATA_CENTRE, "nord")),
    ],
)
def test_read_destination_reads_what_str_writes(text: str, destination: Destination) -> None:
    assert read_destination(text) == destination
    assert str(destination) == text


def test_read_destination_of_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="fax"):
        read_destination("fax:1")


def test_kanal_is_what_the_directory_calls_the_way() -> None:
    kanaele = {kind: Destination(kind, "x").kanal for kind in DestinationKind}
    assert kanaele == {
        DestinationKind.OPEN: None,
        DestinationKind.MAILBOX: Kanal.ELEKTRONISCH,
        DestinationKind.LETTER: Kanal.BRIEF,
        DestinationKind.DATA_CENTRE: Kanal.ELEKTRONISCH,
        DestinationKind.SCANNER: None,
        DestinationKind.OUTPUT: Kanal.BRIEF,
    }


@pytest.mark.parametrize(
    ("named", "other", "is_meant"),
    [
        ("rechenzentrum:nord", "rechenzentrum:nord", True),
        ("rechenzentrum:nord", "rechenzentrum:sued", False),
        ("rechenzentrum", "rechenzentrum:sued", True),
        ("rechenzentrum", "postfach:xoev:ags:1", False),
        # Letters wait for the outputs that print them; an output takes nothing but batches.
        ("brief", "brief", True),
        ("brief", "druckausgabe:folder", True),
        ("druckausgabe", "druckausgabe:folder", True),
        ("druckausgabe:folder", "brief", False),
    ],
)
def test_means_all_of_the_kind_without_a_name(named: str, other: str, is_meant: bool) -> None:
    assert read_destination(named).means(read_destination(other)) is is_meant
