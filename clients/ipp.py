"""The Internet Printing Protocol (RFC 8010, 8011) to CUPS or a printer.

aioipp packs and unpacks the messages; it would read a whole document into memory and knows
asyncio only, so that the requests go out by `requests` (ADR 0010).
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from pyipp.enums import IppJobState, IppOperation, IppTag
from pyipp.parser import parse
from pyipp.serializer import construct_attribute, encode_dict

_VERSION = (2, 0)
_CONTENT_TYPE = "application/ipp"
_PORT = 631
_SUCCESS = range(0x0000, 0x0100)
_END = struct.pack(">b", IppTag.END.value)
_MAX_ANSWER = 64 * 1024 * 1024
# A count of seconds that is this near to the time of day is one (CUPS), not an up time.
_CLOCK_TOLERANCE = 7 * 24 * 3600
_JOB_ATTRIBUTES = (
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-printer-state-message",
    "time-at-creation",
    "time-at-completed",
    "job-printer-up-time",
)


class IppUnavailable(Exception):
    """The printer did not answer, or not as IPP says; the text is German."""


class IppRefused(Exception):
    """The printer refused with a status (RFC 8011, appendix B); the text is German."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"Status 0x{status:04x}{f', {message}' if message else ''}")
        self.status = status


class JobState(IntEnum):
    """How far a job is (RFC 8011, 5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


@dataclass(frozen=True)
class IppJob:
    """A job as the printer tells it; `changed` is when it ended, or else when it came."""

    job_id: int
    name: str
    state: JobState
    reasons: tuple[str, ...]
    changed: datetime


@dataclass(frozen=True)
class IppAccess:
    """Where a queue is (`ipp://` or `ipps://`) and as whom; an empty `ca` trusts the system."""

    url: str
    user: str = "damtshilfe"
    password: str = field(default="", repr=False)
    ca: Path | None = None
    timeout_seconds: float = 30


@dataclass(frozen=True)
class Document:
    """A PDF to print: its bytes, and how many they are; `open_chunks` may be called once more."""

    size: int
    open_chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class _Body:
    """A request: the message, and behind it the document while it is read."""

    message: bytes
    document: Document | None = None

    def __len__(self) -> int:
        return len(self.message) + (self.document.size if self.document else 0)

    def __iter__(self) -> Iterator[bytes]:
        chunks: Iterable[bytes] = self.document.open_chunks() if self.document else ()
        return chain((self.message,), chunks)


class IppQueue:
    """A queue of a print server; one connection, kept open. Close it after use.

    Every method raises IppUnavailable and IppRefused.
    """

    def __init__(self, access: IppAccess) -> None:
        self._access = access
        parts = urlsplit(access.url)
        scheme = "https" if parts.scheme == "ipps" else "http"
        self._http_url = f"{scheme}://{parts.hostname}:{parts.port or _PORT}{parts.path}"
        self._session = requests.Session()
        # Neither a proxy nor another CA by the environment.
        self._session.trust_env = False
        self._session.verify = str(access.ca) if access.ca else True
        if access.password:
            self._session.auth = (access.user, access.password)

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def require_ready(self) -> None:
        """Does nothing where the queue is there and takes jobs."""
        answer = self._ask(
            IppOperation.GET_PRINTER_ATTRIBUTES,
            {"requested-attributes": ["printer-is-accepting-jobs", "printer-name"]},
        )
        printer: dict[str, Any] = next(iter(answer["printers"]), {})
        if not printer.get("printer-is-accepting-jobs", True):
            raise IppUnavailable("die Warteschlange nimmt nichts an")

    def validate(self, attributes: Mapping[str, str]) -> None:
        """Whether the queue would take a PDF with these attributes of a job."""
        self._ask(IppOperation.VALIDATE_JOB, {"document-format": "application/pdf"}, attributes)

    def print_document(self, name: str, document: Document, attributes: Mapping[str, str]) -> int:
        """Prints a PDF as a job with this name; returns the job's number."""
        operation = {"job-name": name, "document-format": "application/pdf"}
        answer = self._ask(IppOperation.PRINT_JOB, operation, attributes, document)
        return int(answer["jobs"][0]["job-id"])

    def list_jobs(self) -> tuple[IppJob, ...]:
        """All jobs of this queue that the printer remembers, in the order of their numbers."""
        found = []
        for which in ("not-completed", "completed"):
            answer = self._ask(
                IppOperation.GET_JOBS,
                {"which-jobs": which, "requested-attributes": list(_JOB_ATTRIBUTES)},
            )
            found += [_to_job(values) for values in answer["jobs"] if "job-id" in values]
        # One that ended in between is in both answers; the later one counts.
        return tuple(
            sorted({job.job_id: job for job in found}.values(), key=lambda job: job.job_id)
        )

    def release(self, job_id: int) -> None:
        """Lets a held job be printed."""
        self._ask(IppOperation.RELEASE_JOB, {"job-id": job_id})

    def cancel(self, job_id: int) -> None:
        """Ends a job that has not ended."""
        self._ask(IppOperation.CANCEL_JOB, {"job-id": job_id})

    def _ask(
        self,
        operation: IppOperation,
        values: Mapping[str, Any],
        attributes: Mapping[str, str] | None = None,
        document: Document | None = None,
    ) -> dict[str, Any]:
        message = self._write_message(operation, values, attributes or {})
        answer = _read_answer(self._post(_Body(message, document)))
        status = answer["status-code"]
        if status not in _SUCCESS:
            raise IppRefused(status, str(answer["operation-attributes"].get("status-message", "")))
        return answer

    def _write_message(
        self, operation: IppOperation, values: Mapping[str, Any], attributes: Mapping[str, str]
    ) -> bytes:
        # The order of the first attributes is prescribed (RFC 8011, 4.1.4).
        message = {
            "version": _VERSION,
            "operation": operation,
            "request-id": 1,
            "operation-attributes-tag": {
                "attributes-charset": "utf-8",
                "attributes-natural-language": "de",
                "printer-uri": self._access.url,
                **{key: value for key, value in values.items() if key == "job-id"},
                "requesting-user-name": self._access.user,
                **{key: value for key, value in values.items() if key != "job-id"},
            },
        }
        encoded = encode_dict(message).removesuffix(_END)
        if attributes:
            encoded += struct.pack(">b", IppTag.JOB.value)
            for key, value in attributes.items():
                encoded += construct_attribute(key, value, IppTag.KEYWORD)
        return encoded + _END

    def _post(self, body: _Body) -> bytes:
        try:
            with self._session.post(
                self._http_url,
                data=body,
                headers={"Content-Type": _CONTENT_TYPE},
                timeout=self._access.timeout_seconds,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code != requests.codes.ok:
                    raise IppUnavailable(f"HTTP-Status {response.status_code}")
                return _read_limited(response)
        except requests.RequestException as error:
            raise IppUnavailable(f"{type(error).__name__}: {error}") from error


def _read_limited(response: requests.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_content(256 * 1024):
        content += piece
        if len(content) > _MAX_ANSWER:
            raise IppUnavailable("die Antwort ist zu groß")
    return bytes(content)


def _read_answer(content: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = parse(content)
    # The parser says not which errors it raises for what is no IPP.
    except Exception as error:
        raise IppUnavailable("die Antwort ist kein IPP") from error
    return answer


def _to_job(values: Mapping[str, Any]) -> IppJob:
    try:
        state = values["job-state"]
        number = state.value if isinstance(state, IppJobState) else int(state)
        seconds = values.get("time-at-completed") or values["time-at-creation"]
        return IppJob(
            int(values["job-id"]),
            str(values.get("job-name", "")),
            JobState(number),
            _to_reasons(values),
            _to_moment(int(seconds), values.get("job-printer-up-time")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise IppUnavailable(f"ein Auftrag ist unvollständig beschrieben ({error})") from error


def _to_reasons(values: Mapping[str, Any]) -> tuple[str, ...]:
    reasons = values.get("job-state-reasons", ())
    listed = reasons if isinstance(reasons, list) else [reasons]
    text = [values.get("job-printer-state-message", ""), *listed]
    return tuple(str(reason) for reason in text if reason and reason != "none")


def _to_moment(seconds: int, up_time: object) -> datetime:
    """Printers count from when they were switched on, CUPS from 1970 (RFC 8011, 5.3.14)."""
    now = datetime.now(UTC).replace(microsecond=0)
    if isinstance(up_time, int) and abs(up_time - now.timestamp()) > _CLOCK_TOLERANCE:
        return now - timedelta(seconds=up_time - seconds)
    return datetime.fromtimestamp(seconds, UTC)
