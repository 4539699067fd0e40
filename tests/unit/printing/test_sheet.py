"""How many sheets the pages of a letter take."""

import pytest

from server.printing.sheet import count_sheets


@pytest.mark.parametrize(("pages", "sheets"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_count_sheets_both_sides(pages: int, sheets: int) -> None:
    assert count_sheets(pages, is_duplex=True) == sheets


@pytest.mark.parametrize("pages", [1, 2, 7])
def test_count_sheets_one_side_takes_a_sheet_for_each_page(pages: int) -> None:
    assert count_sheets(pages, is_duplex=False) == pages
