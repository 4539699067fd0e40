"""Two data centres: what Potsdam sends at one reaches Jena at the other, and is followed."""

import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any, TypeVar

import pytest

from clients.xta import (
    OutgoingMessage,
    ReportStatus,
    ReportView,
    WirePart,
    XtaAccess,
    XtaClient,
    XtaFault,
)
from persistence.database import Database
from persistence.engine import make_engine
from persistence.tables import message
from server.domain.data_centre import DataCentre
from server.services.clock import read_clock
from server.services.data_centres import DataCentres
from server.xmlio.contract_files import XTA_WSDL
from tests.support.installation import await_port_closed, port_of, read_sample, run_cli
from tests.support.relay import Cut, listening_silently, relaying
from tests.support.two_centres import (
    OST,
    Centre,
    TwoCentres,
    find_identifier,
    make_two_centres,
    serve,
)

_Value = TypeVar("_Value")
MEBIBYTE = 1024 * 1024
WHOLE_WAY = [
    "angenommen",
    "angenommen",
    "elektronisch-zugestellt",
    "weitergeleitet",
    "abgeholt",
    "empfang-bestaetigt",
]


def await_true(
    read: Callable[[], _Value], holds: Callable[[_Value], bool], seconds: float = 60
) -> _Value:
    """What is read as soon as it holds."""
    deadline = time.monotonic() + seconds
    while not holds(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def await_code(centre: Centre, name: str, message_id: str, code: str) -> ReportView:
    client = centre.installation.xta(name)
    return await_true(lambda: client.find_report(message_id), lambda view: code in view.codes)


def await_closed(centre: Centre, name: str, message_id: str) -> ReportView:
    client = centre.installation.xta(name)
    return await_true(
        lambda: client.find_report(message_id), lambda view: view.status != ReportStatus.OPEN
    )


def new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def send(centre: Centre, author: str, reader: str, **changes: Any) -> str:
    installation = centre.installation
    message_id = str(changes.pop("message_id", new_id()))
    outgoing: OutgoingMessage = installation.outgoing(message_id, reader, **changes)
    installation.xta(author).send(outgoing)
    return message_id


def receive(centre: Centre, name: str, message_id: str, seconds: float = 60) -> Any:
    """Waits for a message, fetches and confirms it."""
    client = centre.installation.xta(name)
    await_true(client.list_message_ids, lambda listed: message_id in listed, seconds)
    fetched = client.fetch(message_id)
    assert fetched is not None
    content = [part.content for part in fetched.attachments]
    client.close(fetched.request_id, [message_id])
    return fetched, content


def list_events(centre: Centre, name: str, aktenzeichen: str) -> list[tuple[str, str]]:
    (vorgang,) = (
        centre.installation.fachverfahren(name).find_vorgaenge(aktenzeichen=aktenzeichen).vorgang
    )
    return [(entry.richtung, entry.art) for entry in vorgang.ereignis]


def as_centre(caller: Centre, called: Centre, author: str = "potsdam") -> XtaClient:
    """The client of a data centre at the other one, for an author."""
    url = called.installation.url
    pki = caller.installation.folder / "pki"
    certificate, ca = pki / "xta-server.pem", called.installation.ca
    access = XtaAccess(
        str(XTA_WSDL), url("management"), url("send"), url("msgbox"), certificate, ca
    )
    return XtaClient(access, caller.installation.party(author))


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TwoCentres, Popen[bytes]]]:
    """Both with all their parts, and the worker of `mitte`."""
    made = make_two_centres(tmp_path_factory.mktemp("centres"))
    with made.serving() as (worker, _):
        yield made, worker


@pytest.fixture(scope="module")
def centres(running: tuple[TwoCentres, Popen[bytes]]) -> TwoCentres:
    return running[0]


