"""What can go wrong in a call, as exceptions with a meaning."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError
from zeep.exceptions import Fault, TransportError, XMLParseError, XMLSyntaxError

from clients.contents import ContentUnreadable
from clients.multipart import PackageIncomplete, PackageUnreadable

MESSAGE_ID_UNKNOWN = "9070"
# A proxy says so where the server is away, or has not answered.
AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
# Internal error, and a directory that is away (docs/faults.md): both pass.
_PASSING = ("9030", "9031")
_DESCRIPTION_LENGTH = 500


class XtaError(Exception):
    """A call failed; the text says why.

    `is_retryable` says that the same call may succeed later. `message_id` is the MessageID of a
    `send` that failed: who sends the same again later sends it under this one.
    """

    is_retryable = False
    # The request may have been worked on, although there is no answer.
    may_have_arrived = False
    message_id = ""


class XtaFault(XtaError):
    """The server refused: `code` and `name` of the XTA error list, and the German `reason`.

    `exception` is the exception of the contract ("InvalidMessageIDException"). Code, name and
    exception are empty for a fault that is none of XTA.
    """

    def __init__(self, code: str, name: str, exception: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.name = name
        self.exception = exception
        self.reason = reason
        self.is_retryable = code in _PASSING
        self.may_have_arrived = self.is_retryable

    @property
    def is_unknown_message_id(self) -> bool:
        """True where the account knows no such message."""
        return self.code == MESSAGE_ID_UNKNOWN


class XtaUnreachable(XtaError):
    """There is no answer: no connection, a broken one, or a proxy that says 502, 503 or 504."""

    def __init__(self, reason: str, *, may_have_arrived: bool, is_retryable: bool = True) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived
        self.is_retryable = is_retryable


class XtaUnreadable(XtaError):
    """There is an answer, but none of XTA, or one beyond the limits."""


class MailboxRefusal(XtaError):
    """The mailbox cannot use a request; nothing was confirmed.

    `reason` is RequestIdInvalid (an iterator that is unknown or has ended: start again with
    `fetch`) or SearchArgsInvalid (a selection that contradicts itself).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def telling_errors() -> Iterator[None]:
    """Turns what zeep and requests raise into XtaError, and unreadable contents into OSError."""
    try:
        yield
    except ContentUnreadable as error:
        # No OSError from the start: requests would take it for one of the connection.
        raise OSError(str(error)) from error
    except Fault as fault:
        raise _to_fault(fault) from fault
    except requests.RequestException as error:
        raise _to_unreachable(error) from error
    except PackageIncomplete as error:
        raise XtaUnreachable(str(error), may_have_arrived=True) from error
    except (PackageUnreadable, TransportError, XMLSyntaxError, XMLParseError) as error:
        raise XtaUnreadable(_describe(error)) from error


def _to_fault(fault: Fault) -> XtaError:
    reason = str(fault.message or "")
    if isinstance(fault.detail, bytes):
        return XtaUnreadable("the answer is XML, but no envelope with a fault")
    for exception in () if fault.detail is None else fault.detail:
        return XtaFault(
            _find_text(exception, "{*}errorCode/code"),
            _find_text(exception, "{*}errorCode/name"),
            str(exception.tag).rpartition("}")[2],
            reason,
        )
    return XtaFault("", "", "", reason)


def _find_text(element: Any, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _to_unreachable(error: requests.RequestException) -> XtaError:
    if error.response is not None and error.response.status_code not in AWAY:
        return XtaUnreadable(_describe(error))
    cause = getattr(error.args[0], "reason", None) if error.args else None
    never_left = isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)
    is_untrusted = any(isinstance(item, SSLCertVerificationError) for item in _list_causes(error))
    return XtaUnreachable(
        _describe(error),
        may_have_arrived=not (never_left or is_untrusted),
        # What is no URL does not become one (requests marks it as a ValueError).
        is_retryable=not (is_untrusted or isinstance(error, ValueError)),
    )


def _describe(error: Exception) -> str:
    # zeep puts the whole answer into its texts.
    return f"{type(error).__name__}: {str(error)[:_DESCRIPTION_LENGTH]}"


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
