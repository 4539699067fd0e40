"""Mandanten and their access: registered, confirmed, ordered, cancelled, deactivated.

Every change is decided by the table in `domain/mandant_access.py` and kept in the history of the
access, within one transaction. Who changes it in the Web-Client brings an entry of the audit, which
is written with it; the command line is the operator.
"""

import logging
from dataclasses import dataclass, replace
from datetime import date

from persistence.database import Database, Stores
from server.domain.behoerde import PartyIdentifier
from server.domain.local_time import find_local_day
from server.domain.mandant import AccessEntry, Mandant
from server.domain.mandant_access import (
    AccessEvent,
    AccessState,
    ImpossibleAccessChange,
    MandantAccess,
    change_access,
    find_current_state,
)
from server.domain.web_user import AuditEntry
from server.services.clock import Clock

logger = logging.getLogger(__name__)

OPERATOR = "Betreiber"
_MAX_TEXT = 255
_EVENT_TEXTS = {
    AccessEvent.REGISTERED: "angemeldet",
    AccessEvent.CONFIRMED: "bestätigt, der Testzugang beginnt",
    AccessEvent.ORDERED: "verbindlich bestellt",
    AccessEvent.CANCELLED: "gekündigt",
    AccessEvent.DEACTIVATED: "sofort deaktiviert",
}
_REFUSALS = {
    AccessState.REGISTERED: "ist angemeldet, aber noch nicht bestätigt",
    AccessState.TESTING: "hat einen Testzugang",
    AccessState.ORDERED: "hat den Zugang verbindlich bestellt",
    AccessState.CANCELLED: "ist bereits gekündigt",
    AccessState.ENDED: "hat keinen Zugang mehr und muss sich neu anmelden",
    AccessState.DEACTIVATED: "ist deaktiviert und muss sich neu anmelden",
}


class UnknownMandant(Exception):
    """This server has no such Mandant; the text is German."""


class MandantRefused(Exception):
    """What was asked for a Mandant is not possible; the text is German."""


@dataclass(frozen=True)
class Registration:
    """Who registers; `contact` is a person and how to reach that person."""

    identifier: PartyIdentifier
    name: str
    contact: str
    is_electronic: bool = True


@dataclass(frozen=True)
class MandantView:
    """A Mandant, the state of its access that holds today, and its history."""

    mandant: Mandant
    state: AccessState
    history: tuple[AccessEntry, ...] = ()


