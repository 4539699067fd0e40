"""How the dispatcher finds plugins and makes the outputs of the settings."""

from collections.abc import Collection
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from server.printing import dispatcher
from server.printing.dispatcher import (
    ENTRY_POINT_GROUP,
    DuplicatePlugin,
    OutputChoice,
    UnknownPlugin,
    check_output,
    find_output_problems,
    load_outputs,
)
from server.printing.output import (
    BatchReceipt,
    LetterNews,
    OutputSetup,
    OutputUnavailable,
    PrintBatch,
)
from server.printing.outputs.folder import FolderOutput

FOLDER = "server.printing.outputs.folder:FolderOutput"
OWN = "tests.unit.printing.test_dispatcher:OwnOutput"


class OwnOutput:
    """A plugin as another package would bring it, without the optional check."""

    def __init__(self, setup: OutputSetup) -> None:
        self.name = setup.name
        self.setup = setup

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        return BatchReceipt(self.name, batch.batch_id, "1")

    def poll(self, receipt: BatchReceipt) -> tuple[LetterNews, ...]:
        return ()

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        return frozenset()


def offer(monkeypatch: pytest.MonkeyPatch, **plugins: tuple[str, ...]) -> None:
    """Makes these the installed plugins: name → the classes that bear it."""
    points = [
        EntryPoint(name, value, ENTRY_POINT_GROUP)
        for name, values in plugins.items()
        for value in values
    ]
    monkeypatch.setattr(dispatcher, "entry_points", lambda *, group: points)


def choose(name: str, plugin: str, **options: object) -> OutputChoice:
    return OutputChoice(plugin, OutputSetup(name, options))


def test_load_outputs_two_outputs_of_one_plugin_stay_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(monkeypatch, folder=(FOLDER,))
    choices = [
        choose("eins", "folder", folder=str(tmp_path / "1")),
        choose("zwei", "folder", folder=str(tmp_path / "2")),
    ]
    outputs = load_outputs(choices, "zwei")
    assert (outputs.names, outputs.default) == (("eins", "zwei"), "zwei")
    assert isinstance(outputs.find("eins"), FolderOutput)
    assert [outputs.find(name).name for name in outputs.names] == ["eins", "zwei"]


def test_load_outputs_foreign_plugin_gets_its_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, eigen=(OWN,))
    setup = OutputSetup("haus", {"farbe": True}, Path("/etc/damtshilfe"))
    output = load_outputs([OutputChoice("eigen", setup)], "haus").find("haus")
    assert isinstance(output, OwnOutput)
    assert output.setup is setup


def test_find_output_that_is_not_in_the_settings_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer(monkeypatch, eigen=(OWN,))
    with pytest.raises(OutputUnavailable, match="„fax“ steht nicht in den Einstellungen"):
        load_outputs([choose("haus", "eigen")], "haus").find("fax")


def test_load_outputs_unknown_plugin_lists_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, folder=(FOLDER,), dienst=("a.b:C",))
    with pytest.raises(UnknownPlugin) as caught:
        load_outputs([choose("haus", "fax")], "haus")
    assert str(caught.value) == (
        "Druckausgabe „haus“: Das Plugin „fax“ gibt es nicht; vorhanden: dienst, folder."
    )


def test_load_outputs_plugin_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, kaputt=("server.printing.outputs.folder:Gibtesnicht",))
    with pytest.raises(UnknownPlugin, match=r"„kaputt“ .* lässt sich nicht laden"):
        load_outputs([choose("haus", "kaputt")], "haus")


def test_load_outputs_name_taken_twice_is_refused_though_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer(monkeypatch, eigen=(OWN,), folder=(FOLDER, "anderes.paket:Ausgabe"))
    with pytest.raises(DuplicatePlugin) as caught:
        load_outputs([choose("haus", "eigen")], "haus")
    assert str(caught.value) == (
        f"Das Druck-Plugin „folder“ gibt es mehrmals: anderes.paket:Ausgabe, {FOLDER}."
    )


def test_load_outputs_same_plugin_seen_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, eigen=(OWN, OWN))
    assert load_outputs([choose("haus", "eigen")], "haus").names == ("haus",)


def test_find_output_problems_tells_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, folder=(FOLDER,))
    choices = [choose("a", "folder", farbe=1), choose("b", "fax")]
    assert list(find_output_problems(choices, "c")) == [
        "printing.outputs.a.options: folder: die Angabe fehlt",
        "printing.outputs.a.options: farbe: diesen Schlüssel gibt es nicht",
        "printing: Druckausgabe „b“: Das Plugin „fax“ gibt es nicht; vorhanden: folder.",
        "printing.output: Die Druckausgabe „c“ steht nicht unter printing.outputs; "
        "vorhanden: a, b.",
    ]


def test_check_output_without_a_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, eigen=(OWN,))
    output = load_outputs([choose("haus", "eigen")], "haus").find("haus")
    assert check_output(output) == "lässt sich nicht prüfen"


def test_installed_plugins_are_the_four(tmp_path: Path) -> None:
    assert set(dispatcher.list_plugins()) >= {"folder", "http", "ipp", "sftp"}