def test_forwarding_whole_conversation_is_told_on_both_sides(centres: TwoCentres) -> None:
    mitte, ost = centres.mitte, centres.ost
    mark = uuid.uuid4().hex[:8]
    large = random.Random(5).randbytes(30 * MEBIBYTE)
    content = read_sample("valid", "ersuchen.xml").replace(b"VS-2026-0815", f"VS-{mark}".encode())
    message_id = send(
        mitte,
        "potsdam",
        "jena",
        message=WirePart(content, "application/xml"),
        attachments=[
            WirePart(large, "application/pdf", "groß.pdf"),
            WirePart(b"", "text/plain", "leer.txt"),
        ],
    )
    fetched, attachments = receive(ost, "jena", message_id)
    assert attachments == [large, b""]
    assert [part.filename for part in fetched.attachments] == ["groß.pdf", "leer.txt"]
    assert fetched.message.content == content
    assert fetched.head.author == mitte.installation.party("potsdam")
    report = await_closed(mitte, "potsdam", message_id)
    assert (list(report.codes), report.status) == (WHOLE_WAY, ReportStatus.GREEN)
    there = [entry for entry in report.entries if entry.reason.startswith("Rechenzentrum ost: ")]
    assert [entry.code for entry in there] == [
        code for code in WHOLE_WAY[1:] if code != "weitergeleitet"
    ]
    own = ost.installation.xta("jena").find_report(message_id)
    assert [entry.time for entry in there] == [entry.time for entry in own.entries]
    assert list(report.times) == ["Origin", "InitialSend", "Delivery", "InitialFetch", "Reception"]
    assert {key: own.times[key] for key in ("Delivery", "InitialFetch", "Reception")} == {
        key: report.times[key] for key in ("Delivery", "InitialFetch", "Reception")
    }

    answer = read_sample("valid", "eingangsbestaetigung.xml").decode()
    answer = answer.replace("VS-2026-0815", f"VS-{mark}").replace("J 4711/26", f"J-{mark}")
    answer = answer.replace("urn:de:xta:messageid:beispiel:1", message_id)
    answer_id = send(
        ost,
        "jena",
        "potsdam",
        message=WirePart(answer.encode(), "application/xml"),
        attachments=[],
        in_reply_to=[message_id],
    )
    receive(mitte, "potsdam", answer_id)
    assert list(await_closed(ost, "jena", answer_id).codes) == WHOLE_WAY
    assert list_events(mitte, "potsdam", f"VS-{mark}") == [
        ("ausgang", "ersuchen"),
        ("system", "zugestellt"),
        ("system", "empfangen"),
        ("eingang", "eingangsbestaetigung"),
    ]
    assert list_events(ost, "jena", f"VS-{mark}") == [
        ("eingang", "ersuchen"),
        ("system", "empfangen"),
        ("ausgang", "eingangsbestaetigung"),
    ]


def test_forwarding_worker_does_not_grow_with_the_attachment(
    running: tuple[TwoCentres, Popen[bytes]],
) -> None:
    centres, worker = running
    small = send(centres.mitte, "potsdam", "jena")
    receive(centres.ost, "jena", small)
    await_closed(centres.mitte, "potsdam", small)
    before = read_peak(worker.pid)
    large = WirePart(bytes(36 * MEBIBYTE), "application/pdf", "groß.pdf")
    message_id = send(centres.mitte, "potsdam", "jena", attachments=[large])
    receive(centres.ost, "jena", message_id)
    await_closed(centres.mitte, "potsdam", message_id)
    grown = read_peak(worker.pid) - before
    assert grown < 8 * MEBIBYTE, grown


def read_peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def test_data_centre_may_send_only_for_authors_and_to_readers_of_the_register(
    centres: TwoCentres,
) -> None:
    mitte, ost = centres.mitte, centres.ost
    peer = as_centre(mitte, ost)
    peer.check_account_active()
    assert peer.create_message_id().startswith("urn:de:xta:messageid:mitte:")
    for author, reader, code, text in (
        ("jena", "jena", "9014", "von ost betreut"),
        ("potsdam", "cochem", "9022", "kein Postfach"),
        ("potsdam", "ags:00000000", "9022", "kein Postfach"),
    ):
        foreign = as_centre(mitte, ost, author)
        with pytest.raises(XtaFault, match=text) as refused:
            foreign.send(mitte.installation.outgoing(new_id(), reader))
        assert refused.value.code == code
    asked = read_sample("valid", "anfrage-001.xml")
    with pytest.raises(XtaFault) as refused:
        peer.send_sync(
            mitte.installation.outgoing(
                new_id(), "jena", message=WirePart(asked, "application/xml"), attachments=[]
            )
        )
    assert refused.value.code == "9013"


