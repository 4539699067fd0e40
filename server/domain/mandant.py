"""The Mandant: an authority whose traffic this server carries."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from server.domain.behoerde import PartyIdentifier
from server.domain.mandant_access import ORDERED_ACCESS, AccessState, MandantAccess
from server.domain.reader_place import MailboxState


@dataclass(frozen=True)
class Mandant:
    """An account of this server.

    `is_electronic` tells whether it has a mailbox here; one without is served by letter.
    `carries_unknown` tells whether it exchanges messages of a schema that nobody here knows.
    `is_mailbox_led_by_web` tells whether its users fetch and confirm in the Web-Client; else its
    Fachverfahren does, and they only look.
    """

    key: int
    identifier: PartyIdentifier
    name: str
    is_electronic: bool
    carries_unknown: bool = True
    access: MandantAccess = ORDERED_ACCESS
    is_mailbox_led_by_web: bool = True

    def find_mailbox(self, today: date) -> MailboxState:
        """Open where messages can be put in on this day; closed where there was one once."""
        if self.is_electronic and self.access.is_active(today):
            return MailboxState.OPEN
        is_closed = self.is_electronic and self.access.is_over(today)
        return MailboxState.CLOSED if is_closed else MailboxState.NONE


@dataclass(frozen=True)
class AccessEntry:
    """A line in the history of an access: when, who, what (German), and how it then stood."""

    moment: datetime
    actor: str
    text: str
    state: AccessState
    last_day: date | None


@dataclass(frozen=True)
class CentreCaller:
    """Another data centre is calling, by its short name, for Mandanten that it serves."""

    centre: str

    def __str__(self) -> str:
        return f"Rechenzentrum {self.centre}"


@dataclass(frozen=True)
class Caller:
    """Who is calling: the Mandant to whom the client certificate is bound."""

    mandant: Mandant
    certificate_fingerprint: str
    certificate_not_after: datetime

    @classmethod
    def of_mandant(cls, mandant: Mandant) -> "Caller":
        """Somebody of the Mandant who proved it otherwise, such as a user of the Web-Client."""
        return cls(mandant, "", datetime.max.replace(tzinfo=UTC))

    def __str__(self) -> str:
        return str(self.mandant.identifier)


AnyCaller = Caller | CentreCaller
