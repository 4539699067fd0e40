"""The style of letters from the settings, and what is told before anything starts."""

from pathlib import Path

import pytest

from server.bootstrap_letters import make_letter_style, make_mark_style
from server.printing.marks import MarkKind, MarkUnusable
from server.printing.stationery import StationeryFolders
from server.running.preflight import find_letter_problems
from server.settings_printing import PrintingSettings


def test_make_letter_style_shipped_settings_leave_room_for_franking() -> None:
    style = make_letter_style(PrintingSettings(), StationeryFolders())
    assert style.window.franking is not None
    assert not style.marks.is_marked


def test_make_letter_style_settings_are_taken_over() -> None:
    printing = PrintingSettings(marks="omr", mark_top_mm=120, service_franks=False)
    style = make_letter_style(printing, StationeryFolders())
    assert style.window.franking is None
    assert (style.marks.kind, style.marks.top) == (MarkKind.OMR, 120)


def test_make_mark_style_mark_in_the_text_is_refused() -> None:
    with pytest.raises(MarkUnusable):
        make_mark_style(PrintingSettings(marks="datamatrix", mark_left_mm=100))


def test_find_letter_problems_shipped_settings_have_none() -> None:
    assert find_letter_problems(PrintingSettings()) == []


def test_find_letter_problems_name_the_setting(tmp_path: Path) -> None:
    (tmp_path / "kopf.typ").write_text("#let kopf(data) = [#data.fehlt]")
    (problem,) = find_letter_problems(PrintingSettings(templates=str(tmp_path)))
    assert problem.startswith("printing.templates: Vorlagen für alle Mandanten: Der Satz schlägt")
    (problem,) = find_letter_problems(PrintingSettings(templates=str(tmp_path / "fehlt")))
    assert problem.startswith("printing.templates: Den Ordner")
    (problem,) = find_letter_problems(PrintingSettings(marks="omr", mark_left_mm=100))
    assert problem.startswith("printing.marks: Kuvertiermarken müssen")
