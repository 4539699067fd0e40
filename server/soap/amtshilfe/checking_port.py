"""The façade's dry run: `pruefen`."""

from collections.abc import Mapping

from lxml import etree

from server.domain.behoerde import PartyIdentifier
from server.services.checking import Checking, CheckResult, Finding
from server.soap.amtshilfe.elements import GEWICHT, add, respond, to_boolean
from server.soap.amtshilfe.messages import read_send_command
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import fill_kennung
from server.xmlio.payloads import PayloadInspector

_UNKNOWN_WAY = "unbekannt"


class CheckingPort:
    """Contract types in, contract types out."""

    def __init__(self, checking: Checking, inspector: PayloadInspector) -> None:
        self._checking = checking
        self._inspector = inspector

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"pruefen": self.pruefen}

    def pruefen(self, call: Call) -> Reply:
        """Checks a message as `senden` would; what came in is gone when the call ends."""
        command = read_send_command(call, self._inspector)
        return Reply(_write_result(self._checking.check(command), command.head.reader))


def _write_result(result: CheckResult, reader: PartyIdentifier) -> etree._Element:
    response = respond("pruefen")
    add(response, "versandbereit", to_boolean(result.is_ready))
    if result.message_type:
        add(response, "nachrichtentyp", result.message_type)
    if reader.value:
        fill_kennung(add(response, "leser"), reader)
    if result.route and result.route.detail:
        add(response, "leserName", result.route.detail)
    if result.route:
        add(response, "zustellweg", result.route.kanal or _UNKNOWN_WAY)
    for finding in result.findings:
        _add_befund(response, finding)
    return response


def _add_befund(response: etree._Element, finding: Finding) -> None:
    befund = add(response, "befund")
    add(befund, "gewicht", GEWICHT[finding.severity])
    add(befund, "code", finding.code)
    if finding.line:
        add(befund, "zeile", str(finding.line))
    add(befund, "text", finding.text)
    if finding.remedy:
        add(befund, "abhilfe", finding.remedy)
