"""The fallback rules of a Mandant: shown and changed; every change stands in its history."""

import logging
from dataclasses import dataclass

from persistence.database import Database
from server.domain.fallback import FallbackAction, FallbackRules
from server.domain.mandant import AccessEntry, Mandant
from server.domain.web_user import AuditEntry
from server.services.clock import Clock
from server.services.mandanten import audit_change, find_for_change, name_teller

logger = logging.getLogger(__name__)

_ACTION_TEXTS = {
    FallbackAction.LETTER: "ein Brief",
    FallbackAction.RETURN: "zurück an den Absender",
    FallbackAction.PARK: "angehalten, der Betreiber ist gefragt",
    None: "keine Regel (angehalten, der Betreiber ist gefragt)",
}


@dataclass(frozen=True)
class FallbackChange:
    """What is to be different; None where it stays. No days (0): unread messages stay."""

    unread_days: int | None = None
    refused: FallbackAction | None = None
    no_endpoint: FallbackAction | None = None

    def change(self, rules: FallbackRules) -> FallbackRules:
        """The rules with the change."""
        days = rules.unread_days if self.unread_days is None else self.unread_days or None
        refused, no_endpoint = self.refused, self.no_endpoint
        return FallbackRules(days, refused or rules.refused, no_endpoint or rules.no_endpoint)


class MandantFallbacks:
    """Both methods raise UnknownMandant, and return the Mandant with its rules."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, kennung: str) -> tuple[Mandant, FallbackRules]:
        """The rules as they are."""
        with self._database.reading() as stores:
            mandant = find_for_change(stores, kennung)
            return mandant, stores.fallback_rules.find(mandant.key)

    def change(
        self, kennung: str, change: FallbackChange, audit: AuditEntry | None = None
    ) -> tuple[Mandant, FallbackRules]:
        """Changes the rules; they hold for messages that are under way already, too."""
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            rules = change.change(stores.fallback_rules.find(mandant.key))
            stores.fallback_rules.save(mandant.key, rules)
            text = f"Ersatzweg: {'; '.join(describe_rules(rules))}"
            access = mandant.access
            entry = AccessEntry(
                self._clock(), name_teller(audit), text, access.state, access.last_day
            )
            stores.mandanten.add_access_entry(mandant.key, entry)
            audit_change(stores, mandant.key, audit)
        logger.info("mandant %s: %s", mandant.identifier, text)
        return mandant, rules


def describe_rules(rules: FallbackRules) -> tuple[str, ...]:
    """The rules in German, one text each."""
    days = rules.unread_days
    after = "nach einem Tag" if days == 1 else f"nach {days} Tagen"
    after = "nach einem Tag" if days == 1 else f"nach {days} Tagen"
    unread = f"{after} ein Brief" if days else "bleiben im Postfach"
    return (
        f"nicht abgeholte Nachrichten: {unread}",
        f"vom Leser abgelehnte: {_ACTION_TEXTS[rules.refused]}",
        f"Leser elektronisch nicht erreichbar: {_ACTION_TEXTS[rules.no_endpoint]}",
    )
