"""The pictures of docs/letter.md show today's letters."""

from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from server.domain.ersuchen import Ersuchen
from tests.support.letter_pictures import (
    FOLDER,
    WIDTH,
    draw_pictures,
    make_full_ersuchen,
    measure_difference,
)

NAMES = ("letter.png", "letter-own.png", "letter-two-pages.png", "letter-zones.png")
# Between edges that are drawn otherwise and another digit.
TOLERATED = 80
A4_MILLIMETRES = 210


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return draw_pictures()


def move_house(ersuchen: Ersuchen) -> Ersuchen:
    """The reader lives next door."""
    anschrift = replace(ersuchen.ersuchter.anschrift, hausnummer="2")
    return replace(ersuchen, ersuchter=replace(ersuchen.ersuchter, anschrift=anschrift))


@pytest.mark.parametrize("name", NAMES)
def test_picture_shows_the_letter_as_it_is_set_today(
    drawn: dict[str, Image.Image], name: str
) -> None:
    kept = Image.open(FOLDER / name)
    assert kept.size == drawn[name].size
    remedy = "stale: python -m tests.support.letter_pictures"
    assert measure_difference(kept, drawn[name]) < TOLERATED, remedy


def test_every_picture_is_compared(drawn: dict[str, Image.Image]) -> None:
    assert drawn.keys() == set(NAMES) == {path.name for path in FOLDER.glob("*.png")}


@pytest.mark.parametrize("name", NAMES)
def test_letter_that_is_moved_is_seen(drawn: dict[str, Image.Image], name: str) -> None:
    moved = ImageChops.offset(drawn[name], 0, round(WIDTH / A4_MILLIMETRES))
    assert measure_difference(drawn[name], moved) > TOLERATED


@pytest.mark.parametrize("name", ["letter.png", "letter-own.png", "letter-zones.png"])
def test_other_house_number_in_the_address_is_seen(
    drawn: dict[str, Image.Image], name: str
) -> None:
    other = draw_pictures(move_house(make_full_ersuchen()))[name]
    assert measure_difference(drawn[name], other) > TOLERATED


@pytest.mark.parametrize("name", NAMES)
def test_edges_that_are_drawn_otherwise_are_tolerated(
    drawn: dict[str, Image.Image], name: str
) -> None:
    picture = drawn[name].convert("L")
    large = picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.BICUBIC)
    shifted = ImageChops.offset(large, 1, 1).resize(picture.size, Image.Resampling.BOX)
    assert 0 < measure_difference(picture, shifted) < TOLERATED
