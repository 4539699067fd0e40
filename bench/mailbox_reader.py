"""The reader of a filled mailbox: one request of each kind, timed."""

import http.client
import itertools
import re
import ssl
import time
from http import HTTPStatus
from urllib.parse import urlsplit

from bench.mailbox_filling import delivery_of, message_id_of
from tests.support.calls import READER, write_envelope
from tests.support.installation import OSCI_ACTION, Installation

_REQUEST_ID = re.compile(rb'MsgBoxRequestID="([^"]+)"')
_PENDING = re.compile(rb"ItemsPending>(\d+)<")
_NEW = '<osci:MsgSelector newEntry="true"/>'


class TimedReader:
    """Asks for a mailbox with `waiting` messages; every method returns seconds."""

    def __init__(self, installation: Installation, waiting: int) -> None:
        self._installation = installation
        self._waiting = waiting
        self._context = ssl.create_default_context(cafile=str(installation.ca))
        self._context.load_cert_chain(installation.certificate("jena"))
        # Each message is asked for once, so that every one is fetched anew.
        self._numbers = itertools.count(waiting // 2 + waiting // 4)

    def list_first(self) -> float:
        """The first page."""
        return self._ask("MsgBoxStatusListRequest", _list())[0]

    def list_second(self) -> float:
        """The second page."""
        _, request_id = self._ask("MsgBoxStatusListRequest", _list())
        return self._ask("MsgBoxGetNextListRequest", _go_on(request_id))[0]

    def list_new(self) -> float:
        """The first page of what was not fetched before."""
        return self._ask("MsgBoxStatusListRequest", _list(_NEW))[0]

    def list_half(self) -> float:
        """The first page of what came in after half of all."""
        selector = _between(self._waiting // 2, self._waiting)
        return self._ask("MsgBoxStatusListRequest", _list(selector))[0]

    def list_one_hour(self) -> float:
        """What came in within an hour."""
        first = self._waiting // 3
        return self._ask("MsgBoxStatusListRequest", _list(_between(first, first + 119)))[0]

    def fetch_oldest(self) -> float:
        """getMessage without a selection."""
        return self._ask("MsgBoxFetchRequest", _fetch())[0]

    def fetch_named(self) -> float:
        """getMessage by MessageID."""
        named = f"<wsa:MessageID>{message_id_of(next(self._numbers))}</wsa:MessageID>"
        return self._ask(
            "MsgBoxFetchRequest", _fetch(f"<osci:MsgSelector>{named}</osci:MsgSelector>")
        )[0]

    def fetch_new(self) -> float:
        """getMessage for the oldest that was not fetched before."""
        return self._ask("MsgBoxFetchRequest", _fetch(_NEW))[0]

    def fetch_second(self) -> float:
        """getNextMessage, which confirms the first."""
        request_id, message_id = self._fetch_one()
        return self._ask("MsgBoxGetNextMsgRequest", _go_on(request_id, message_id))[0]

    def close(self) -> float:
        """close, which confirms a message."""
        request_id, message_id = self._fetch_one()
        return self._ask("MsgBoxCloseRequest", _close(request_id, message_id), is_empty=True)[0]

    def _fetch_one(self) -> tuple[str, str]:
        """Fetches one of many that are selected; MsgBoxRequestID and MessageID."""
        number = next(self._numbers)
        selector = _between(number, self._waiting)
        return self._ask("MsgBoxFetchRequest", _fetch(selector))[1], message_id_of(number)

    def _ask(self, action: str, body: str, *, is_empty: bool = False) -> tuple[float, str]:
        """Seconds from request to answer on an open connection, and the MsgBoxRequestID."""
        identifier = f'<meta:Identifier type="xoev">{READER}</meta:Identifier>'
        content = write_envelope(body, f"<meta:Author>{identifier}</meta:Author>")
        kind = f'application/soap+xml; charset=utf-8; action="{OSCI_ACTION}{action}"'
        url = urlsplit(self._installation.url("msgbox"))
        connection = http.client.HTTPSConnection(
            str(url.hostname), url.port, context=self._context, timeout=120
        )
        connection.connect()
        start = time.perf_counter()
        connection.request("POST", url.path, content, {"Content-Type": kind})
        response = connection.getresponse()
        answer = response.read()
        seconds = time.perf_counter() - start
        connection.close()
        if response.status != HTTPStatus.OK or not (is_empty or _PENDING.search(answer)):
            raise RuntimeError(answer.decode(errors="replace"))
        found = _REQUEST_ID.search(answer)
        return seconds, found.group(1).decode() if found else ""


def _list(selector: str = "") -> str:
    return f"<osci:MsgBoxStatusListRequest>{selector}</osci:MsgBoxStatusListRequest>"


def _fetch(selector: str = "") -> str:
    return f"<osci:MsgBoxFetchRequest>{selector}</osci:MsgBoxFetchRequest>"


def _go_on(request_id: str, received: str = "") -> str:
    return _name("MsgBoxGetNextRequest", request_id, received)


def _close(request_id: str, received: str) -> str:
    return _name("MsgBoxCloseRequest", request_id, received)


def _name(element: str, request_id: str, received: str) -> str:
    confirmed = f"<osci:LastMsgReceived>{received}</osci:LastMsgReceived>" if received else ""
    return f'<osci:{element} MsgBoxRequestID="{request_id}">{confirmed}</osci:{element}>'


def _between(first: int, last: int) -> str:
    start, end = delivery_of(first).isoformat(), delivery_of(last).isoformat()
    return (
        f"<osci:MsgSelector><osci:MsgBoxEntryTimeFrom>{start}</osci:MsgBoxEntryTimeFrom>"
        f"<osci:MsgBoxEntryTimeTo>{end}</osci:MsgBoxEntryTimeTo></osci:MsgSelector>"
    )
