"""German words for what the domain calls by a key, and how values are written."""

from datetime import date, datetime
from functools import lru_cache

from server.domain.behoerde import Kanal
from server.domain.destination import Destination, DestinationKind
from server.domain.draft import DraftState
from server.domain.german import format_german_day, format_german_moment
from server.domain.mandant_access import AccessState
from server.domain.message import STATE_NAMES, MessageState
from server.domain.vorgang import VorgangRolle, VorgangState
from server.domain.vorgang_facts import VorgangEvent
from server.domain.vorgang_text import MESSAGE_NAMES

_KILO = 1000
# Actions of the audit are keys without umlauts and capitals.
_SPELLINGS = (
    ("rueck", "rück"),
    ("oeffn", "öffn"),
    ("aender", "änder"),
    ("loesch", "lösch"),
    ("ueber", "über"),
    ("verzoeger", "verzöger"),
    ("bestaetig", "bestätig"),
    ("kuendig", "kündig"),
    ("geklaer", "geklär"),
    ("massnahme", "Maßnahme"),
)
_ACTIONS = {
    "anmeldung-adresse-verzoegert": "Anmeldungen von einer Adresse verzögert",
    "entwurf-anlagen": "Anlagen des Entwurfs geändert",
    "unbekannte-schemata": "Umgang mit unbekannten Schemata geändert",
    "vier-augen": "Freigabe von Bankverbindungen geändert",
    "zweiter-faktor": "Zweiter Faktor",
}

# How the reader sees where a message is; the kind of badge as KERN calls it.
READER_STATES = {
    MessageState.DELIVERED: ("ungelesen", "info"),
    MessageState.FETCHED: ("abgerufen", "info"),
    MessageState.CLOSED: ("bestätigt", "success"),
    MessageState.OBSOLETE: ("verfallen", "warning"),
    MessageState.RETURNED: ("zurückgegeben", "warning"),
}

# Badges for the author; what is not named is on its way.
AUTHOR_BADGES = {
    MessageState.CLOSED: "success",
    MessageState.LETTER_POSTED: "success",
    MessageState.LETTER_UNCONFIRMED: "success",
    MessageState.LETTER_RETURNED: "danger",
    MessageState.LETTER_WITHDRAWN: "warning",
    MessageState.PARKED: "danger",
    MessageState.CANCELLED: "warning",
    MessageState.OBSOLETE: "danger",
    MessageState.RETURNED: "danger",
    MessageState.INFECTED: "danger",
}
VORGANG_STATES = {
    VorgangState.ANGELEGT: ("angelegt", "warning"),
    VorgangState.GESENDET: ("gesendet", "info"),
    VorgangState.ZUGESTELLT: ("zugestellt", "info"),
    VorgangState.EMPFANGEN: ("empfangen", "info"),
    VorgangState.ANGENOMMEN: ("angenommen", "info"),
    VorgangState.ABGEGEBEN: ("abgegeben", "warning"),
    VorgangState.IN_BEARBEITUNG: ("in Bearbeitung", "info"),
    VorgangState.TEILWEISE_BEZAHLT: ("teilweise bezahlt", "info"),
    VorgangState.ERLEDIGT: ("erledigt", "success"),
    VorgangState.FRUCHTLOS: ("fruchtlos beendet", "warning"),
    VorgangState.ZURUECKGENOMMEN: ("zurückgenommen", "warning"),
    VorgangState.ZURUECKGEWIESEN: ("zurückgewiesen", "danger"),
}
ROLLEN = {VorgangRolle.ERSUCHENDER: "wir ersuchen", VorgangRolle.ERSUCHTER: "wir sind ersucht"}
DESTINATIONS = {
    DestinationKind.OPEN: "noch offen",
    DestinationKind.MAILBOX: "Postfach",
    DestinationKind.LETTER: "Brief",
    DestinationKind.DATA_CENTRE: "Rechenzentrum",
    DestinationKind.SCANNER: "Virenscanner",
    DestinationKind.OUTPUT: "Druckausgabe",
}
KANAELE = {Kanal.ELEKTRONISCH: "elektronisch", Kanal.BRIEF: "Brief", None: "noch offen"}

