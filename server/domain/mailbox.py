"""The mailbox of a reader: which of the waiting messages are meant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class MailboxSelector:
    """OSCI MsgSelector: all criteria must fit; an empty one selects every waiting message.

    `is_only_new` leaves out what has been fetched before, but was not confirmed.
    """

    message_id_list: tuple[str, ...] = ()
    delivered_from: datetime | None = None
    delivered_to: datetime | None = None
    is_only_new: bool = False