def test_data_centre_sees_only_what_it_sent(centres: TwoCentres) -> None:
    mitte, ost = centres.mitte, centres.ost
    peer = as_centre(mitte, ost)
    own = send(ost, "jena", "jena")
    for ask, code in (
        (peer.find_report, "9070"),
        (peer.cancel, "9022"),
        (lambda _own: peer.list_mailbox(), "9012"),
        (lambda own: peer.fetch(own), "9012"),
    ):
        with pytest.raises(XtaFault) as refused:
            ask(own)
        assert refused.value.code == code
    receive(ost, "jena", own)
    sent = new_id()
    peer.send(mitte.installation.outgoing(sent, "jena"))
    assert "elektronisch-zugestellt" in peer.find_report(sent).codes
    receive(ost, "jena", sent)


def test_certificate_of_a_mandant_elsewhere_is_not_known(centres: TwoCentres) -> None:
    mitte, ost = centres.mitte, centres.ost
    url = ost.installation.url
    access = XtaAccess(
        str(XTA_WSDL),
        url("management"),
        url("send"),
        url("msgbox"),
        mitte.installation.certificate("potsdam"),
        ost.installation.ca,
    )
    with pytest.raises(XtaFault) as refused:
        XtaClient(access, mitte.installation.party("potsdam")).check_account_active()
    assert refused.value.code == "9012"


def test_lookup_service_tells_of_a_reader_elsewhere(centres: TwoCentres) -> None:
    potsdam = centres.mitte.installation.xta("potsdam")
    assert potsdam.lookup_service(centres.mitte.installation.party("jena"), "urn:x:dienst") is True


def test_forwarding_refused_there_is_parked_with_its_cause(centres: TwoCentres) -> None:
    database = Database(make_engine(centres.ost.settings.database.url))
    with database.writing() as stores:
        jena = stores.mandanten.find(find_identifier(centres.ost, "jena"))
        assert jena is not None
        stores.mandanten.set_carries_unknown(jena.key, False)
    foreign = WirePart(b"<x xmlns='urn:fremd'/>", "application/xml")
    changes = {"message": foreign, "attachments": [], "payload_schema": "urn:fremd"}
    message_id = send(centres.mitte, "potsdam", "jena", **changes)
    report = await_code(centres.mitte, "potsdam", message_id, "zustellung-angehalten")
    assert report.status == ReportStatus.OPEN
    (entry,) = [item for item in report.entries if item.code == "zustellung-angehalten"]
    assert "Rechenzentrum ost lehnt die Nachricht ab: 9050" in entry.reason
    with database.writing() as stores:
        stores.mandanten.set_carries_unknown(jena.key, True)
    database.engine.dispose()


def test_forwarding_message_unknown_there_after_it_was_accepted_is_parked(
    centres: TwoCentres,
) -> None:
    message_id = send(centres.mitte, "potsdam", "jena")
    await_code(centres.mitte, "potsdam", message_id, "elektronisch-zugestellt")
    database = Database(make_engine(centres.ost.settings.database.url))
    with database.engine.begin() as connection:
        folded = message.c.message_id_folded == message_id
        values = {"message_id_folded": f"{message_id}-fort", "state": "zurueckgezogen"}
        connection.execute(message.update().where(folded).values(values))
    database.engine.dispose()
    report = await_code(centres.mitte, "potsdam", message_id, "zustellung-angehalten")
    assert "kennt die Nachricht nicht mehr" in report.entries[-1].reason
    output = run_cli("status", "--config", str(centres.mitte.installation.config)).stdout
    assert f"angehalten: {message_id}: Rechenzentrum ost kennt" in output


def test_forwarding_other_centre_or_its_directory_down_is_delivered_after(tmp_path: Path) -> None:
    centres = make_two_centres(tmp_path)
    mitte, ost = centres.mitte, centres.ost
    blind = {"DAMTSHILFE_AUTHORITY_CLIENT__URL": "https://localhost:1/authority/1"}
    with mitte.serving("authority", "xta", "worker"):
        message_id = send(mitte, "potsdam", "jena")
        await_code(mitte, "potsdam", message_id, "zustellung-verzoegert")
        with ost.serving("xta", changes=blind):
            with pytest.raises(XtaFault) as refused:
                as_centre(mitte, ost).check_account_active()
            assert refused.value.code == "9031"
            assert ost.installation.xta("jena").list_message_ids() == []
        await_port_closed(ost.installation.url("send"))
        with ost.serving("xta"):
            receive(ost, "jena", message_id)
            report = await_closed(mitte, "potsdam", message_id)
    assert report.status == ReportStatus.YELLOW
    assert report.codes.count("zustellung-verzoegert") == 1
    assert report.codes.count("weitergeleitet") == 1


