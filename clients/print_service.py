"""A print service over HTTP: the interface that docs/print-plugins.md describes.

Files are read while they are sent; a request can be repeated, its key tells that it is the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from requests_toolbelt import MultipartEncoder

_MAX_ANSWER = 32 * 1024 * 1024
_MAX_REASON = 500
# Over the whole batch, as the service counted it.
SUMS = ("letterCount", "pageCount", "sheetCount")
# What another attempt cannot heal; a wrong login can be put right, so it is not among them.
_FOR_GOOD = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


class PrintServiceUnavailable(Exception):
    """The service gave no usable answer; the text is German."""


class PrintServiceRefused(Exception):
    """The service will not do this; the text is German."""


@dataclass(frozen=True)
class PrintServiceAccess:
    """Where the service is, and how we show who we are.

    An empty `ca` trusts the system; `certificate` is PEM with its key.
    """

    url: str
    ca: Path | None = None
    certificate: Path | None = None
    token: str = field(default="", repr=False)
    timeout_seconds: float = 60


@dataclass(frozen=True)
class Upload:
    """A file of a batch; `open_chunks` gives its bytes, anew at each call."""

    field: str
    filename: str
    media_type: str
    size: int
    open_chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class LetterState:
    """A letter as the service tells it, in its own words; the last two are what it counted."""

    letter_id: str
    state: str
    moment: str
    reason: str
    pages: object = None
    sheets: object = None


@dataclass(frozen=True)
class BatchProgress:
    """The letters of a batch, and the sums that the service may tell (SUMS), as they stood."""

    letters: tuple[LetterState, ...]
    sums: Mapping[str, object]


class _Reader:
    """A file as MultipartEncoder reads it: `len` is what is left of it."""

    def __init__(self, upload: Upload) -> None:
        self.len = upload.size
        self._upload = upload
        self._chunks: Iterator[bytes] | None = None
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; fewer only at the end, all of them where it is negative."""
        wanted = self.len if size < 0 else min(size, self.len)
        # The first read opens: not all files of a batch at once.
        self._chunks = self._chunks or iter(self._upload.open_chunks())
        pieces = [self._rest]
        missing = wanted - len(self._rest)
        while missing > 0:
            piece = next(self._chunks, b"")
            if not piece:
                raise PrintServiceUnavailable(f"{self._upload.filename} ist kürzer als angegeben")
            pieces.append(piece)
            missing -= len(piece)
        data = b"".join(pieces)
        self._rest = data[wanted:]
        self.len -= wanted
        if not self.len:
            # The file is closed at once, not when the batch has been sent.
            self._chunks = None
        return data[:wanted]


class PrintService:
    """The operations of a service; every method raises PrintServiceUnavailable.

    Close it after use.
    """

    def __init__(self, access: PrintServiceAccess) -> None:
        self._access = access
        self._session = requests.Session()
        # Neither a proxy nor another CA nor a login by the environment.
        self._session.trust_env = False
        self._session.verify = str(access.ca) if access.ca else True
        if access.certificate:
            self._session.cert = str(access.certificate)
        if access.token:
            self._session.headers["Authorization"] = f"Bearer {access.token}"

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def check(self) -> None:
        """Asks whether the service is there and knows us."""
        self._ask("GET", "/status")

    def send_batch(self, batch_id: str, values: Mapping[str, str], files: Sequence[Upload]) -> str:
        """Sends a batch and returns what the service calls it; raises PrintServiceRefused."""
        fields: list[tuple[str, Any]] = list(values.items())
        fields += [(item.field, (item.filename, _Reader(item), item.media_type)) for item in files]
        body = MultipartEncoder(fields)
        headers = {"Content-Type": body.content_type, "Idempotency-Key": batch_id}
        answer = self._ask("POST", "/batches", data=body, headers=headers)
        return str(answer.get("reference") or batch_id)

    def find_progress(self, reference: str) -> BatchProgress:
        """What became of the letters of a batch."""
        answer = self._ask("GET", f"/batches/{quote(reference, safe='')}/letters")
        listed = answer.get("letters")
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            raise PrintServiceUnavailable("die Antwort nennt keine Briefe")
        return BatchProgress(tuple(map(_to_state, listed)), {key: answer.get(key) for key in SUMS})

    def cancel_letters(self, reference: str, letter_ids: Sequence[str]) -> frozenset[str]:
        """Withdraws letters; returns those that will not be posted."""
        path = f"/batches/{quote(reference, safe='')}/cancellation"
        answer = self._ask("POST", path, json={"letters": list(letter_ids)})
        listed = answer.get("cancelled")
        if not isinstance(listed, list):
            raise PrintServiceUnavailable("die Antwort nennt keine Briefe")
        return frozenset(map(str, listed))

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            with self._session.request(
                method,
                f"{self._access.url}{path}",
                timeout=self._access.timeout_seconds,
                # A redirection would be followed with token and certificate.
                allow_redirects=False,
                stream=True,
                **request,
            ) as response:
                content = _read_limited(response)
                return _read_answer(response.status_code, content)
        except (requests.RequestException, OSError) as error:
            raise PrintServiceUnavailable(f"{type(error).__name__}: {error}") from error


def _to_state(item: Mapping[str, object]) -> LetterState:
    letter_id, state, moment, reason = (
        str(item.get(name, "")) for name in ("letterId", "state", "moment", "reason")
    )
    return LetterState(letter_id, state, moment, reason, item.get("pages"), item.get("sheets"))


def _read_limited(response: requests.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > _MAX_ANSWER:
            raise PrintServiceUnavailable("die Antwort ist zu groß")
    return bytes(content)


def _read_answer(status: int, content: bytes) -> dict[str, Any]:
    if status in _FOR_GOOD:
        raise PrintServiceRefused(f"HTTP-Status {status}{_quote_reason(content)}")
    if status not in range(200, 300):
        raise PrintServiceUnavailable(f"HTTP-Status {status}{_quote_reason(content)}")
    if not content:
        return {}
    try:
        answer = json.loads(content)
    except ValueError:
        raise PrintServiceUnavailable("die Antwort ist kein JSON") from None
    if not isinstance(answer, dict):
        raise PrintServiceUnavailable("die Antwort ist kein JSON-Objekt")
    return answer


def _quote_reason(content: bytes) -> str:
    """What the service says of it (RFC 9457, `detail`), if it does."""
    try:
        detail = json.loads(content)["detail"]
    except (ValueError, LookupError, TypeError):
        return ""
    return f": {' '.join(str(detail).split())[:_MAX_REASON]}"
