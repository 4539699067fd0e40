"""How the letters of Mandanten are printed: what holds for a letter, and what Mandanten choose."""

import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass

from persistence.database import Database, Stores
from server.domain.mandant import Mandant
from server.domain.print_settings import PrintChoice, PrintSettings
from server.domain.web_user import AuditEntry
from server.services.mandanten import audit_change, find_for_change

logger = logging.getLogger(__name__)

_MAX_TEXT = 255


class PrintChoiceRefused(Exception):
    """A Mandant cannot choose this; the text is German."""


@dataclass(frozen=True)
class PrintView:
    """A Mandant, what it chose, and what holds for its letters."""

    mandant: Mandant
    choice: PrintChoice
    settings: PrintSettings


class PrintChoices:
    """Reads and changes what Mandanten chose; `outputs` are the names in the settings."""

    def __init__(
        self, database: Database, defaults: PrintSettings, outputs: Collection[str]
    ) -> None:
        self._database = database
        self._defaults = defaults
        self._outputs = frozenset(outputs)

    def find_for(self, author: int | None) -> PrintSettings:
        """What holds for letters of a Mandant (its key); the defaults for who is none here."""
        if author is None:
            return self._defaults
        with self._database.reading() as stores:
            choice = stores.print_choices.find(author)
        return choice.apply_to(self._defaults)

    def show(self, kennung: str) -> PrintView:
        """What holds for a Mandant; raises UnknownMandant."""
        with self._database.reading() as stores:
            return self._view(stores, find_for_change(stores, kennung))

    def list_outputs(self) -> tuple[str, ...]:
        """The names of the outputs that can be chosen."""
        return tuple(sorted(self._outputs))

    def change(
        self,
        kennung: str,
        new: PrintChoice,
        *,
        is_reset: bool = False,
        audit: AuditEntry | None = None,
    ) -> PrintView:
        """Takes up new choices, with `is_reset` in place of all old ones.

        Raises UnknownMandant and PrintChoiceRefused.
        """
        self._require_possible(new)
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            old = PrintChoice() if is_reset else stores.print_choices.find(mandant.key)
            stores.print_choices.save(mandant.key, old.change(new))
            audit_change(stores, mandant.key, audit)
            logger.info("print settings of mandant %d changed", mandant.key)
            return self._view(stores, mandant)

    def _view(self, stores: Stores, mandant: Mandant) -> PrintView:
        choice = stores.print_choices.find(mandant.key)
        return PrintView(mandant, choice, choice.apply_to(self._defaults))

    def _require_possible(self, choice: PrintChoice) -> None:
        if choice.output is not None and choice.output not in self._outputs:
            known = ", ".join(sorted(self._outputs))
            raise PrintChoiceRefused(
                f"Die Druckausgabe „{choice.output}“ gibt es nicht; eingestellt: {known}."
            )
        for text in asdict(choice).values():
            if isinstance(text, str) and not (text.isprintable() and len(text) <= _MAX_TEXT):
                raise PrintChoiceRefused(
                    f"Angaben zum Druck dürfen höchstens {_MAX_TEXT} Zeichen haben und keinen "
                    "Umbruch."
                )