def test_forwarding_lost_answers_and_killed_workers_deliver_once(tmp_path: Path) -> None:
    centres = make_two_centres(tmp_path)
    mitte, ost = centres.mitte, centres.ost
    short = {"DAMTSHILFE_DELIVERY__LEASE_SECONDS": "3"}
    chance = random.Random(11)
    with (
        mitte.serving("authority", "xta"),
        ost.serving("xta"),
        relaying(port_of(ost.installation.url("send"))) as relay,
    ):
        address(centres, relay.port)
        large = WirePart(bytes(2_000_000), "application/pdf", "groß.pdf")
        message_ids = [send(mitte, "potsdam", "jena", attachments=[large]) for _ in range(6)]
        relay.arm(*[Cut(after_upload=1_900_000, after_download=1) for _ in range(4)])
        for _ in range(4):
            with mitte.serving("worker", changes=short) as (worker,):
                time.sleep(chance.uniform(2.5, 4.5))
                worker.kill()
        with mitte.serving("worker", changes=short):
            for message_id in message_ids:
                receive(ost, "jena", message_id)
            for message_id in message_ids:
                report = await_closed(mitte, "potsdam", message_id)
                assert report.codes.count("weitergeleitet") == 1
                assert report.codes.count("empfang-bestaetigt") == 1
        assert ost.installation.xta("jena").list_message_ids() == []
        assert relay.lost == 4


def address(centres: TwoCentres, port: int) -> None:
    """The ports of `ost` are found behind another one."""
    url = centres.ost.installation.url
    moved = [re.sub(r":\d+/", f":{port}/", url(name)) for name in ("management", "send", "msgbox")]
    DataCentres(centres.trust, read_clock).register(
        DataCentre(OST, "Rechenzentrum ost", *moved), replaces=True
    )


def test_forwarding_mandant_that_moves_by_day_loses_nothing(tmp_path: Path) -> None:
    centres = make_two_centres(tmp_path, ost_mandanten=("jena", "potsdam"))
    mitte, ost = centres.mitte, centres.ost
    potsdam = find_identifier(mitte, "potsdam")
    with centres.serving():
        # Potsdam has an account at `ost` already, but its day has not come.
        before = send(ost, "jena", "potsdam")
        await_code(ost, "jena", before, "elektronisch-zugestellt")
        assert before in mitte.installation.xta("potsdam").list_message_ids()
        serve(centres.trust, potsdam, OST)
        here = send(ost, "jena", "potsdam")
        there = send(mitte, "cochem", "potsdam")
        for message_id in (here, there):
            receive(ost, "potsdam", message_id)
        assert "weitergeleitet" in await_closed(mitte, "cochem", there).codes
        assert "weitergeleitet" not in await_closed(ost, "jena", here).codes
        # What waits in the old mailbox stays there until it is fetched.
        assert mitte.installation.xta("potsdam").list_message_ids() == [before]
        receive(mitte, "potsdam", before)
        assert list(await_closed(ost, "jena", before).codes) == WHOLE_WAY


def test_forwarding_centre_that_never_answers_holds_up_nothing_else(tmp_path: Path) -> None:
    centres = make_two_centres(tmp_path)
    mitte, ost = centres.mitte, centres.ost
    with mitte.serving("authority", "xta"), listening_silently() as silent:
        with ost.serving("xta"), mitte.serving("worker"):
            followed = send(mitte, "potsdam", "jena")
            await_code(mitte, "potsdam", followed, "elektronisch-zugestellt")
        address(centres, silent.port)
        with mitte.serving("worker") as (worker,):
            send(mitte, "potsdam", "jena")
            # The one that follows and the one that forwards.
            await_true(lambda: len(silent.connections), lambda number: number >= 2)
            start = time.monotonic()
            letter = send(mitte, "potsdam", "cochem")
            await_code(mitte, "potsdam", letter, "brief-ausgegeben")
            # Both wait for an answer as long as `data_centre.timeout_seconds`, 60.
            assert len(silent.connections) == 2
            assert time.monotonic() - start < 30
            worker.terminate()
            assert worker.wait(20) == 0
