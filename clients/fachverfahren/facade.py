"""The façade as the connector sees it: each call succeeds, or fails in one of three ways.

What the server refuses is the job's own fault and final. What is postponed may succeed later,
and other messages need not wait for it. Where the server cannot be reached, everything waits.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import requests
from zeep.exceptions import Fault, TransportError

from clients.fachverfahren.client import Attachment, FachverfahrenAccess, FachverfahrenClient
from clients.fachverfahren.settings import FacadeSettings

T = TypeVar("T")
# Codes of the list urn:de:xta:webservice:codeliste:fehlernummer, by their beginning.
_ACCESS = "901"
_SERVER_TROUBLE = "903"
_UNKNOWN_MESSAGE = "9070"
_TOO_LARGE = 413
_SERVER_ERROR = 500


class Refused(Exception):
    """For good: code of the fault (empty where the connector itself refuses), cause, remedy."""

    def __init__(self, code: str, cause: str, remedy: str) -> None:
        super().__init__(f"{code} {cause}".strip())
        self.code = code
        self.cause = cause
        self.remedy = remedy


class Postponed(Exception):
    """This message cannot go now; it is tried again."""


class Unreachable(Exception):
    """Nothing can go now: the server is away, or does not let this Mandant in."""


@dataclass(frozen=True)
class OutgoingContent:
    """What `senden` takes."""

    message: bytes
    attachments: tuple[Attachment, ...]


class Facade:
    """Connects when it is first needed, so that the connector starts while the server is away."""

    def __init__(self, settings: FacadeSettings) -> None:
        self._settings = settings
        self._client: FachverfahrenClient | None = None

    def check(self) -> None:
        """Asks for a report that does not exist; raises Unreachable, Postponed, Refused."""
        self.find_report(f"urn:uuid:{uuid.uuid4()}")

    def send(self, message_id: str, content: OutgoingContent, *, is_test: bool = False) -> datetime:
        """Sends to the Behoerde that the message names; when it was accepted.

        Raises Refused, Postponed, Unreachable. The same content under the same MessageID may be
        sent again.
        """

        def send(client: FachverfahrenClient) -> datetime:
            answer = client.send(None, content.message, content.attachments, message_id, is_test)
            return _require_moment(answer.angenommen)

        return self._ask(send)

    def receive(self) -> Any | None:
        """The oldest message of the mailbox as the contract names it; None where it is empty."""
        return self._ask(lambda client: client.receive().nachricht)

    def confirm(self, message_id: str) -> None:
        """Confirms a fetched message; it may be confirmed again."""
        self._ask(lambda client: _require_moment(client.confirm(message_id).bestaetigt))

    def find_report(self, message_id: str) -> Any | None:
        """The report as the contract names it; None where the server does not know the message."""
        try:
            return self._ask(lambda client: client.find_report(message_id))
        except Refused as refusal:
            if refusal.code == _UNKNOWN_MESSAGE:
                return None
            raise

    def _ask(self, operation: Callable[[FachverfahrenClient], T]) -> T:
        client = self._connect()
        try:
            return operation(client)
        except Fault as fault:
            raise _judge_fault(fault) from fault
        except TransportError as error:
            raise _judge_status(error) from error
        except requests.RequestException as error:
            raise self._judge_break(error) from error
        except Exception as error:
            # An answer that is none of the contract's: a proxy, another version.
            raise Postponed(f"{type(error).__name__}: {error}") from error

    def _judge_break(self, error: requests.RequestException) -> Exception:
        """A connection broke: because of this one message, if the server answers otherwise."""
        problem = f"{type(error).__name__}: {error}"
        self._client = None
        try:
            self._connect()
        except Unreachable:
            return Unreachable(problem)
        return Postponed(problem)

    def _connect(self) -> FachverfahrenClient:
        if self._client is None:
            try:
                self._client = FachverfahrenClient(_to_access(self._settings))
            except Exception as error:
                # Without the contract nothing can be said, whatever came instead of it.
                raise Unreachable(f"{type(error).__name__}: {error}") from error
        return self._client


def _to_access(settings: FacadeSettings) -> FachverfahrenAccess:
    return FachverfahrenAccess(
        settings.url.removesuffix("?wsdl").rstrip("/"),
        settings.certificate,
        settings.server_ca,
        # Faults that come before the envelope is read are in SOAP 1.2.
        is_soap_12=True,
        timeout_seconds=settings.timeout_seconds,
    )


def _judge_fault(fault: Fault) -> Exception:
    texts = _read_detail(fault.detail)
    code, cause = texts.get("code", ""), texts.get("ursache") or str(fault.message)
    if code.startswith(_ACCESS):
        return Unreachable(f"{code} {cause}")
    if code.startswith(_SERVER_TROUBLE) or not _blames_caller(fault):
        return Postponed(f"{code} {cause}".strip())
    return Refused(code, cause, texts.get("abhilfe", ""))


def _blames_caller(fault: Fault) -> bool:
    return str(fault.code).rpartition(":")[2] in ("Client", "Sender")


def _judge_status(error: TransportError) -> Exception:
    status = error.status_code or 0
    if status == _TOO_LARGE:
        return Refused(
            str(status),
            "Die Anfrage ist größer, als der Server oder ein Rechner davor erlaubt.",
            "Bitte die Anlagen verkleinern oder auf mehrere Nachrichten verteilen.",
        )
    problem = f"HTTP {status}: {error.message}"
    return Unreachable(problem) if status >= _SERVER_ERROR else Postponed(problem)


def _read_detail(detail: Any) -> dict[str, str]:
    """The texts of `fehler` by their names; none where the fault is not one of the façade."""
    if detail is None or isinstance(detail, bytes | str):
        return {}
    return {
        str(element.tag).rpartition("}")[2]: (element.text or "").strip()
        for element in detail.iter()
    }


def _require_moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("the answer names no moment")
    return value
