"""Errors on their way out: the one exception that Spyne is allowed to see."""

import errno
import re
from enum import StrEnum

from spyne import Fault as SpyneFault

from server.errors import AmtshilfeError, Blame, Faults

# A disk that is full, over its quota, read-only or broken: nothing was stored, and it passes.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# What no XML document can hold (XML 1.0, 2.2); a reason may quote what came in.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FaultCode(StrEnum):
    """Codes of a SOAP 1.2 fault (part 1, 5.4.6)."""

    SENDER = "Sender"
    RECEIVER = "Receiver"
    VERSION_MISMATCH = "VersionMismatch"
    MUST_UNDERSTAND = "MustUnderstand"


class WireFault(SpyneFault):  # type: ignore[misc]
    """An error with what the envelope needs beside it.

    `addressing_subcodes` are local names of a fault of WS-Addressing 1.0 (SOAP binding, 6.4),
    the general one first.
    """

    def __init__(
        self,
        error: AmtshilfeError,
        code: FaultCode | None = None,
        addressing_subcodes: tuple[str, ...] = (),
    ) -> None:
        is_sender = error.fault.blame == Blame.SENDER
        super().__init__("Client" if is_sender else "Server", error.reason)
        reason = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", error.reason)
        self.error = AmtshilfeError(error.fault, reason)
        self.code = code or (FaultCode.SENDER if is_sender else FaultCode.RECEIVER)
        self.addressing_subcodes = addressing_subcodes

    @property
    def text(self) -> str:
        """What a person reads: code, cause and remedy, in German."""
        fault = self.error.fault
        return f"{fault.code}: {self.error.reason} {fault.remedy}"


def malformed(
    reason: str, code: FaultCode | None = None, addressing_subcodes: tuple[str, ...] = ()
) -> WireFault:
    """The envelope itself is wrong (9000)."""
    return WireFault(AmtshilfeError(Faults.MALFORMED_REQUEST, reason), code, addressing_subcodes)


def unspecified(fault: WireFault) -> WireFault:
    """The same fault for an operation that does not declare its exception: 9000 with its words."""
    row = fault.error.fault
    error = AmtshilfeError(Faults.UNDECLARED, f"{row.code} {row.name} {fault.error.reason}")
    return WireFault(error, fault.code, fault.addressing_subcodes)


def internal_error() -> WireFault:
    """Something went wrong here (9030); what it was stands in the log."""
    return WireFault(
        AmtshilfeError(Faults.INTERNAL_ERROR, "Die Anfrage konnte nicht bearbeitet werden.")
    )


def storage_unavailable() -> WireFault:
    """The disk takes nothing for now (9030, to be repeated); the log tells why."""
    return WireFault(
        AmtshilfeError(
            Faults.STORAGE_UNAVAILABLE,
            "Der Speicher des Servers ist zurzeit voll, nur lesbar oder gestört.",
        )
    )
