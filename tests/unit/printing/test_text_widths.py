"""The widths of texts, held against what the setter itself measures."""

import json

import pytest
import typst

from server.printing.text_widths import FONT, measure_text

QUERY = f"""
#set text(font: "{FONT}", size: 100pt)
#context [#metadata(measure(text(sys.inputs.text)).width.pt()) <width>]
"""


@pytest.mark.parametrize(
    "text",
    ["Stadt Flensburg, Vollstreckungsstelle", "Am Markt 1", "Łódź Ğ ẞ", "AVAVAV To. Ty", "ffi fl"],
)
def test_measure_text_is_never_too_narrow_and_hardly_too_wide(text: str) -> None:
    answer = typst.query(
        QUERY.encode(), "<width>", field="value", one=True,
        ignore_system_fonts=True, sys_inputs={"text": text},
    )  # fmt: skip
    exact = json.loads(answer) / 100
    assert exact - 0.02 <= measure_text(text) <= exact * 1.15


def test_measure_text_unknown_character_counts_as_wide_as_the_type() -> None:
    assert measure_text("😀") == 1.0
