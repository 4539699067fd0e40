"""The output `http` towards a real HTTPS server that follows the described interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clients.print_service
from server.pki import Authority, write_private
from server.printing.options import BadOutputOptions
from server.printing.output import (
    BatchCount,
    BatchReceipt,
    BatchRefused,
    OutputSetup,
    OutputUnavailable,
    UnreadNews,
    list_letter_news,
)
from server.printing.outputs.http import HttpOutput
from server.printing.plugin_contract import (
    OutputPluginContract,
    ReceivedLetter,
    crashing_in,
    make_batch,
)
from server.running.ports import find_free_ports
from tests.support.print_service import PrintService, running_print_service

TOKEN = "ein-sehr-geheimer-ausweis"
TokenFile = "ausweis"


@dataclass
class HttpRig:
    """The plugin and the service."""

    folder: Path
    service: PrintService
    options: dict[str, object]

    def make(self, **changes: object) -> HttpOutput:
        return HttpOutput(OutputSetup("dienst", {**self.options, **changes}, self.folder))

    def list_received(self) -> list[ReceivedLetter]:
        return self.service.list_received()

    @contextmanager
    def crashing(self, step: int) -> Iterator[None]:
        client = clients.print_service
        with (
            crashing_in(client.PrintService, ("send_batch",), step),
            crashing_in(client._Reader, ("read",), max(step - 2, 0)),
        ):
            yield

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        url = self.options["url"]
        (port,) = find_free_ports(1)
        self.options["url"] = f"https://localhost:{port}"
        yield
        self.options["url"] = url

    def print_all(self, receipt: BatchReceipt) -> None:
        self.service.print_all(receipt.batch_id)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, a server, a client of it, and a token."""
    folder = tmp_path_factory.mktemp("pki")
    now = datetime.now(UTC)
    authority = Authority.create("Druckerei", now)
    server = authority.issue_server(["localhost"], now)
    contents = {
        "ca.pem": authority.credential.pem_certificate(),
        "server.pem": server.pem_both(),
        "client.pem": authority.issue_client("kommune", now).pem_both(),
        "stranger.pem": Authority.create("Fremde", now).issue_client("fremd", now).pem_both(),
        TokenFile: TOKEN.encode() + b"\n",
    }
    for name, content in contents.items():
        write_private(folder / name, content)
    return folder


@pytest.fixture
def rig(pki: Path) -> Iterator[HttpRig]:
    """With a token."""
    pem = pki / "server.pem"
    with running_print_service(pem, pem, token=TOKEN) as service:
        yield HttpRig(pki, service, {"url": service.url, "ca": "ca.pem", "token_file": TokenFile})


@pytest.fixture
def certified(pki: Path) -> Iterator[HttpRig]:
    """With a client certificate."""
    pem = pki / "server.pem"
    with running_print_service(pem, pem, pki / "ca.pem") as service:
        options: dict[str, object] = {"ca": "ca.pem", "certificate": "client.pem"}
        yield HttpRig(pki, service, {"url": service.url, **options})


class TestHttpContract(OutputPluginContract):
    @pytest.fixture
    def rig(self, rig: HttpRig) -> HttpRig:
        return rig


def test_submit_sends_tickets_and_handling(rig: HttpRig) -> None:
    batch = make_batch()
    receipt = rig.make().submit(batch)
    taken = rig.service.batches[batch.batch_id]
    assert receipt.reference == f"ref {batch.batch_id}"
    assert taken.tickets == batch.tickets
    assert (taken.values["duplex"], taken.values["letterCount"]) == ("true", "2")


def test_submit_answer_is_lost_next_attempt_is_the_same_batch(rig: HttpRig) -> None:
    batch = make_batch()
    rig.service.loses_answers = 1
    with pytest.raises(OutputUnavailable):
        rig.make().submit(batch)
    rig.make().submit(batch)
    assert (rig.service.deliveries, len(rig.list_received())) == (2, 2)


def test_submit_client_certificate_opens(certified: HttpRig) -> None:
    certified.make().submit(make_batch())
    assert len(certified.list_received()) == 2


def test_submit_foreign_client_certificate_is_told(certified: HttpRig) -> None:
    with pytest.raises(OutputUnavailable):
        certified.make(certificate="stranger.pem").submit(make_batch())
    assert certified.list_received() == []


