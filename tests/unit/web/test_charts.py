"""The numbers at the axis of a chart."""

import re

import pytest

from server.web.charts import Chart, Series, draw


@pytest.mark.parametrize("is_aside", [False, True])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0], ["0", "1"]),
        ([3, 1], ["0", "1", "2", "3"]),
        ([6], ["0", "2", "4", "6"]),
        ([11], ["0", "5", "10", "15"]),
        ([0.85, 4.2], ["0", "1", "2", "3", "4", "5"]),
        ([48211], ["0", "10.000", "20.000", "30.000", "40.000", "50.000"]),
    ],
)
def test_axis_of_values_has_few_round_whole_numbers(
    values: list[float], expected: list[str], is_aside: bool
) -> None:
    labels = [f"Teil {number}" for number in range(len(values))]
    chart = Chart("Nachrichten", "Text", labels, [Series("gesendet", values)], is_aside)
    assert re.findall(r"<text[^>]*>([\d.,]+)</text>", read_axis(draw(chart), is_aside)) == expected


def read_axis(drawing: str, is_aside: bool) -> str:
    """The group of the axis along which values grow."""
    name = "x" if is_aside else "y"
    found = re.search(rf'<g class="axis {name}[^"]*">.*?</g>\s*<g class="(?!guides)', drawing, re.S)
    assert found, drawing[:3000]
    return found.group()
