"""The table of special cases and how they are spread."""

import re
from collections import Counter
from random import Random

import pytest

from server.testdata.cases import PER_MILLE, SpecialCase, count_case, spread_cases
from tests.support.installation import REPOSITORY


def test_per_mille_is_what_the_document_says() -> None:
    text = (REPOSITORY / "docs" / "testdata.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \|", text, re.MULTILINE)
    assert {name: int(share) for name, share in rows} == {
        case.value: share for case, share in PER_MILLE.items()
    }


def test_per_mille_leaves_most_ersuchen_ordinary() -> None:
    assert set(PER_MILLE) == set(SpecialCase)
    assert sum(PER_MILLE.values()) < 500


@pytest.mark.parametrize("count", [*range(1, 130), 999, 1000, 10_000])
def test_spread_cases_gives_each_its_share_exactly(count: int) -> None:
    spread = spread_cases(Random(3), count, list(SpecialCase))
    assert len(spread) == count
    found = Counter(case for case in spread if case)
    assert found == Counter({c: n for c in SpecialCase if (n := count_case(c, count))})


def test_count_case_rounds_half_up() -> None:
    assert PER_MILLE[SpecialCase.CENTBETRAG] == 5
    assert [count_case(SpecialCase.CENTBETRAG, n) for n in (99, 100, 299, 300)] == [0, 1, 1, 2]


def test_spread_cases_is_mixed_by_chance_alone() -> None:
    first, again, other = (
        spread_cases(Random(seed), 1000, list(SpecialCase)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_spread_cases_leaves_out_what_is_not_possible() -> None:
    spread = spread_cases(Random(1), 1000, [SpecialCase.FIRMA])
    assert Counter(spread) == {SpecialCase.FIRMA: 80, None: 920}
