"""A client for XTA 2.1.1 (docs/clients.md)."""

from clients.multipart import AnswerLimits
from clients.xta.access import XtaAccess
from clients.xta.client import XtaClient
from clients.xta.errors import (
    MailboxRefusal,
    XtaError,
    XtaFault,
    XtaUnreachable,
    XtaUnreadable,
)
from clients.xta.forwarded import ForwardedMessage, ForwardedPart
from clients.xta.lookup import ServiceParameter, ServiceView
from clients.xta.messages import (
    IncomingMessage,
    MailboxList,
    MessageHead,
    MessageTimes,
    OutgoingMessage,
    ProcessRef,
    Selection,
    SendReceipt,
    WireParty,
)
from clients.xta.parts import WirePart
from clients.xta.report import (
    AdditionalReport,
    ReportEntry,
    ReportStatus,
    ReportView,
    Severity,
)
from clients.xta.retry import RetryPolicy

__all__ = [
    "AdditionalReport",
    "AnswerLimits",
    "ForwardedMessage",
    "ForwardedPart",
    "IncomingMessage",
    "MailboxList",
    "MailboxRefusal",
    "MessageHead",
    "MessageTimes",
    "OutgoingMessage",
    "ProcessRef",
    "ReportEntry",
    "ReportStatus",
    "ReportView",
    "RetryPolicy",
    "Selection",
    "SendReceipt",
    "ServiceParameter",
    "ServiceView",
    "Severity",
    "WirePart",
    "WireParty",
    "XtaAccess",
    "XtaClient",
    "XtaError",
    "XtaFault",
    "XtaUnreachable",
    "XtaUnreadable",
]
