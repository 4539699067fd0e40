"""`damtshilfe print` and `damtshilfe mandant print`, and the letters that follow."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from server.bootstrap_batching import BatchTasks, build_batch_tasks
from server.domain.mandant import Caller
from server.running.blob_store import make_blobs
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.installation import Installation, make_installation, run_cli
from tests.support.lettering import Draft, add_letters, find_letter, list_batches, list_printed


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Nothing runs; commands need the files and the database only."""
    return make_installation(tmp_path_factory.mktemp("druck") / "demo")


def run(installation: Installation, *arguments: str, expected: int = 0) -> str:
    result = run_cli(*arguments, "--config", str(installation.config), expected=expected)
    return result.stdout + result.stderr


@pytest.fixture
def another(installation: Installation, tmp_path: Path) -> Installation:
    """The same, with settings that a test may change."""
    shutil.copytree(installation.folder, tmp_path / "demo")
    return Installation(tmp_path / "demo", installation.facts)


def add_output(installation: Installation, text: str) -> None:
    with installation.config.open("a", encoding="utf-8") as file:
        file.write(text)


def test_print_outputs_lists_plugins_and_tells_what_is_there(another: Installation) -> None:
    add_output(
        another,
        '[printing.outputs.drucker]\nplugin = "ipp"\n'
        'options = { url = "ipp://127.0.0.1:9/printers/briefe" }\n',
    )
    told = run(another, "print", "outputs", expected=1)
    assert "Plugins: folder, http, ipp, sftp" in told
    assert "folder (folder), Vorgabe: ist erreichbar" in told
    assert "drucker (ipp): nicht erreichbar: Die Druckausgabe „drucker“" in told
    assert "ist erreichbar" in run(another, "print", "check", "folder")
    assert "nicht in den Einstellungen" in run(another, "print", "check", "fax", expected=1)


def test_config_check_tells_all_wrong_options_together(another: Installation) -> None:
    add_output(
        another,
        '[printing.outputs.a]\nplugin = "sftp"\noptions = { host = "", kennwort = "geheim" }\n'
        '[printing.outputs.b]\nplugin = "fax"\n',
    )
    result = run_cli("config", "check", str(another.config), expected=1)
    for problem in (
        "printing.outputs.a.options: host: darf nicht leer sein",
        "printing.outputs.a.options: user: die Angabe fehlt",
        "printing.outputs.a.options: kennwort: diesen Schlüssel gibt es nicht",
        "Das Plugin „fax“ gibt es nicht",
    ):
        assert problem in result.stderr
    assert "geheim" not in result.stderr


def test_mandant_print_set_is_shown_and_reset(installation: Installation) -> None:
    kennung = next(
        line.split()[0]
        for line in run(installation, "mandant", "list").splitlines()
        if "Potsdam" in line
    )
    assert "Druckausgabe:     folder  (Vorgabe)" in run(
        installation, "mandant", "print", "show", kennung
    )
    told = run(
        installation,
        *("mandant", "print", "set", kennung, "--simplex", "--colour", "--cost-centre", "47 11"),
    )
    assert "Seiten:           einseitig\n" in told
    assert "Kostenstelle:     47 11\n" in told
    assert "Papiersorte:      –  (Vorgabe)" in told
    assert told == run(installation, "mandant", "print", "show", kennung)
    reset = run(installation, "mandant", "print", "set", kennung, "--reset")
    assert "Seiten:           beidseitig  (Vorgabe)" in reset


def test_mandant_print_set_wrong_output_is_told(installation: Installation) -> None:
    kennung = run(installation, "mandant", "list").split()[0]
    told = run(installation, "mandant", "print", "set", kennung, "--output", "fax", expected=1)
    assert "Die Druckausgabe „fax“ gibt es nicht; eingestellt: folder." in told
    nothing = run(installation, "mandant", "print", "set", kennung, expected=1)
    assert "nichts angegeben" in nothing


