"""AmtshilfePort: the whole conversation of a Fachverfahren."""

from collections.abc import Mapping

from lxml import etree

from server.domain.mailbox import MailboxSelector
from server.domain.transport_report import ReportStatus
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.directory import Directory
from server.services.mailbox import Mailbox, NothingWaiting
from server.services.reporting import Reporting, TransportReport
from server.services.sending import Sending
from server.soap.amtshilfe.elements import GEWICHT, add, child_text, respond, to_boolean
from server.soap.amtshilfe.messages import read_send_command, write_nachricht
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import fill_behoerde, read_anschrift
from server.xmlio.moments import format_moment
from server.xmlio.namespaces import FACHVERFAHREN
from server.xmlio.payloads import PayloadInspector

_STATUS = {
    ReportStatus.OPEN: "offen",
    ReportStatus.GREEN: "gruen",
    ReportStatus.YELLOW: "gelb",
    ReportStatus.RED: "rot",
}


class AmtshilfePort:
    """Contract types in, contract types out."""

    def __init__(
        self,
        directory: Directory,
        sending: Sending,
        mailbox: Mailbox,
        reporting: Reporting,
        *,
        inspector: PayloadInspector,
    ) -> None:
        self._inspector = inspector
        self._directory = directory
        self._sending = sending
        self._mailbox = mailbox
        self._reporting = reporting

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "zustaendigkeitsabfrage": self.zustaendigkeitsabfrage,
            "senden": self.senden,
            "empfangen": self.empfangen,
            "quittieren": self.quittieren,
            "reporting": self.reporting,
        }

    def zustaendigkeitsabfrage(self, call: Call) -> Reply:
        """Who is responsible."""
        anfrage = ZustaendigkeitAnfrage(
            child_text(call.require_body(), "einnahmeart"),
            read_anschrift(call.require_child(FACHVERFAHREN, "anschrift")),
        )
        zustaendigkeit = self._directory.find_zustaendigkeit(anfrage)
        response = respond("zustaendigkeitsabfrage")
        add(response, "eindeutig", to_boolean(zustaendigkeit.is_unambiguous))
        if zustaendigkeit.is_from_cache:
            add(response, "ausZwischenspeicher", to_boolean(True))
        for behoerde in zustaendigkeit.behoerde_list:
            fill_behoerde(add(response, "behoerde"), behoerde)
        return Reply(response)

    def senden(self, call: Call) -> Reply:
        """Sends a message; the answer comes when it is durable."""
        receipt = self._sending.send(read_send_command(call, self._inspector))
        response = respond("senden")
        add(response, "messageId", receipt.message_id)
        add(response, "angenommen", format_moment(receipt.accepted))
        return Reply(response)

    def empfangen(self, call: Call) -> Reply:
        """The oldest message, or the one that is named."""
        message_id = child_text(call.require_body(), "messageId")
        selector = MailboxSelector((message_id,) if message_id else ())
        fetched = self._mailbox.fetch(call.caller, selector)
        response = respond("empfangen")
        if isinstance(fetched, NothingWaiting):
            add(response, "weitere", "0")
            return Reply(response)
        nachricht, attached = write_nachricht(fetched)
        response.append(nachricht)
        add(response, "weitere", str(fetched.pending))
        return Reply(response, attached=attached)

    def quittieren(self, call: Call) -> Reply:
        """Confirms the reception of a fetched message."""
        message = self._mailbox.confirm(call.caller, child_text(call.require_body(), "messageId"))
        response = respond("quittieren")
        add(response, "messageId", message.head.message_id)
        add(response, "bestaetigt", format_moment(message.times.reception or message.times.origin))
        return Reply(response)

    def reporting(self, call: Call) -> Reply:
        """What became of a message."""
        message_id = child_text(call.require_body(), "messageId")
        return Reply(_write_report(self._reporting.find_report(call.caller, message_id)))


def _write_report(report: TransportReport) -> etree._Element:
    times = report.message.times
    response = respond("reporting")
    add(response, "messageId", report.message.head.message_id)
    add(response, "status", _STATUS[report.status])
    for name, moment in (
        ("erstellt", times.origin),
        ("gesendet", times.initial_send),
        ("zugestellt", times.delivery),
        ("abgeholt", times.initial_fetch),
        ("bestaetigt", times.reception),
    ):
        if moment:
            add(response, name, format_moment(moment))
    for entry in report.entries:
        eintrag = add(response, "eintrag")
        add(eintrag, "zeitpunkt", format_moment(entry.timestamp))
        add(eintrag, "gewicht", GEWICHT[entry.severity])
        add(eintrag, "code", entry.code.value)
        add(eintrag, "text", entry.reason)
    return response
