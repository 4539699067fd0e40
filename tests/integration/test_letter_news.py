"""From the order of a letter to what the print shop reports of it, with real outputs and processes:
a folder, OpenSSH, and a print service over HTTPS.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from zeep.exceptions import Fault

from clients.xta import WirePart, XtaFault
from server.cli import main
from server.pki import Authority, write_private
from server.printing.output import BatchReceipt
from tests.integration.test_main_job import await_entry
from tests.support.installation import Installation, make_installation, serving
from tests.support.print_service import PrintService, running_print_service
from tests.support.print_shop import PrintShop
from tests.support.relay import SilentListener, listening_silently
from tests.support.sshd import is_installed, running_sshd

RETURNED = "2026-11-30T09:00:00+01:00"


@dataclass
class House:
    """A running installation and the three print shops of it."""

    installation: Installation
    shops: dict[str, PrintShop]
    service: PrintService
    silent: SilentListener

    def run(self, *arguments: str, expected: int = 0) -> str:
        """A command in this process: starting Python takes longer than what it does."""
        call = [*arguments, "--config", str(self.installation.config)]
        result = CliRunner().invoke(main, call)
        assert result.exit_code == expected, result.output
        return result.output

    def send(self, output: str, code: str = "brief-ausgegeben") -> str:
        """A message for this output, when its report has the code; returns its MessageID."""
        party = self.installation.party("potsdam")
        self.run("mandant", "print", "set", f"{party.type}:{party.value}", "--output", output)
        author = self.installation.xta("potsdam")
        message_id = author.create_message_id()
        # A matter of its own: else it would be the repeated Ersuchen of another one.
        matter = f"<amt:aktenzeichen>{uuid.uuid4()}</".encode()
        content = re.sub(
            rb"<amt:aktenzeichen>[^<]*</", matter, self.installation.payload(), count=1
        )
        message = WirePart(content, "application/xml")
        author.send(self.installation.outgoing(message_id, "cochem", message=message))
        await_entry(author, message_id, code)
        return message_id

    def find_place(self, message_id: str) -> tuple[str, str]:
        """Batch and letter of a message, as its author sees them."""
        letter = self.installation.fachverfahren("potsdam").fetch_letter(message_id)
        return letter.stapel, letter.briefId

    def await_state(self, message_id: str, code: str) -> str:
        """Asks the output until an entry is there; returns its text."""
        batch_id, _ = self.find_place(message_id)
        self.run("print", "poll", batch_id)
        report = await_entry(self.installation.xta("potsdam"), message_id, code)
        return {entry.code: entry.reason for entry in report.entries}[code]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("druck")
    installation = make_installation(folder / "demo")
    drop = folder / "eingang"
    drop.mkdir()
    with (
        running_service(folder) as service,
        running_shop(folder, drop) as options,
        listening_silently() as silent,
    ):
        with installation.config.open("a", encoding="utf-8") as file:
            file.write(
                '[printing.outputs.dienst]\nplugin = "http"\n'
                f'options = {{ url = "{service.url}", ca = "{folder}/ca.pem", '
                f'token_file = "{folder}/ausweis" }}\n{options}'
                '[printing.outputs.stumm]\nplugin = "http"\n'
                f'options = {{ url = "https://127.0.0.1:{silent.port}", '
                f'token_file = "{folder}/ausweis", timeout_seconds = 20 }}\n'
            )
        shops = {"folder": PrintShop(installation.folder / "druck"), "druckerei": PrintShop(drop)}
        # The same sample is sent again and again.
        changes = {"DELIVERY__DUPLICATE_WINDOW_DAYS": "0", "PRINTING__NEWS_DAYS": "14"}
        with serving(installation, {f"DAMTSHILFE_{key}": value for key, value in changes.items()}):
            yield House(installation, shops, service, silent)


@contextmanager
def running_service(folder: Path) -> Iterator[PrintService]:
    now = datetime.now(UTC)
    authority = Authority.create("Druckerei", now)
    write_private(folder / "ca.pem", authority.credential.pem_certificate())
    write_private(folder / "server.pem", authority.issue_server(["localhost"], now).pem_both())
    write_private(folder / "ausweis", b"geheim\n")
    pem = folder / "server.pem"
    with running_print_service(pem, pem, token="geheim") as service:
        yield service


@contextmanager
def running_shop(folder: Path, drop: Path) -> Iterator[str]:
    """The settings of an output at OpenSSH; none where it is not installed."""
    if not is_installed():
        yield ""
        return
    with running_sshd(folder / "sshd") as server:
        yield (
            '[printing.outputs.druckerei]\nplugin = "sftp"\n'
            f'options = {{ host = "127.0.0.1", port = {server.port}, user = "{server.user}", '
            f'directory = "{drop}", host_keys = ["{server.host_key}"], '
            f'key_file = "{server.key_file}" }}\n'
        )


needs_sshd = pytest.mark.skipif(not is_installed(), reason="sshd (openssh-server) fehlt")
FILE_OUTPUTS = pytest.mark.parametrize(
    "output", ["folder", pytest.param("druckerei", marks=needs_sshd)]
)


@FILE_OUTPUTS
def test_letter_by_files_is_printed_posted_and_fetched_again(house: House, output: str) -> None:
    message_id, shop = house.send(output), house.shops[output]
    batch_id, letter_id = house.find_place(message_id)
    shop.print_all(BatchReceipt(output, batch_id, batch_id))
    posted = f"brief;stand;zeitpunkt\n{letter_id};versandt;2026-11-28T17:00:00+01:00\n"
    shop.report(f"{batch_id}.2.csv", posted)
    text = house.await_state(message_id, "brief-versandt")
    assert f"„{output}“, Stapel {batch_id}, Brief 1 von 1" in text
    assert "28.11.2026, 17:00 Uhr" in text
    assert house.installation.xta("potsdam").find_report(message_id).status == 1
    letter = house.installation.fachverfahren("potsdam").fetch_letter(message_id)
    (received,) = (shop.folder / batch_id).glob("*.pdf")
    assert (letter.stand, letter.inhalt) == ("versandt", received.read_bytes())
    assert "Abgleich: ohne Abweichung." in house.run("print", "batch", batch_id)


def test_letter_by_service_is_followed_and_its_counts_compared(house: House) -> None:
    message_id = house.send("dienst")
    batch_id, letter_id = house.find_place(message_id)
    batch = house.service.batches[batch_id]
    house.service.print_all(batch_id)
    batch.states[letter_id] = ("versandt", "2026-11-28T16:00:00Z")
    batch.sums["sheetCount"] = 99
    assert "Brief 1 von 1" in house.await_state(message_id, "brief-versandt")
    ((_, sheets),) = batch.counts.values()
    told = house.run("print", "batch", batch_id)
    assert f"Blätter im Stapel: übergeben {sheets}, gezählt 99." in told
    for told in (house.run("print", "batches", "--problems"), house.run("status")):
        assert f"Stapel {batch_id}: 1 Abweichung" in told
    metric = "damtshilfe_letter_differences_open"
    assert f"{metric} 1\n" in house.run("status", "--format", "prometheus")
    reason = "Falz mitgezählt, Frau Ahorn"
    assert "1 Abweichung" in house.run("print", "acknowledge", batch_id, "--reason", reason)
    assert f"Stapel {batch_id}" not in house.run("status")
    metrics = house.run("status", "--format", "prometheus")
    assert f"{metric} 0\n" in metrics
    assert "damtshilfe_letters_waiting 0\n" in metrics and "damtshilfe_letters_overdue 0" in metrics
    shown = house.run("print", "batch", batch_id)
    assert "Geklärt: 1 Abweichung" in shown and f": {reason}" in shown


def test_letter_that_comes_back_reopens_the_matter_and_marks_the_directory(house: House) -> None:
    message_id, shop = house.send("folder"), house.shops["folder"]
    batch_id, letter_id = house.find_place(message_id)
    client = house.installation.fachverfahren("potsdam")
    (before,) = client.find_vorgaenge(message_id=message_id).vorgang
    assert before.stand == "zugestellt"
    line = f"{letter_id};zurueckgekommen;{RETURNED};Empfänger verzogen\n"
    shop.report(f"{batch_id}.csv", f"brief;stand;zeitpunkt;grund\n{line}")
    text = house.await_state(message_id, "brief-zurueckgekommen")
    assert "Empfänger verzogen" in text
    assert house.installation.xta("potsdam").find_report(message_id).status == 3
    (after,) = client.find_vorgaenge(message_id=message_id).vorgang
    assert after.stand == "angelegt"
    assert after.ereignis[-1].text.endswith("Brief als unzustellbar zurückgekommen")
    cochem = str(house.installation.mandant("cochem")["identifier"]["value"])
    await_output(lambda: house.run("authority", "list", "--doubtful"), cochem)


def test_letter_that_failed_is_sent_anew_under_another_name(house: House) -> None:
    message_id, shop = house.send("folder"), house.shops["folder"]
    batch_id, letter_id = house.find_place(message_id)
    line = f"{letter_id};fehler;{RETURNED};Papierstau\n"
    shop.report(f"{batch_id}.csv", f"brief;stand;zeitpunkt;grund\n{line}")
    assert "Papierstau" in house.await_state(message_id, "brief-fehlgeschlagen")
    assert "Papierstau" in house.run("delivery", "show", message_id)
    house.run("delivery", "retry", message_id)
    # As long as it waits for its batch, there is none to tell.
    await_output(lambda: house.find_place(message_id)[1], f"{letter_id}-2")


@FILE_OUTPUTS
def test_recall_after_the_hand_over_asks_the_output(house: House, output: str) -> None:
    message_id, shop = house.send(output), house.shops[output]
    batch_id, letter_id = house.find_place(message_id)
    assert "wird nicht versandt" in house.run("print", "recall", message_id)
    assert shop.list_withdrawn(batch_id) == {letter_id}
    report = house.installation.xta("potsdam").find_report(message_id)
    assert list(report.codes)[-1] == "brief-zurueckgezogen"
    letter = house.installation.fachverfahren("potsdam").fetch_letter(message_id)
    assert letter.stand == "zurueckgezogen"


def test_recall_and_cancel_after_the_shop_has_begun_say_that_it_is_too_late(house: House) -> None:
    message_id = house.send("folder")
    batch_id, _ = house.find_place(message_id)
    house.shops["folder"].take(batch_id)
    assert "nicht mehr zurückziehen" in house.run("print", "recall", message_id, expected=1)
    with pytest.raises(XtaFault, match="9100") as caught:
        house.installation.xta("potsdam").cancel(message_id)
    assert "an die Druckausgabe übergeben" in str(caught.value)


def test_brief_is_for_the_author_alone_and_never_of_a_test_message(house: House) -> None:
    message_id = house.send("folder")
    with pytest.raises(Fault, match="9070"):
        house.installation.fachverfahren("jena").fetch_letter(message_id)
    author = house.installation.xta("potsdam")
    test_id = author.create_message_id()
    author.send(house.installation.outgoing(test_id, "cochem", is_test=True))
    await_entry(author, test_id, "testnachricht-nicht-gedruckt")
    with pytest.raises(Fault, match="9022"):
        house.installation.fachverfahren("potsdam").fetch_letter(test_id)


def await_output(read: Callable[[], str], wanted: str) -> None:
    deadline = time.monotonic() + 60
    while wanted not in (found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_output_that_never_answers_holds_up_no_letter_that_is_to_be_set(house: House) -> None:
    house.send("stumm", "brief-gesetzt")
    deadline = time.monotonic() + 30
    while not house.silent.connections:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # The output is waited for as long as its `timeout_seconds`, 20.
    start = time.monotonic()
    house.send("stumm", "brief-gesetzt")
    assert len(house.silent.connections) == 1
    assert time.monotonic() - start < 20
