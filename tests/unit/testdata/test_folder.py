"""The command: files, manifest, and what it says."""

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from server.cli import main
from server.testdata.cases import SpecialCase, count_case
from server.xmlio.ersuchen import read_ersuchen
from tests.support.installation import REPOSITORY


def run(*options: str, expect: int = 0) -> str:
    result = CliRunner().invoke(main, ["testdata", *options])
    assert result.exit_code == expect, result.output
    return result.output


def read_files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def read_manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def generate_elsewhere(folder: Path, hash_seed: str) -> dict[str, bytes]:
    """In another process, whose sets and dictionaries have another order."""
    command = ["testdata", "--count", "60", "--seed", "4", "--out", str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run(
        [sys.executable, "-m", "server.cli", *command], check=True, env=environment, cwd=REPOSITORY
    )
    return read_files(folder)


def test_testdata_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    first = generate_elsewhere(tmp_path / "a", "1")
    second = generate_elsewhere(tmp_path / "b", "2")
    assert first == second
    assert len([name for name in first if name.endswith(".xml")]) == 60


def test_testdata_manifest_and_files_say_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "neu" / "daten"
    assert "100 Ersuchen liegen in" in run("--count", "100", "--out", str(folder))
    rows = read_manifest(folder)
    cases = Counter(row["sonderfall"] for row in rows if row["sonderfall"])
    assert cases == Counter({c.value: n for c in SpecialCase if (n := count_case(c, 100))})
    for position, row in enumerate(rows, 1):
        assert row["datei"] == f"{position:06d}.xml"
        ersuchen = read_ersuchen(etree.fromstring((folder / row["datei"]).read_bytes()))
        assert row["ersuchender"] == str(ersuchen.ersuchender.identifier)
        assert row["ersuchter"] == str(ersuchen.ersuchter.identifier)
        assert row["gesamtbetrag"] == f"{ersuchen.gesamtbetrag:.2f}"
        attached = folder / f"{position:06d}"
        found = {path.name for path in attached.iterdir()} if attached.exists() else set()
        assert found == {anlage.dateiname for anlage in ersuchen.anlage_list}
    expected = {"manifest.csv", *(row["datei"] for row in rows)}
    assert {path.name for path in folder.iterdir() if path.is_file()} == expected


def test_testdata_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wichtig.txt").write_text("bleibt", encoding="utf-8")
    output = run("--out", str(tmp_path), expect=1)
    assert output == f"Fehler: {tmp_path} ist nicht leer; bitte einen neuen Ordner angeben.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["wichtig.txt"]


def test_testdata_broken_list_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    places = tmp_path / "orte.csv"
    places.write_text("ags,plz,ort\n" + "x,12345,Ort\n" * 30, encoding="utf-8")
    output = run("--gemeinden", str(places), "--out", str(tmp_path / "neu"), expect=1)
    assert f"Fehler: {places}, Zeile 2: „x“ ist kein AGS (acht Ziffern)." in output
    assert output.endswith("Fehler: ... und 10 weitere.\n")
    assert not (tmp_path / "neu").exists()


def test_testdata_for_a_demo_server_tells_what_is_left_out(tmp_path: Path) -> None:
    parties = ("--asking", "xoev:ags:12054000", "--asked", "xoev:ags:16053000")
    output = run("--count", "20", *parties, "--out", str(tmp_path))
    assert "Hinweis: Den Sonderfall „plz-mehrerer-gemeinden“ gibt es mit diesen Orten" in output
    for row in read_manifest(tmp_path):
        assert row["ersuchter"] == "xoev:ags:16053000"
        assert row["plz"].startswith("077") or row["sonderfall"] == "anschrift-unbekannt"


@pytest.mark.parametrize("kennung", ["jena", ":1", "xoev:"])
def test_testdata_kennung_without_type_or_value_is_refused(tmp_path: Path, kennung: str) -> None:
    output = run("--asked", kennung, "--out", str(tmp_path), expect=2)
    assert f"„{kennung}“ ist keine Kennung" in output


def test_testdata_one_gemeinde_alone_cannot_ask_itself(tmp_path: Path) -> None:
    places = tmp_path / "orte.csv"
    places.write_text("ags,plz,ort\n16053000,07743,Jena\n", encoding="utf-8")
    output = run("--gemeinden", str(places), "--out", str(tmp_path / "neu"), expect=1)
    assert output == "Fehler: Ersuchender und Ersuchter müssen verschiedene Behörden sein.\n"
