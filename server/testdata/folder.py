"""Writes what is generated into a folder, laid out as an outbox: NAME.xml and a folder NAME."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from server.domain.ersuchen import Ersuchen
from server.testdata.attachments import render_anlagen
from server.testdata.generator import GeneratedErsuchen
from server.xmlio.ersuchen import write_ersuchen
from server.xmlio.forderung import format_amount

MANIFEST_NAME = "manifest.csv"
_COLUMNS = (
    "nummer",
    "datei",
    "sonderfall",
    "ersuchender",
    "ersuchter",
    "plz",
    "ort",
    "einnahmeart",
    "gesamtbetrag",
)


class FolderNotEmpty(Exception):
    """There is something in the folder already; the message is a German sentence."""


def prepare_folder(folder: Path) -> None:
    """Makes the folder; raises FolderNotEmpty where something lies in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(f"{folder} ist nicht leer; bitte einen neuen Ordner angeben.")
    folder.mkdir(parents=True, exist_ok=True)


def write_all(generated: Iterable[GeneratedErsuchen], folder: Path) -> None:
    """Files and manifest into a folder that is prepared."""
    with (folder / MANIFEST_NAME).open("w", encoding="utf-8", newline="") as file:
        manifest = csv.writer(file, lineterminator="\n")
        manifest.writerow(_COLUMNS)
        for item in generated:
            name = f"{item.number:06d}"
            _write_files(item.ersuchen, folder, name)
            manifest.writerow(_describe(item, f"{name}.xml"))


def _write_files(ersuchen: Ersuchen, folder: Path, name: str) -> None:
    """The message comes last and at once, so that it is never seen without its attachments."""
    if ersuchen.anlage_list:
        (folder / name).mkdir()
        for file_name, content in render_anlagen(ersuchen.anlage_list).items():
            (folder / name / file_name).write_bytes(content)
    unfinished = folder / f".{name}.neu"
    unfinished.write_bytes(write_ersuchen(ersuchen))
    os.replace(unfinished, folder / f"{name}.xml")


def _describe(item: GeneratedErsuchen, file_name: str) -> tuple[str, ...]:
    ersuchen = item.ersuchen
    anschrift = ersuchen.schuldner_list[0].anschrift
    return (
        str(item.number),
        file_name,
        item.case or "",
        str(ersuchen.ersuchender.identifier),
        str(ersuchen.ersuchter.identifier),
        anschrift.plz if anschrift else "",
        anschrift.ort if anschrift else "",
        ersuchen.forderung_list[0].einnahmeart,
        format_amount(ersuchen.gesamtbetrag),
    )
