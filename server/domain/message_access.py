"""Whether users of a Mandant see what a message holds (docs/web-client.md)."""

from enum import StrEnum

from server.domain.stored_message import StoredMessage


class MessageAccess(StrEnum):
    """What a Mandant may do with a message in the Web-Client.

    READABLE: its contents are shown. UNOPENED: it has to be opened first, which its author is told.
    CLOSED: it left the mailbox before anybody opened it. NONE: it is of others and does not exist.
    """

    READABLE = "lesbar"
    UNOPENED = "ungeöffnet"
    CLOSED = "nicht-mehr-da"
    NONE = "fremd"


def find_access(
    message: StoredMessage, mandant_key: int, *, is_mailbox_led_by_web: bool
) -> MessageAccess:
    """The access of a Mandant; one whose Fachverfahren leads the mailbox only looks at it."""
    if message.author_mandant == mandant_key:
        return MessageAccess.READABLE
    if message.reader_mandant != mandant_key or message.times.delivery is None:
        return MessageAccess.NONE
    if message.times.initial_fetch is not None:
        return MessageAccess.READABLE
    if not message.state.is_in_mailbox:
        return MessageAccess.CLOSED
    return MessageAccess.UNOPENED if is_mailbox_led_by_web else MessageAccess.READABLE
