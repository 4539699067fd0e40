"""The Mandant: an authority whose traffic this server carries."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.behoerde import PartyIdentifier


@dataclass(frozen=True)
class Mandant:
    """An account of this server.

    `is_electronic` tells whether it has a mailbox here; one without is served by letter.
    `carries_unknown` tells whether it exchanges messages of a schema that nobody here knows.
    """

    key: int
    identifier: PartyIdentifier
    name: str
    is_electronic: bool
    is_locked: bool = False
    carries_unknown: bool = True


@dataclass(frozen=True)
class Caller:
    """Who is calling: the Mandant to whom the client certificate is bound."""

    mandant: Mandant
    certificate_fingerprint: str
    certificate_not_after: datetime

    def __str__(self) -> str:
        return str(self.mandant.identifier)
