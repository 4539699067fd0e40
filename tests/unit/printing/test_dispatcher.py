"""How the dispatcher finds an output plugin."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from server.printing import dispatcher
from server.printing.dispatcher import (
    ENTRY_POINT_GROUP,
    BadOutputOptions,
    DuplicateOutput,
    PrintJob,
    PrintReceipt,
    UnknownOutput,
    load_output,
)
from server.printing.output_folder import FolderOutput
from tests.unit.printing.samples import make_job

FOLDER = "server.printing.output_folder:FolderOutput"


class CountingOutput:
    """A plugin as another package would bring it."""

    name = "zaehler"

    def __init__(self, options: Mapping[str, object]) -> None:
        self.options = options

    def submit(self, job: PrintJob) -> PrintReceipt:
        return PrintReceipt(self.name, job.order_id)


def offer(monkeypatch: pytest.MonkeyPatch, **plugins: tuple[str, ...]) -> None:
    """Makes these the installed plugins: name → the classes that bear it."""
    points = [
        EntryPoint(name, value, ENTRY_POINT_GROUP)
        for name, values in plugins.items()
        for value in values
    ]
    monkeypatch.setattr(dispatcher, "entry_points", lambda *, group: points)


def test_load_output_installed_plugin_is_found(tmp_path: Path) -> None:
    output = load_output("folder", {"folder": str(tmp_path)})
    assert isinstance(output, FolderOutput)
    assert output.name == "folder"


def test_load_output_foreign_plugin_gets_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, zaehler=(f"{__name__}:CountingOutput",))
    monkeypatch.setattr(EntryPoint, "load", lambda _: CountingOutput)
    output = load_output("zaehler", {"farbe": True})
    assert isinstance(output, CountingOutput)
    assert output.options == {"farbe": True}
    assert output.submit(make_job("1")) == PrintReceipt("zaehler", "1", ())


def test_load_output_unknown_name_lists_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, folder=(FOLDER,), dienst=("a.b:C",))
    with pytest.raises(UnknownOutput) as caught:
        load_output("fax", {})
    assert str(caught.value) == ("Die Druckausgabe „fax“ gibt es nicht; vorhanden: dienst, folder.")


def test_load_output_nothing_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch)
    with pytest.raises(UnknownOutput, match="vorhanden: keine"):
        load_output("folder", {})


def test_load_output_name_taken_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, folder=(FOLDER, "anderes.paket:Ausgabe"))
    with pytest.raises(DuplicateOutput) as caught:
        load_output("folder", {})
    assert str(caught.value) == (
        f"Die Druckausgabe „folder“ gibt es mehrmals: anderes.paket:Ausgabe, {FOLDER}."
    )


def test_load_output_same_plugin_seen_twice_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(monkeypatch, folder=(FOLDER, FOLDER))
    assert load_output("folder", {"folder": str(tmp_path)}).name == "folder"


def test_load_output_wrong_options_are_refused() -> None:
    with pytest.raises(BadOutputOptions, match="braucht die Angabe „folder“"):
        load_output("folder", {})
