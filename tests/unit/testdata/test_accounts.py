"""Invented accounts."""

from random import Random

from stdnum import iban

from server.testdata.accounts import draw_iban, make_iban
from server.testdata.drawing import Draw, read_words
from server.testdata.places import Places


def test_make_iban_computes_the_check_digits() -> None:
    assert make_iban("370400440532013000") == "DE89370400440532013000"
    assert make_iban("120300000000202051") == "DE02120300000000202051"


def test_draw_iban_is_valid_and_of_no_bank() -> None:
    draw = Draw(Random(1), read_words(), Places(()))
    drawn = {draw_iban(draw) for _ in range(500)}
    assert len(drawn) == 500
    for number in drawn:
        assert iban.is_valid(number)
        assert number[4] == "9"