# What a user does by sending a message.
ACTIONS = {
    VorgangEvent.EINGANGSBESTAETIGUNG: "Eingang bestätigen",
    VorgangEvent.ABGABE: "Abgeben",
    VorgangEvent.RUECKFRAGE: "Rückfrage stellen",
    VorgangEvent.ANTWORT: "Antworten",
    VorgangEvent.FORDERUNGSAENDERUNG: "Forderung ändern",
    VorgangEvent.RATENZAHLUNG: "Ratenzahlung mitteilen",
    VorgangEvent.ZAHLUNGSMITTEILUNG: "Zahlung mitteilen",
    VorgangEvent.SACHSTAND: "Annehmen, Sachstand mitteilen",
    VorgangEvent.ERGEBNIS: "Ergebnis mitteilen",
    VorgangEvent.RUECKNAHME: "Ersuchen zurücknehmen",
    VorgangEvent.ERLEDIGUNG: "Erledigen",
    VorgangEvent.ZURUECKWEISUNG: "Zurückweisen",
}

DRAFT_STATES = {
    DraftState.UNCHECKED: ("noch nicht geprüft", "info"),
    DraftState.INCOMPLETE: ("unvollständig oder fehlerhaft", "warning"),
    DraftState.WAITS_FOR_RELEASE: ("wartet auf Freigabe", "warning"),
    DraftState.READY: ("geprüft, kann gesendet werden", "success"),
}


def name_action(event: VorgangEvent) -> str:
    """What a user does by sending such a message."""
    return ACTIONS[event]


ACCESS_TEXTS = {
    AccessState.REGISTERED: "angemeldet, noch nicht bestätigt",
    AccessState.TESTING: "Testzugang",
    AccessState.ORDERED: "bestellt",
    AccessState.CANCELLED: "gekündigt",
    AccessState.ENDED: "beendet",
    AccessState.DEACTIVATED: "deaktiviert",
}


def name_author_state(state: MessageState) -> tuple[str, str]:
    """Word and kind of badge for the state of a sent message."""
    return STATE_NAMES[state], AUTHOR_BADGES.get(state, "info")


def name_draft_state(state: DraftState) -> tuple[str, str]:
    """Word and kind of badge for the state of a draft."""
    return DRAFT_STATES[state]


def name_vorgang_state(state: VorgangState) -> tuple[str, str]:
    """Word and kind of badge for the state of a Vorgang."""
    return VORGANG_STATES[state]


def name_rolle(rolle: VorgangRolle) -> str:
    """Which side of a matter we are."""
    return ROLLEN[rolle]


def name_kanal(kanal: Kanal | None) -> str:
    """The channel of a message."""
    return KANAELE[kanal]


def name_destination(destination: Destination) -> str:
    """A destination in words."""
    return f"{DESTINATIONS[destination.kind]} {destination.name}".rstrip()


def name_event(event: VorgangEvent | None) -> str:
    """What kind of message it is."""
    return MESSAGE_NAMES.get(event, "Nachricht") if event else "Nachricht"


def name_reader_state(state: MessageState) -> tuple[str, str]:
    """Word and kind of badge for the state of a received message."""
    return READER_STATES.get(state, (state.value, "info"))


# The rows of a list are mostly of few days.
@lru_cache(maxsize=1024)
def write_day(day: date | None) -> str:
    """28.11.2026, or a dash."""
    return format_german_day(day) if day else "–"


def write_moment(moment: datetime | None) -> str:
    """28.11.2026, 09:15 Uhr, in German time."""
    return format_german_moment(moment) if moment else "–"


def write_size(size: int) -> str:
    """Bytes in a unit that can be read."""
    if size < _KILO:
        return f"{size} Bytes"
    value, unit = (size / _KILO, "kB") if size < _KILO**2 else (size / _KILO**2, "MB")
    return f"{value:.1f} {unit}".replace(".", ",")


@lru_cache(maxsize=256)
def write_action(action: str) -> str:
    """A key of the audit as words: `benutzer-zurueckgesetzt` → Benutzer zurückgesetzt."""
    if action in _ACTIONS:
        return _ACTIONS[action]
    for key, text in _SPELLINGS:
        action = action.replace(key, text)
    words = action.replace("-", " ")
    return words[:1].upper() + words[1:]
