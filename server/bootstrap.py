"""Builds the applications from the settings: the only place that names concrete parts."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from server.bootstrap_authority import VERSION_1, build_certificate_tasks
from server.bootstrap_batching import build_batch_tasks, build_news_tasks, make_cut_offs
from server.bootstrap_centres import make_forwarded_reports
from server.bootstrap_delivery import DeliveryParts, build_delivery
from server.bootstrap_figures import make_figures
from server.bootstrap_letters import LetterTexts, make_letters
from server.bootstrap_parts import MessageParts, MessageServices, make_scanning
from server.bootstrap_requests import make_request_limits
from server.domain.destination import OrderQueue
from server.running.allocator import end_preload, preload_allocator
from server.running.child_process import end_with_parent
from server.running.logs import begin_log
from server.services.access_calendar import AccessCalendar, CalendarRules
from server.services.blob_sweep import BlobSweep
from server.services.cancelling import Cancelling
from server.services.clock import read_clock
from server.services.delivering.channel import FallBack
from server.services.delivering.letter_channel import LetterChannel
from server.services.delivering.letter_pool import LetterPool, LetterProcesses
from server.services.expiry import Expiry
from server.services.fallback import Fallbacks
from server.services.figures.counting import FigureCounting
from server.services.lookup import Lookup
from server.services.sent_letters import SentLetters
from server.services.unread import UnreadMessages
from server.services.vorgaenge import Vorgaenge
from server.settings import Settings
from server.soap.amtshilfe import messages
from server.soap.amtshilfe.checking_port import CheckingPort
from server.soap.amtshilfe.figures_port import FiguresPort
from server.soap.amtshilfe.letter_port import LetterPort
from server.soap.amtshilfe.nachschlagen import NachschlagenPort
from server.soap.amtshilfe.port import AmtshilfePort
from server.soap.amtshilfe.vorgang_port import VorgangPort
from server.soap.application import make_port
from server.soap.dialect import SOAP_11, SOAP_12
from server.soap.fault_detail import fehler_writer, write_xta_detail
from server.soap.gateway import Gateway, Port
from server.soap.protocol import PortSettings
from server.soap.xta2 import container
from server.soap.xta2.mailbox_port import MailboxPort
from server.soap.xta2.management_port import ManagementPort
from server.soap.xta2.report import ReportWriter
from server.soap.xta2.send_port import SendPort
from server.worker.loop import Loop
from server.xmlio.contract_files import (
    AMTSHILFE_WSDL,
    ENVELOPE_SCHEMAS,
    XTA_WSDL,
)
from server.xmlio.namespaces import FACHVERFAHREN
from server.xmlio.signature import ElementSigner
from server.xmlio.wsdl_contract import read_contract

XTA_BASE = "/xta/2.1.1"
XTA_PORTS = ("ManagementPort", "SendXtaPort", "MsgBoxPort")
# The paths that deployed XTA clients use where nobody configured others.
XTA_DEFAULT_CLIENT_BASE = "/services/XTAService"
AMTSHILFE_BASE = "/amtshilfe"
# So many objects more than there were are looked at by the garbage collector in a letter process.
_COLLECTED_AT_ONCE = 20_000
# A message on its way changes several times within seconds, and what is on its way comes first.
_COUNTING_RESTS = timedelta(seconds=2)
# No request takes that long: what is still staged then was left by a process that ended.
_LEFTOVER_AGE = timedelta(days=1)


def build_xta_server(settings: Settings) -> Gateway:
    """The XTA server: three ports of XTA 2.1.1 and the façade."""
    parts = MessageParts(settings, settings.server.threads)
    services = MessageServices(settings, parts)
    ports = [
        *_make_xta_ports(settings, parts, services),
        _make_amtshilfe_port(settings, parts, services),
    ]
    return Gateway(ports, settings.server.public_url)


def build_loops(settings: Settings, is_stopping: Callable[[], bool]) -> tuple[Loop, ...]:
    """What the worker does; a batch ends early where it `is_stopping`.

    Forwarding, following and printing have loops of their own: a data centre that takes
    connections and never answers, or an output that takes minutes for a batch, holds up nothing
    else.
    """
    parts = MessageParts(settings, threads=4)
    expiry = Expiry(parts.database, read_clock)
    fallbacks = _make_fallbacks(settings, parts)
    fall_back = fallbacks.find
    delivery_parts = _make_delivery_parts(settings, parts, fall_back)
    delivery, forwarding = (
        build_delivery(settings, delivery_parts, queue, is_stopping) for queue in OrderQueue
    )
    reports = make_forwarded_reports(
        settings, parts.database, parts.centres, parts.links, fallbacks
    )
    batches = build_batch_tasks(settings, parts.database, parts.blobs, is_stopping)
    access = settings.access
    calendar = AccessCalendar(
        parts.database,
        read_clock,
        CalendarRules(access.reminder_days, access.return_days),
        fall_back,
    )

    def discard_leftovers() -> bool:
        return parts.blobs.discard_leftovers(read_clock() - _LEFTOVER_AGE) > 0

    main = (
        lambda: expiry.end_obsolete() > 0,
        delivery.deliver_due,
        *build_certificate_tasks(settings, parts.database),
        _make_vorgaenge(settings, parts).remind_overdue,
        calendar.note_changes,
        calendar.return_messages,
        UnreadMessages(parts.database, fall_back, read_clock).order_letters,
        FigureCounting(parts.database, read_clock, _COUNTING_RESTS).count_due,
        discard_leftovers,
        BlobSweep(parts.database, parts.blobs, read_clock).sweep_when_due,
    )
    news = build_news_tasks(settings, parts.database, parts.directory, is_stopping)
    return (
        Loop("main", main, delivery.end),
        Loop("printing", (batches.close, batches.submit, batches.tell, *news)),
        Loop("forwarding", (forwarding.deliver_due,), forwarding.end),
        Loop("following", (reports.follow_due,)),
    )


def build_letter_channel(
    settings: Settings, worker: int, preloaded: Mapping[str, str]
) -> LetterChannel:
    """What sets the letters of a worker in a process beside it; ends this one with the worker."""
    begin_log("letters", settings.log)
    end_preload(preloaded)
    # A signal to the whole group is for the worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if os.getppid() != worker:
        sys.exit("the worker has ended")
    channel = _make_letter_channel(settings, MessageParts(settings, threads=1))
    # What is loaded by now stays; a letter leaves little that only the collector finds.
    gc.freeze()
    gc.set_threshold(_COLLECTED_AT_ONCE)
    return channel


def _make_fallbacks(settings: Settings, parts: MessageParts) -> Fallbacks:
    return Fallbacks(
        parts.database,
        parts.blobs,
        parts.directory,
        parts.inspector,
        read_clock,
    )


def _make_delivery_parts(
    settings: Settings, parts: MessageParts, fall_back: FallBack
) -> DeliveryParts:
    preloaded = preload_allocator(settings.printing.allocator)
    processes = LetterProcesses(
        settings.printing.processes or len(os.sched_getaffinity(0)),
        partial(build_letter_channel, settings, os.getpid(), preloaded),
        preloaded,
    )
    return DeliveryParts(
        parts.database,
        parts.blobs,
        parts.directory,
        LetterPool(_make_letter_channel(settings, parts), processes),
        parts.centres,
        parts.places,
        parts.links,
        parts.inspector,
        make_scanning(settings),
        fall_back,
    )


def _make_letter_channel(settings: Settings, parts: MessageParts) -> LetterChannel:
    texts = LetterTexts(parts.inspector, parts.codelisten, parts.massnahmenkataloge)
    return LetterChannel(
        parts.database,
        parts.blobs,
        parts.directory,
        make_letters(settings, parts.database, texts),
        make_cut_offs(settings.printing).find_next,
    )


def _make_vorgaenge(settings: Settings, parts: MessageParts) -> Vorgaenge:
    return Vorgaenge(parts.database, read_clock, settings.vorgang.answer_days)


def _make_xta_ports(
    settings: Settings, parts: MessageParts, services: MessageServices
) -> list[Port]:
    contract = read_contract(XTA_WSDL, ENVELOPE_SCHEMAS)
    management = ManagementPort(
        services.reporting,
        Lookup(parts.directory, parts.places),
        Cancelling(parts.database, read_clock),
        ReportWriter(settings.server.public_url, _make_signer(settings)),
    )
    ports = []
    send = SendPort(services.sending, services.answering, services.opening)
    mailbox = MailboxPort(services.mailbox)
    # Data centres forward messages and ask for reports; a mailbox has none of them.
    for name, port_type, handlers, callers in (
        ("ManagementPort", "managementPortType", management.handlers(), services.with_peers),
        ("SendXtaPort", "sendPortType", send.handlers(), services.with_peers),
        ("MsgBoxPort", "msgBoxPortType", mailbox.handlers(), services.mandanten_only),
    ):
        port_settings = PortSettings(
            contract=contract,
            port_type=port_type,
            dialects=(SOAP_12,),
            write_detail=write_xta_detail,
            authenticate=callers.identify,
            is_dispatched_by_action=True,
            limits=make_request_limits(settings),
            sender_fault_status=HTTPStatus(settings.server.sender_fault_status),
            staging=parts.blobs,
            content_elements=container.CONTENT_ELEMENTS,
        )
        app = make_port(port_settings, handlers)
        ports.append(Port(name, app, XTA_WSDL, XTA_BASE, (XTA_BASE, XTA_DEFAULT_CLIENT_BASE)))
    return ports


def _make_amtshilfe_port(
    settings: Settings, parts: MessageParts, services: MessageServices
) -> Port:
    port = AmtshilfePort(
        parts.directory,
        services.sending,
        services.mailbox,
        services.reporting,
        inspector=parts.inspector,
    )
    nachschlagen = NachschlagenPort(parts.codelisten, parts.massnahmenkataloge)
    checking = CheckingPort(services.checking, parts.inspector)
    port_settings = PortSettings(
        contract=read_contract(AMTSHILFE_WSDL, ENVELOPE_SCHEMAS),
        port_type="AmtshilfePortType",
        dialects=(SOAP_11, SOAP_12),
        write_detail=fehler_writer(FACHVERFAHREN),
        authenticate=services.mandanten_only.identify,
        is_dispatched_by_action=False,
        limits=make_request_limits(settings),
        sender_fault_status=HTTPStatus(settings.server.sender_fault_status),
        staging=parts.blobs,
        content_elements=messages.CONTENT_ELEMENTS,
    )
    vorgang_port = VorgangPort(_make_vorgaenge(settings, parts))
    handlers = {
        **port.handlers(),
        **nachschlagen.handlers(),
        **checking.handlers(),
        **vorgang_port.handlers(),
        **FiguresPort(make_figures(settings, parts)).handlers(),
        **LetterPort(SentLetters(parts.database, parts.blobs)).handlers(),
    }
    app = make_port(port_settings, handlers)
    return Port(VERSION_1, app, AMTSHILFE_WSDL, AMTSHILFE_BASE, (AMTSHILFE_BASE,))


def _make_signer(settings: Settings) -> ElementSigner | None:
    reports = settings.reports
    return ElementSigner(reports.certificate, reports.key) if reports.sign else None
