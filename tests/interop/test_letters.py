"""Letters of every kind before foreign readers: qpdf, and veraPDF where they are PDF/A-2b."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from server.printing.pdf_a import read_pdf_a_part
from tests.support.letter_kinds import FinishedLetter, list_letters

PROGRAM = Path(__file__).parent / "verapdf" / "target" / "validator.jar"
QPDF = shutil.which("qpdf")
# One short run: to compile the program well would take longer than it takes.
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar")
needs_verapdf = pytest.mark.skipif(
    shutil.which("java") is None or not PROGRAM.is_file(),
    reason="veraPDF is not built here (make interop; "
    "Debian: apt-get install openjdk-17-jdk-headless maven)",
)
needs_qpdf = pytest.mark.skipif(QPDF is None, reason="needs qpdf (Debian: apt-get install qpdf)")
WATCHED = {"/AcroForm", "/OpenAction", "/AA", "/Names", "/AF", "/Collection"}


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, FinishedLetter]:
    """All letters, each in a file."""
    folder = tmp_path_factory.mktemp("letters")
    files = {}
    for letter in list_letters(folder / "stationery"):
        path = folder / f"{letter.name}.pdf"
        path.write_bytes(letter.pdf)
        files[path] = letter
    return files


def validate(paths: list[Path], flavour: str = "2b") -> dict[str, str]:
    """The broken rules of each file that is not PDF/A, by its name."""
    result = subprocess.run(
        [*JAVA, str(PROGRAM), flavour, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [int(number) for number, *_ in lines] == list(range(len(paths)))
    return {
        paths[int(number)].stem: broken
        for number, _, is_valid, broken in lines
        if is_valid != "true"
    }


def _split(rules: str) -> list[str]:
    return re.split(r"[,;\s]+", rules)


@needs_verapdf
def test_letters_that_claim_pdf_a_are_valid(letters: Mapping[Path, FinishedLetter]) -> None:
    claiming = [path for path, letter in letters.items() if letter.is_pdf_a]
    assert len(claiming) >= 50
    assert validate(claiming) == {}


@needs_verapdf
def test_validator_names_what_a_letter_without_claim_breaks(
    letters: Mapping[Path, FinishedLetter],
) -> None:
    """So that no silence of the validator is taken for praise."""
    others = [path for path, letter in letters.items() if not letter.is_pdf_a][:12]
    broken = validate(others)
    assert sorted(broken) == sorted(path.stem for path in others)
    # The marker is missing (ISO 19005-2, 6.6.4), or all metadata with it (6.6.2.1).
    unmarked = {
        path for path, rules in broken.items() if {"6.6.4-1", "6.6.2.1-1"} & set(_split(rules))
    }
    assert unmarked == set(broken)


def test_letters_bear_the_marker_exactly_where_they_are_pdf_a(
    letters: Mapping[Path, FinishedLetter],
) -> None:
    wrong = [
        letter.name for letter in letters.values() if (read_part(letter) == "2") != letter.is_pdf_a
    ]
    assert wrong == []
    assert {read_part(letter) for letter in letters.values()} == {"2", ""}


def read_part(letter: FinishedLetter) -> str:
    with pikepdf.open(BytesIO(letter.pdf)) as pdf:
        return read_pdf_a_part(pdf)


def test_letters_hold_nothing_that_acts_and_are_not_encrypted(
    letters: Mapping[Path, FinishedLetter],
) -> None:
    for letter in letters.values():
        with pikepdf.open(BytesIO(letter.pdf)) as pdf:
            assert len(pdf.pages) == letter.pages
            assert not pdf.is_encrypted
            assert not WATCHED & set(pdf.Root.keys()), letter.name
            assert not any({"/Annots", "/AA"} & set(page.obj.keys()) for page in pdf.pages)
            assert "/ID" in pdf.trailer, letter.name


@needs_qpdf
def test_letters_are_sound_for_qpdf(letters: Mapping[Path, FinishedLetter]) -> None:
    for path in letters:
        check = subprocess.run(
            [str(QPDF), "--check", path], capture_output=True, text=True, check=False
        )
        assert check.returncode == 0, path.stem + check.stdout + check.stderr
