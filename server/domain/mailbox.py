"""The mailbox of a reader: which of the waiting messages are meant, and how far one has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class MailboxSelector:
    """OSCI MsgSelector: all criteria must fit; an empty one selects every waiting message.

    `relates_to_list` names messages that the wanted ones answer (In-Reply-To); `is_only_new`
    leaves out what has been fetched before, but was not confirmed. `has_unknown_criterion` says
    that more was asked for than this server knows (OSCI MsgSelector/Extension).
    """

    message_id_list: tuple[str, ...] = ()
    relates_to_list: tuple[str, ...] = ()
    delivered_from: datetime | None = None
    delivered_to: datetime | None = None
    is_only_new: bool = False
    has_unknown_criterion: bool = False

    @property
    def is_valid(self) -> bool:
        """False where nothing can be found, because the criteria are unknown or contradictory.

        To ignore a criterion would be to hand out what was not asked for.
        """
        first, last = self.delivered_from, self.delivered_to
        return not self.has_unknown_criterion and not (first and last and first > last)


@dataclass(frozen=True)
class MailboxPosition:
    """The last message that an iterator has handed out; mailboxes are sorted by both."""

    delivery: datetime
    message_key: int


class ListForm(StrEnum):
    """How a list entry is told (OSCI ListForm; the spelling is that of the standard)."""

    ATTRIBUTES = "MsgAtrributes"
    METADATA = "MessageMetaData"


@dataclass(frozen=True)
class MailboxIterator:
    """A request that can be gone on with: what was asked for and how far it has come."""

    request_id: str
    selector: MailboxSelector
    list_form: ListForm = ListForm.METADATA
    max_items: int = 1
    position: MailboxPosition | None = None
