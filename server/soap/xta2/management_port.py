"""ManagementPort: account, MessageIDs, reports, look-ups, cancelling."""

from collections.abc import Mapping

from lxml import etree

from server.services.cancelling import Cancelling
from server.services.lookup import Lookup
from server.services.management import create_message_id
from server.services.reporting import Reporting
from server.soap.call import Call, Handler, Reply
from server.soap.xta2.author import check_author
from server.soap.xta2.lookup import read_questions, write_answers
from server.soap.xta2.report import ReportWriter
from server.xmlio.namespaces import WSA, name_in


class ManagementPort:
    """Contract types in, contract types out."""

    def __init__(
        self, reporting: Reporting, lookup: Lookup, cancelling: Cancelling, writer: ReportWriter
    ) -> None:
        self._reporting = reporting
        self._lookup = lookup
        self._cancelling = cancelling
        self._writer = writer

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "checkAccountActive": self.check_account_active,
            "createMessageId": self.create_message_id,
            "getTransportReport": self.get_transport_report,
            "lookupService": self.lookup_service,
            "cancelMessage": self.cancel_message,
        }

    def check_account_active(self, call: Call) -> Reply:
        """An empty answer: who is not active did not come this far."""
        check_author(call)
        return Reply()

    def create_message_id(self, call: Call) -> Reply:
        """A new MessageID."""
        check_author(call)
        body = etree.Element(name_in(WSA, "MessageID"), nsmap={"wsa": WSA})
        body.text = create_message_id(call.caller)
        return Reply(body)

    def get_transport_report(self, call: Call) -> Reply:
        """What became of a message."""
        check_author(call)
        report = self._reporting.find_report(call.caller, call.body_text())
        return Reply(self._writer.write(report))

    def lookup_service(self, call: Call) -> Reply:
        """Which readers can be reached with which service."""
        check_author(call)
        return Reply(write_answers(self._lookup.find(read_questions(call.require_body()))))

    def cancel_message(self, call: Call) -> Reply:
        """An empty answer once the message is taken back."""
        check_author(call)
        self._cancelling.cancel(call.caller, call.body_text())
        return Reply()
