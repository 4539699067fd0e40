"""Charts as SVG within the page, drawn by pygal.

What pygal would bring along (style sheet, script, tooltips) is left out: the policy of the pages
refuses it. Colours and fonts are those of `damtshilfe.css`, so that light and dark follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any

import pygal  # type: ignore[import-untyped]
from markupsafe import Markup
from pygal.style import Style  # type: ignore[import-untyped]

_SVG = "{http://www.w3.org/2000/svg}"
_WIDTH, _HEIGHT, _BAR_HEIGHT = 900, 340, 44
# Texts in pixels of the drawing; damtshilfe.css says the same.
_FONT_SIZE = 14
_LABEL_LENGTH = 34
# More labels than that are written aslant, and not each of them.
_MAX_LEVEL, _MAX_LABELS = 8, 16
_MAX_TICKS = 5
_DROPPED = frozenset({"style", "script", "desc", "title"})
_TOOLTIP = "tooltip-overlay"


@dataclass(frozen=True)
class Series:
    """What one colour stands for; a value for each label."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """What is drawn; `name` and `text` are for those who cannot see it.

    `is_aside` draws bars from left to right, one group below the other.
    """

    name: str
    text: str
    labels: Sequence[str]
    series: Sequence[Series]
    is_aside: bool = False


def draw(chart: Chart, number: int = 1) -> Markup:
    """The chart as SVG for a page; `number` tells charts of one page apart."""
    drawing = _make_drawing(chart)
    drawing.add_xml_filter(lambda root: _prepare(root, chart, number))
    # What comes from data is text of elements, which pygal escapes.
    return Markup(drawing.render(is_unicode=True))  # noqa: S704


def _make_drawing(chart: Chart) -> Any:
    labels = [_shorten(label) for label in chart.labels]
    kind = pygal.HorizontalBar if chart.is_aside else pygal.Bar
    height = 110 + _BAR_HEIGHT * len(labels) if chart.is_aside else _HEIGHT
    is_crowded = not chart.is_aside and len(labels) > _MAX_LEVEL
    drawing = kind(
        width=_WIDTH,
        height=height,
        style=Style(
            label_font_size=_FONT_SIZE,
            major_label_font_size=_FONT_SIZE,
            legend_font_size=_FONT_SIZE,
            value_font_size=_FONT_SIZE,
        ),
        js=(),
        no_prefix=True,
        disable_xml_declaration=True,
        pretty_print=False,
        legend_at_bottom=True,
        show_legend=len(chart.series) > 1,
        x_label_rotation=40 if is_crowded else 0,
        truncate_label=-1,
        truncate_legend=-1,
        formatter=_format,
        value_formatter=_format,
        include_x_axis=True,
        spacing=8,
    )
    names, series = labels, chart.series
    if chart.is_aside:
        # The first group on top.
        names = labels[::-1]
        series = [Series(item.name, item.values[::-1]) for item in chart.series]
    drawing.x_labels = names
    if is_crowded and len(names) > _MAX_LABELS:
        step = -(-len(names) // _MAX_LABELS)
        drawing.x_labels_major = names[::step]
        drawing.show_minor_x_labels = False
    drawing.y_labels = list(_choose_ticks(chart))
    for item in series:
        drawing.add(item.name, list(item.values))
    return drawing


def _choose_ticks(chart: Chart) -> range:
    """Round whole numbers from zero to the highest value, at most _MAX_TICKS above zero."""
    highest = ceil(max((value for item in chart.series for value in item.values), default=0))
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if step * _MAX_TICKS >= highest)
    return range(0, max(highest, 1) + step, step)


def _prepare(root: Any, chart: Chart, number: int) -> Any:
    """Takes out what is no drawing, and names the picture."""
    for parent in list(root.iter()):
        if isinstance(parent.tag, str):
            for child in list(parent):
                if _is_dropped(child):
                    parent.remove(child)
            parent.attrib.pop("style", None)
    names = {"title": chart.name, "desc": chart.text}
    ids = {tag: f"diagramm-{number}-{tag}" for tag in names}
    for position, (tag, text) in enumerate(names.items()):
        element = root.makeelement(f"{_SVG}{tag}", {"id": ids[tag]})
        element.text = text
        root.insert(position, element)
    for name in ("id", "class"):
        root.attrib.pop(name, None)
    root.set("class", "da-diagramm__bild")
    root.set("role", "img")
    root.set("aria-labelledby", ids["title"])
    root.set("aria-describedby", ids["desc"])
    return root


def _is_dropped(element: Any) -> bool:
    if not isinstance(element.tag, str):
        return True
    local = element.tag.rpartition("}")[2]
    return local in _DROPPED or _TOOLTIP in element.get("class", "")


def _shorten(label: str) -> str:
    return label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1]}…"


def _format(value: float) -> str:
    """German digits: 1.234 or 0,5."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,"))
