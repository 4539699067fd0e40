"""What a message says of itself, whatever its schema: enough to route and to find it."""

from dataclasses import dataclass

from server.domain.anschrift import Anschrift


@dataclass(frozen=True)
class RoutingData:
    """Empty texts where a message does not say it, or its profile does not know where.

    `sender` and `reader` are identifiers as they stand; `anschrift` is the debtor's.
    """

    sender: str
    reader: str
    aktenzeichen: str
    einnahmeart: str
    anschrift: Anschrift
