"""Whether another data centre serves a reader, also while the directory is away."""

from typing import Any

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre
from server.services.directory import DirectoryUnavailable
from server.services.serving_centres import ServingCentres

JENA = PartyIdentifier("ags:16053000", "xoev")
OST = DataCentre("ost", "Rechenzentrum Ost", "https://o/m", "https://o/s", "https://o/b")


class StandInDirectory:
    """Says that one data centre serves everybody, or nothing."""

    def __init__(self) -> None:
        self.serving: DataCentre | None = OST
        self.is_down = False
        self.asked: list[bool] = []

    def find_data_centre(
        self, _mandant: PartyIdentifier, *, is_asked_anew: bool = False
    ) -> DataCentre | None:
        self.asked.append(is_asked_anew)
        if self.is_down:
            raise DirectoryUnavailable
        return self.serving


class Scene:
    """A data centre with a directory and a clock that stands still."""

    def __init__(self, own_name: str) -> None:
        self.directory, self.seconds = StandInDirectory(), 100.0
        known: Any = self.directory
        self.centres = ServingCentres(known, own_name, lambda: self.seconds)


@pytest.mark.parametrize(
    ("own_name", "expected", "asked"), [("mitte", OST, 1), ("ost", None, 1), ("", None, 0)]
)
def test_find_other_is_another_one_only(
    own_name: str, expected: DataCentre | None, asked: int
) -> None:
    scene = Scene(own_name)
    assert scene.centres.find_other(JENA) == expected
    assert scene.centres.find_other_of_mandant(JENA) == expected
    assert len(scene.directory.asked) == 2 * asked


def test_find_other_of_a_reader_whom_nobody_serves_is_none() -> None:
    scene = Scene("mitte")
    scene.directory.serving = None
    assert scene.centres.find_other(JENA) is None


def test_find_other_asked_anew_passes_it_on() -> None:
    scene = Scene("mitte")
    scene.centres.find_other(JENA, is_asked_anew=True)
    assert scene.directory.asked == [True]


def test_find_other_directory_down_raises() -> None:
    scene = Scene("mitte")
    scene.directory.is_down = True
    with pytest.raises(DirectoryUnavailable):
        scene.centres.find_other(JENA)


def test_find_other_of_mandant_directory_down_stays_here_and_waits_for_no_further_answer() -> None:
    scene = Scene("mitte")
    scene.directory.is_down = True
    assert scene.centres.find_other_of_mandant(JENA) is None
    scene.directory.is_down = False
    assert scene.centres.find_other_of_mandant(JENA) is None
    assert len(scene.directory.asked) == 1
    scene.seconds += 10
    assert scene.centres.find_other_of_mandant(JENA) == OST
