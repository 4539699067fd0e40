"""What is a batch and what is none; secrets of options."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from server.domain.content import InlineContent
from server.printing.options import read_secret
from server.printing.output import (
    BatchLetter,
    LetterNews,
    LetterProgress,
    OutputUnavailable,
    PrintBatch,
)
from tests.unit.printing.samples import HANDLING, make_batch


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "/a", ".a", "-a", "a\n", "a b", "ä", "a\0", "a" * 101, "a.b"],
)
def test_names_that_are_no_safe_names_of_files_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no safe name for a file"):
        BatchLetter(name, 1, 1, 1, InlineContent(b"%PDF"))
    with pytest.raises(ValueError, match="is no safe name for a file"):
        replace(make_batch(), batch_id=name)


def test_letter_files_sort_by_their_numbers() -> None:
    letters = [BatchLetter(f"z{9 - n}", n, 1, 1, InlineContent(b"%PDF")) for n in (2, 10, 100000)]
    names = [letter.filename for letter in letters]
    assert names == sorted(names)
    assert names[0] == "000002-z7.pdf"


@pytest.mark.parametrize("numbers", [(), (2,), (1, 3), (2, 1), (1, 1)])
def test_batch_with_gaps_in_its_numbers_is_none(numbers: tuple[int, ...]) -> None:
    letters = [
        BatchLetter(f"b{place}", number, 1, 1, InlineContent(b"%PDF"))
        for place, number in enumerate(numbers)
    ]
    with pytest.raises(ValueError, match="not numbered from 1 on"):
        PrintBatch("s", HANDLING, letters, b"", b"")


def test_batch_with_a_letter_twice_is_none() -> None:
    letters = [BatchLetter("b", number, 1, 1, InlineContent(b"%PDF")) for number in (1, 2)]
    with pytest.raises(ValueError, match="a letter twice"):
        PrintBatch("s", HANDLING, letters, b"", b"")


def test_tickets_an_empty_one_is_none() -> None:
    assert dict(replace(make_batch("s"), ticket_csv=b"").tickets) == {"s.xml": b"<druckauftrag/>"}


def test_news_without_a_zone_are_none() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        LetterNews("b", LetterProgress.PRINTED, datetime(2026, 11, 2))


def test_read_secret_is_the_first_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "kennwort"
    path.write_text(" geheim \nKommentar\n")
    assert read_secret("haus", path, "") == "geheim"
    path.write_text("neu")
    assert read_secret("haus", path, "") == "neu"


def test_read_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUCK_KENNWORT", "geheim")
    assert read_secret("haus", None, "DRUCK_KENNWORT") == "geheim"
    assert read_secret("haus", None, "") == ""


def test_read_secret_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputUnavailable, match=r"„haus“: Die Datei .* ist nicht lesbar"):
        read_secret("haus", tmp_path / "fehlt", "")
    (tmp_path / "binaer").write_bytes(b"\xff\xfe")
    with pytest.raises(OutputUnavailable, match="kein UTF-8"):
        read_secret("haus", tmp_path / "binaer", "")
    with pytest.raises(OutputUnavailable, match="Umgebungsvariable FEHLT_HIER"):
        read_secret("haus", None, "FEHLT_HIER")
