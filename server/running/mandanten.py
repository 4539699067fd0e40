"""`damtshilfe mandant`: Mandanten as German lines."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from server.domain.mandant import Mandant
from server.domain.mandant_access import AccessState, describe_days_left
from server.services.mandanten import MandantView
from server.services.reader_keys import HeldKey

_UNKNOWN_SCHEMAS = {True: "befördert", False: "abgelehnt"}
_MAILBOX_LEADERS = {True: "Web-Client", False: "Fachverfahren"}
_STATES = {
    AccessState.REGISTERED: "angemeldet, noch nicht bestätigt",
    AccessState.TESTING: "Testzugang",
    AccessState.ORDERED: "bestellt",
    AccessState.CANCELLED: "gekündigt",
    AccessState.ENDED: "beendet",
    AccessState.DEACTIVATED: "deaktiviert",
}


def render_mandanten(views: Iterable[MandantView]) -> Iterator[str]:
    """The lines of the list."""
    lines = [render_mandant(view) for view in views]
    yield from lines or ["Auf diesem Server gibt es keine Mandanten."]


def render_mandant(view: MandantView) -> str:
    """One line: who, which way, which access, what is carried."""
    mandant = view.mandant
    unknown = _UNKNOWN_SCHEMAS[mandant.carries_unknown]
    access = _describe_access(view.state, mandant.access.last_day)
    return (
        f"{mandant.identifier}  {mandant.name} ({_name_way(mandant)}), Zugang: {access}, "
        f"unbekannte Schemata: {unknown}"
    )


def render_details(view: MandantView) -> Iterator[str]:
    """Everything about one Mandant, with the history of its access."""
    mandant = view.mandant
    yield str(mandant.identifier)
    yield f"  Name:                 {mandant.name}"
    yield f"  Zustellweg:           {_name_way(mandant)}"
    yield f"  Zugang:               {_describe_access(view.state, mandant.access.last_day)}"
    yield f"  Kontaktperson:        {mandant.access.contact or 'nicht angegeben'}"
    yield f"  Unbekannte Schemata:  {_UNKNOWN_SCHEMAS[mandant.carries_unknown]}"
    yield f"  Postfach führt:       {_MAILBOX_LEADERS[mandant.is_mailbox_led_by_web]}"
    yield "  Verlauf (UTC):"
    for entry in view.history:
        access = _describe_access(entry.state, entry.last_day)
        yield f"    {entry.moment:%d.%m.%Y %H:%M}  {entry.actor}: {entry.text} ({access})"
    if not view.history:
        yield "    ohne Einträge"


def render_key(held: HeldKey, moment: datetime) -> str:
    """One line: whose, which, until when others may encrypt for it."""
    certificate = held.certificate
    end = f"Zertifikat bis {certificate.not_after:%d.%m.%Y}"
    over = ", abgelaufen: öffnet nur noch Älteres" if certificate.not_after < moment else ""
    return (
        f"{held.mandant.identifier}  {certificate.fingerprint}  {end}{over} "
        f"({certificate.subject}, Seriennummer {certificate.serial})"
    )


def render_ending_tests(views: Iterable[MandantView], today: date, days: int) -> Iterator[str]:
    """A line for each test access that ends within so many days."""
    for view in views:
        last_day = view.mandant.access.last_day
        text = describe_days_left(view.mandant.access, today)
        if text and last_day and (last_day - today).days <= days:
            yield f"{view.mandant.identifier}  {view.mandant.name}: {text}"


def _name_way(mandant: Mandant) -> str:
    return "Postfach" if mandant.is_electronic else "Brief"


def _describe_access(state: AccessState, last_day: date | None) -> str:
    if last_day is None:
        return _STATES[state]
    is_over = state in (AccessState.ENDED, AccessState.DEACTIVATED)
    return f"{_STATES[state]} {'seit dem' if is_over else 'bis zum'} {last_day:%d.%m.%Y}"
