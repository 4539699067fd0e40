"""What a message says to the Vorgang: read once at the door and kept with the message.

So later events of the same message need no second look into its content.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from server.domain.behoerde import TYPE_LENGTH, PartyIdentifier
from server.domain.routing import RoutingData

# Longer references are cut: they are compared and kept, never sent on.
_REFERENCE_LENGTH = 255


class VorgangEvent(StrEnum):
    """What can happen in a Vorgang.

    The first group are the words of a message profile; `sonstige` is a message of which the
    server knows only that it belongs to the Vorgang. The second group happens to a message on
    its way. `erinnerung` is written by the server.
    """

    ERSUCHEN = "ersuchen"
    EINGANGSBESTAETIGUNG = "eingangsbestaetigung"
    ABGABE = "abgabe"
    RUECKFRAGE = "rueckfrage"
    ANTWORT = "antwort"
    FORDERUNGSAENDERUNG = "forderungsaenderung"
    RATENZAHLUNG = "ratenzahlung"
    ZAHLUNGSMITTEILUNG = "zahlungsmitteilung"
    SACHSTAND = "sachstand"
    ERGEBNIS = "ergebnis"
    RUECKNAHME = "ruecknahme"
    ERLEDIGUNG = "erledigung"
    ZURUECKWEISUNG = "zurueckweisung"
    SONSTIGE = "sonstige"

    ZUGESTELLT = "zugestellt"
    BRIEF_AUSGEGEBEN = "brief-ausgegeben"
    BRIEF_ZURUECKGEKOMMEN = "brief-zurueckgekommen"
    EMPFANGEN = "empfangen"
    ZURUECKGEZOGEN = "zurueckgezogen"
    VERFALLEN = "verfallen"
    ZURUECKGEGEBEN = "zurueckgegeben"
    ANGEHALTEN = "angehalten"
    TEST_BEENDET = "test-beendet"
    ERSATZBRIEF = "ersatzbrief"
    SCHADSOFTWARE = "schadsoftware"

    ERINNERUNG = "erinnerung"


TRANSPORT_EVENTS = frozenset(
    {
        VorgangEvent.ZUGESTELLT,
        VorgangEvent.BRIEF_AUSGEGEBEN,
        VorgangEvent.BRIEF_ZURUECKGEKOMMEN,
        VorgangEvent.EMPFANGEN,
        VorgangEvent.ZURUECKGEZOGEN,
        VorgangEvent.VERFALLEN,
        VorgangEvent.ZURUECKGEGEBEN,
        VorgangEvent.ANGEHALTEN,
        VorgangEvent.TEST_BEENDET,
        VorgangEvent.ERSATZBRIEF,
        VorgangEvent.SCHADSOFTWARE,
    }
)
MESSAGE_EVENTS = frozenset(VorgangEvent) - TRANSPORT_EVENTS - {VorgangEvent.ERINNERUNG}
# The words that a message profile may use.
PROFILE_EVENTS = MESSAGE_EVENTS - {VorgangEvent.SONSTIGE}


@dataclass(frozen=True)
class ProcessRef:
    """How both sides call their process (OSCI MessageMetaData 2.02, ProcessRef)."""

    requester: str = ""
    responder: str = ""

    @property
    def is_empty(self) -> bool:
        """True where neither side has named its process."""
        return not (self.requester or self.responder)


@dataclass(frozen=True)
class VorgangFacts:
    """`aktenzeichen` is the sender's own, `aktenzeichen_reader` that of the other side.

    `related_ids` are the MessageIDs that are answered; `abgegeben_an` names the Behoerde to which
    a matter was passed on. `hint` is what the server noticed of the message at the door (a German
    sentence); both sides see it.
    """

    event: VorgangEvent
    outcome: str = ""
    aktenzeichen: str = ""
    aktenzeichen_reader: str = ""
    related_ids: tuple[str, ...] = ()
    process: ProcessRef = field(default_factory=ProcessRef)
    frist: date | None = None
    abgegeben_an: PartyIdentifier | None = None
    hint: str = ""


def gather_facts(
    routing: RoutingData | None, in_reply_to: Sequence[str], process: ProcessRef
) -> VorgangFacts | None:
    """The facts of a message; None where it says nothing about any Vorgang."""
    related = [*in_reply_to, *([routing.bezug] if routing and routing.bezug else ())]
    related_ids = tuple(dict.fromkeys(item for item in related if len(item) <= _REFERENCE_LENGTH))
    process = ProcessRef(_cut(process.requester), _cut(process.responder))
    if routing is None or routing.event not in PROFILE_EVENTS:
        if not related_ids and process.is_empty:
            return None
        return VorgangFacts(VorgangEvent.SONSTIGE, related_ids=related_ids, process=process)
    return VorgangFacts(
        VorgangEvent(routing.event),
        _cut(routing.outcome),
        _cut(routing.aktenzeichen),
        _cut(routing.aktenzeichen_reader),
        related_ids,
        process,
        _read_day(routing.frist),
        _keep_storable(routing.abgegeben_an),
    )


def _cut(text: str) -> str:
    return text[:_REFERENCE_LENGTH]


def _keep_storable(party: PartyIdentifier | None) -> PartyIdentifier | None:
    if party is None or len(party.value) > _REFERENCE_LENGTH or len(party.type) > TYPE_LENGTH:
        return None
    return party


def _read_day(text: str) -> date | None:
    # A zone may follow the ten characters of the day; what is no day of our calendar is none.
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