class Shop:
    """Letters of an installation in which nothing runs but what a test lets work."""

    def __init__(self, installation: Installation) -> None:
        settings = load_settings(installation.config, {})
        self.database = Database(make_engine(settings.database.url))
        blobs = make_blobs(settings, self.database)
        with self.database.reading() as stores:
            author = Caller(stores.mandanten.list_all()[0], "", read_clock())
        drafts = [Draft("99084"), Draft("01067")]
        self.message_ids = add_letters(self.database, blobs, author, read_clock, drafts)
        self.folder = installation.folder / "druck"
        self._tasks: BatchTasks = build_batch_tasks(
            settings, self.database, blobs, is_stopping=lambda: False
        )

    def hand_over(self) -> None:
        while any((self._tasks.submit(), self._tasks.tell())):
            pass

    def name_letter(self, number: int) -> str:
        return find_letter(self.database, self.message_ids[number]).letter.letter_id


@contextmanager
def open_shop(installation: Installation) -> Iterator[Shop]:
    shop = Shop(installation)
    yield shop
    shop.database.engine.dispose()


def test_print_close_batch_letter_and_recall(another: Installation, tmp_path: Path) -> None:
    with open_shop(another) as shop:
        assert "Keine Stapel." in run(another, "print", "batches")
        assert "auf ihren Stapel warten: 2" in run(another, "print", "batches")
        assert "Annahmeschluss folder: sofort" in run(another, "print", "batches")
        told = run(another, "print", "close")
        (batch,) = list_batches(shop.database)
        assert f"Stapel {batch.batch_id}: 2 Briefe" in told
        assert "keine Briefe bereit" in run(another, "print", "close")
        assert "wartet auf Übergabe" in run(another, "print", "batches", "--open")
        assert "Keine Stapel." in run(another, "print", "batches", "--problems")
        refused = run(another, "print", "recall", shop.message_ids[0], expected=1)
        assert "nach der Übergabe noch einmal" in refused
        shop.hand_over()
        shown = run(another, "print", "batch", batch.batch_id)
        assert "Umfang:           2 Briefe, 4 Seiten, 2 Blatt" in shown
        assert shown.splitlines()[-2:] == [
            f"     1  {shop.name_letter(1)}  01067  2 Seiten, 1 Blatt  übergeben",
            f"     2  {shop.name_letter(0)}  99084  2 Seiten, 1 Blatt  übergeben",
        ]
        target = tmp_path / "brief.pdf"
        run(another, "print", "letter", shop.message_ids[0], "--to", str(target))
        (printed,) = shop.folder.glob(f"*/*{shop.name_letter(0)}.pdf")
        assert target.read_bytes() == printed.read_bytes()
        again = run(
            another, "print", "letter", shop.name_letter(0), "--to", str(target), expected=1
        )
        assert "gibt es schon" in again
        recalled = run(another, "print", "recall", shop.name_letter(0))
        assert "wird nicht versandt" in recalled
        assert "1 zurückgezogen" in run(another, "print", "batch", batch.batch_id)
        unknown = run(another, "print", "batch", "unbekannt", expected=1)
        assert "Einen Stapel unbekannt gibt es nicht." in unknown


def test_print_retry_of_a_batch_that_waits_and_of_one_given_up(another: Installation) -> None:
    with open_shop(another) as shop:
        run(another, "print", "close")
        (batch,) = list_batches(shop.database)
        shop.folder.write_text("kein Ordner")
        shop.hand_over()
        assert "Ursache: Die Druckausgabe „folder“" in run(
            another, "print", "batches", "--problems"
        )
        assert "Stapel, wartet auf Übergabe: 1" in run(another, "status")
        assert "wird sofort übergeben" in run(another, "print", "retry", batch.batch_id)
        given_up = run(another, "print", "retry", batch.batch_id, "--anew")
        assert "ist aufgegeben" in given_up
        shop.folder.unlink()
        shop.hand_over()
        assert list_printed(shop.folder).total() == 0
        assert shop.message_ids[0] in run(another, "delivery", "list", "--parked")
        assert "2 Briefe werden neu gesetzt." in run(another, "print", "retry", batch.batch_id)
        assert "Keine Aufträge." in run(another, "delivery", "list", "--parked")