def test_submit_server_of_another_ca_is_not_trusted(rig: HttpRig) -> None:
    with pytest.raises(OutputUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        rig.make(ca="stranger.pem").submit(make_batch())
    assert rig.service.deliveries == 0


def test_submit_wrong_token_is_told_and_not_shown(
    rig: HttpRig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AUSWEIS", "falscher-ausweis")
    output = rig.make(token_file=None, token_env="AUSWEIS")
    with caplog.at_level("DEBUG"), pytest.raises(OutputUnavailable, match="401: Anmeldung") as told:
        output.submit(make_batch())
    assert "falscher-ausweis" not in f"{told.value} {output!r} {caplog.text}"


def test_submit_token_of_the_environment_is_missing(rig: HttpRig) -> None:
    with pytest.raises(OutputUnavailable, match="AUSWEIS_FEHLT ist nicht gesetzt"):
        rig.make(token_file=None, token_env="AUSWEIS_FEHLT").submit(make_batch())


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_submit_refused_for_good(rig: HttpRig, status: int) -> None:
    rig.service.answer_status = status
    with pytest.raises(BatchRefused, match=f"HTTP-Status {status}: Wartung"):
        rig.make().submit(make_batch())


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404, 429, 500, 503])
def test_submit_refused_for_now(rig: HttpRig, status: int) -> None:
    rig.service.answer_status = status
    with pytest.raises(OutputUnavailable, match=f"HTTP-Status {status}"):
        rig.make().submit(make_batch())


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"letters": 7}', b'{"letters": [1]}', b"{}"])
def test_poll_answer_of_another_kind_is_unavailable(rig: HttpRig, body: bytes) -> None:
    receipt = rig.make().submit(make_batch())
    rig.service.answer_status, rig.service.answer_body = 200, body
    with pytest.raises(OutputUnavailable):
        rig.make().poll(receipt)


def test_poll_unknown_state_is_told_as_unread(
    rig: HttpRig, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = rig.make().submit(make_batch())
    states = rig.service.batches[receipt.batch_id].states
    first, second = states
    states[first] = ("gefaltet", "2026-11-02T10:00:00Z")
    states[second] = ("gedruckt", "2026-11-02T10:00:00")
    assert rig.make().poll(receipt) == (
        UnreadNews(
            f"Der Druckdienst meldete Unverständliches zum Brief {first}: state „gefaltet“, "
            "moment „2026-11-02T10:00:00Z“."
        ),
        UnreadNews(
            f"Der Druckdienst meldete Unverständliches zum Brief {second}: state „gedruckt“, "
            "moment „2026-11-02T10:00:00“."
        ),
    )
    assert "gefaltet" in caplog.text
    assert "without a zone" in caplog.text


def test_poll_tells_counts_of_letters_and_sums(rig: HttpRig) -> None:
    receipt = rig.make().submit(make_batch())
    rig.service.print_all(receipt.batch_id)
    sums, *letters = rig.make().poll(receipt)
    assert sums == BatchCount(2, 4, 2)
    assert [(news.pages, news.sheets) for news in list_letter_news(letters)] == [(2, 1), (2, 1)]


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "drei", [2], {"a": 1}, 10**9])
def test_poll_count_that_is_none_is_logged_and_the_rest_counts(
    rig: HttpRig, count: object, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = rig.make().submit(make_batch())
    rig.service.print_all(receipt.batch_id)
    rig.service.batches[receipt.batch_id].sums["pageCount"] = count
    assert [item for item in rig.make().poll(receipt) if isinstance(item, BatchCount)] == [
        BatchCount(2, None, 2)
    ]
    assert "pageCount is no count" in caplog.text


def test_http_output_all_wrong_options_are_told(rig: HttpRig) -> None:
    with pytest.raises(BadOutputOptions) as caught:
        rig.make(url="http://dienst", ca="fehlt.pem", timeout_seconds=0)
    assert caught.value.problems == [
        "url: muss mit https:// beginnen",
        f"ca: die Datei {rig.folder / 'fehlt.pem'} fehlt",
        "timeout_seconds: muss größer als 0.0 sein",
    ]


def test_http_output_without_identity_is_refused(rig: HttpRig) -> None:
    with pytest.raises(BadOutputOptions, match="es fehlt certificate, token_file oder token_env"):
        rig.make(token_file=None)
