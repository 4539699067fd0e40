"""Where a delivery order takes its message."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from server.domain.behoerde import Kanal


class DestinationKind(StrEnum):
    """The kind of a destination; each has a channel of its own, but for OPEN and OUTPUT.

    SCANNER is no end of the way: from there a message goes on. OUTPUT takes batches of letters,
    not messages: an order to LETTER ends when the letter is set.
    """

    OPEN = "offen"
    MAILBOX = "postfach"
    LETTER = "brief"
    DATA_CENTRE = "rechenzentrum"
    SCANNER = "virenscanner"
    OUTPUT = "druckausgabe"


@dataclass(frozen=True)
class Destination:
    """A destination; what fails there fails for every message that goes there.

    `name` is the identifier of a mailbox's owner (`type:value`), the name of a print output, or
    that of a data centre. A letter has none: which output prints it is settled when it is set. It
    is empty too where the destination is still open, because the directory was away when the
    message was sent.
    """

    kind: DestinationKind
    name: str = ""

    @property
    def kanal(self) -> Kanal | None:
        """The channel as the directory calls it; None while the destination is open."""
        if self.kind in (DestinationKind.OPEN, DestinationKind.SCANNER):
            return None
        is_letter = self.kind in (DestinationKind.LETTER, DestinationKind.OUTPUT)
        return Kanal.BRIEF if is_letter else Kanal.ELEKTRONISCH

    def means(self, other: "Destination") -> bool:
        """True where who names this destination means the other one.

        Without a name all of the kind are meant; letters wait for the outputs that print them.
        """
        if self.kind is DestinationKind.LETTER and other.kind is DestinationKind.OUTPUT:
            return True
        return self.kind is other.kind and self.name in ("", other.name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value


class OrderQueue(IntEnum):
    """Orders to other data centres have a queue of their own.

    One that takes connections and never answers holds up no mailbox and no letter.
    """

    HERE = 0
    FORWARDING = 1

    @classmethod
    def of(cls, destination: Destination) -> "OrderQueue":
        """The queue in which an order to this destination waits."""
        is_elsewhere = destination.kind is DestinationKind.DATA_CENTRE
        return cls.FORWARDING if is_elsewhere else cls.HERE


OPEN = Destination(DestinationKind.OPEN)
SCANNER = Destination(DestinationKind.SCANNER)
LETTER = Destination(DestinationKind.LETTER)


def read_destination(text: str) -> Destination:
    """A destination as `str` writes it; raises ValueError."""
    kind, _, name = text.partition(":")
    return Destination(DestinationKind(kind), name)
