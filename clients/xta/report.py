"""The TransportReport: what became of a message."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from clients.xta.messages import MessageHead
from clients.xta.metadata import read_head
from clients.xta.zeep_values import read_code


class ReportStatus(IntEnum):
    """XTA MessageStatus/Status: the report is still written, or all went well, nearly, or not."""

    OPEN = 0
    GREEN = 1
    YELLOW = 2
    RED = 3


class Severity(StrEnum):
    """The list in which an entry stands."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class ReportEntry:
    """What happened at a time; the operator of the server says what a code means.

    `code_list` is URI and version of the list that has the code.
    """

    time: datetime
    severity: Severity
    code: str
    reason: str
    code_list: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class AdditionalReport:
    """A report of somebody else about the message: its kind (code) and its bytes."""

    kind: str
    data: bytes


@dataclass(frozen=True)
class ReportView:
    """A TransportReport; its entries stand in the order of their times.

    When it was `written` makes no difference between two that say the same.
    """

    status: ReportStatus
    written: datetime = field(compare=False)
    server: str
    head: MessageHead
    entries: tuple[ReportEntry, ...]
    additional: tuple[AdditionalReport, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the entries."""
        return tuple(entry.code for entry in self.entries)

    @property
    def times(self) -> dict[str, datetime]:
        """The times that have come, by their XTA names."""
        times = self.head.times
        named = {
            "Origin": times.origin,
            "InitialSend": times.initial_send,
            "Delivery": times.delivery,
            "InitialFetch": times.initial_fetch,
            "Reception": times.reception,
        }
        return {name: moment for name, moment in named.items() if moment}


def read_report(report: Any) -> ReportView:
    """A TransportReport as zeep gives it; raises ValueError for an unknown status."""
    status = report.MessageStatus
    lists = (
        (Severity.ERROR, status.ErrorList, "Error"),
        (Severity.WARNING, status.WarnList, "Warning"),
        (Severity.INFO, status.InfoList, "Info"),
    )
    entries = [
        _read_entry(severity, entry)
        for severity, holder, name in lists
        for entry in getattr(holder, name, None) or []
    ]
    additional = getattr(report.AdditionalReports, "Report", None) or []
    return ReportView(
        ReportStatus(int(status.Status)),
        report.ReportTime,
        report.XTAServerIdentity,
        read_head(report.MessageMetaData),
        tuple(sorted(entries, key=lambda entry: entry.time)),
        tuple(AdditionalReport(read_code(item.Key)[0], item.Data or b"") for item in additional),
    )


def _read_entry(severity: Severity, value: Any) -> ReportEntry:
    code, code_list = read_code(value.Code)
    return ReportEntry(value.Timestamp, severity, code, value.Reason or "", code_list)