class Mandanten:
    """Changes and shows Mandanten. Days are German ones; a test access lasts `test_days`."""

    def __init__(self, database: Database, clock: Clock, test_days: int) -> None:
        self._database = database
        self._clock = clock
        self._test_days = test_days

    def register(self, new: Registration, audit: AuditEntry | None = None) -> MandantView:
        """Registers a Mandant, or anew one whose access is over; raises MandantRefused."""
        _require_text("Die Kennung", new.identifier.value)
        _require_text("Der Typ der Kennung", new.identifier.type, 64)
        _require_text("Der Name", new.name)
        _require_text("Die Kontaktperson", new.contact)
        with self._database.writing() as stores:
            known = stores.mandanten.find(new.identifier)
            if known is None:
                access = MandantAccess(AccessState.REGISTERED, contact=new.contact)
                key = stores.mandanten.add(new.identifier, new.name, new.is_electronic, access)
            else:
                access = replace(self._decide(known, AccessEvent.REGISTERED), contact=new.contact)
                key = known.key
                stores.mandanten.rename(key, new.name, new.is_electronic)
            text = _EVENT_TEXTS[AccessEvent.REGISTERED]
            return self._write(stores, key, access, text, audit)

    def change(
        self, kennung: str, event: AccessEvent, audit: AuditEntry | None = None
    ) -> MandantView:
        """Confirms, orders, cancels or deactivates; raises UnknownMandant, MandantRefused."""
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            access = self._decide(mandant, event)
            return self._write(stores, mandant.key, access, _EVENT_TEXTS[event], audit)

    def change_contact(
        self, kennung: str, contact: str, audit: AuditEntry | None = None
    ) -> MandantView:
        """Names another contact person; raises UnknownMandant, MandantRefused."""
        _require_text("Die Kontaktperson", contact)
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            before = mandant.access.contact or "niemand"
            text = f"Kontaktperson: {contact} (bisher: {before})"
            access = replace(mandant.access, contact=contact)
            return self._write(stores, mandant.key, access, text, audit)

    def set_carries_unknown(
        self, kennung: str, carries_unknown: bool, audit: AuditEntry | None = None
    ) -> MandantView:
        """Says whether messages of unknown schemas are carried; raises UnknownMandant."""
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            stores.mandanten.set_carries_unknown(mandant.key, carries_unknown)
            audit_change(stores, mandant.key, audit)
            return self._view(replace(mandant, carries_unknown=carries_unknown))

    def set_mailbox_led_by_web(
        self, kennung: str, is_led: bool, audit: AuditEntry | None = None
    ) -> MandantView:
        """Says who leads the mailbox: users of the Web-Client or not; raises UnknownMandant."""
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            stores.mandanten.set_mailbox_led_by_web(mandant.key, is_led)
            audit_change(stores, mandant.key, audit)
            return self._view(replace(mandant, is_mailbox_led_by_web=is_led))

    def list_all(self) -> tuple[MandantView, ...]:
        """Every Mandant, without histories."""
        with self._database.reading() as stores:
            found = stores.mandanten.list_all()
        return tuple(map(self._view, found))

    def show(self, kennung: str) -> MandantView:
        """A Mandant with its history; raises UnknownMandant."""
        with self._database.reading() as stores:
            mandant = find_mandant(stores, kennung)
            history = stores.mandanten.list_access_entries(mandant.key)
        return replace(self._view(mandant), history=history)

    def _today(self) -> date:
        return find_local_day(self._clock())

    def _decide(self, mandant: Mandant, event: AccessEvent) -> MandantAccess:
        try:
            return change_access(mandant.access, event, self._today(), self._test_days)
        except ImpossibleAccessChange as error:
            raise MandantRefused(f"{mandant.name} {_REFUSALS[error.state]}.") from error

    def _write(
        self,
        stores: Stores,
        key: int,
        access: MandantAccess,
        text: str,
        audit: AuditEntry | None,
    ) -> MandantView:
        entry = AccessEntry(self._clock(), name_teller(audit), text, access.state, access.last_day)
        record_access(stores, key, access, entry)
        audit_change(stores, key, audit)
        return self._view(stores.mandanten.find_for_change(key))

    def _view(self, mandant: Mandant) -> MandantView:
        return MandantView(mandant, find_current_state(mandant.access, self._today()))


def name_teller(audit: AuditEntry | None) -> str:
    """Who stands in the history of the access."""
    return audit.actor if audit else OPERATOR


def audit_change(stores: Stores, mandant_key: int, audit: AuditEntry | None) -> None:
    """Writes an entry where the Mandant finds it, within the caller's transaction."""
    if audit:
        stores.audit.add(replace(audit, mandant_key=mandant_key))


def record_access(stores: Stores, key: int, access: MandantAccess, entry: AccessEntry) -> None:
    """Writes an access and a line of its history within the caller's transaction."""
    stores.mandanten.set_access(key, access)
    stores.mandanten.add_access_entry(key, entry)
    logger.info("access of mandant %d is %s: %s", key, access.state, entry.text)


def find_for_change(stores: Stores, kennung: str) -> Mandant:
    """The same, locked until the transaction ends."""
    return stores.mandanten.find_for_change(find_mandant(stores, kennung).key)


def find_mandant(stores: Stores, kennung: str) -> Mandant:
    """The Mandant with an identifier as the list shows it; raises UnknownMandant."""
    for mandant in stores.mandanten.list_all():
        if str(mandant.identifier) == kennung:
            return mandant
    raise UnknownMandant(
        f"Den Mandanten {kennung} gibt es hier nicht; „damtshilfe mandant list“ zeigt alle."
    )


def _require_text(what: str, text: str, maximum: int = _MAX_TEXT) -> None:
    if not text.strip():
        raise MandantRefused(f"{what} fehlt.")
    if len(text) > maximum or not text.isprintable():
        raise MandantRefused(f"{what} darf höchstens {maximum} Zeichen haben und keinen Umbruch.")
