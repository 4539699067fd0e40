"""What a message says of itself, whatever its schema: enough to route, to find and to follow it."""

from dataclasses import dataclass

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier


@dataclass(frozen=True)
class RoutingData:
    """Empty texts where a message does not say it, or its profile does not know where.

    `sender` and `reader` stand as the message names them, their type may be missing;
    `aktenzeichen` is the sender's own, `aktenzeichen_reader` that of the other side. `bezug` is
    the MessageID that the message is about. `event` is what the message means for its Vorgang (a
    word of the profile), and `outcome` what it says about it. `anschrift` is the debtor's. `frist`
    is the day by which an answer is wanted, `abgegeben_an` to whom the matter was passed on
    (None where it was not). `schuldner_list` names the debtors, surname first.
    """

    sender: PartyIdentifier
    reader: PartyIdentifier
    aktenzeichen: str
    aktenzeichen_reader: str
    bezug: str
    event: str
    outcome: str
    einnahmeart: str
    anschrift: Anschrift
    frist: str = ""
    abgegeben_an: PartyIdentifier | None = None
    schuldner_list: tuple[str, ...] = ()
