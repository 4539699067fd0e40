"""Four eyes for changed bank details: what is known needs nobody, what is new needs a second one.

Known is what the authority registered and what it sent before. A release counts for the details
that were released, and is given by another user than the one who typed them.
"""

from dataclasses import dataclass

from persistence.database import Database, Stores
from persistence.stores.bank_details import KnownBankDetails
from server.domain.draft import Draft, DraftState, mark_bank_details
from server.domain.ersuchen import Bankverbindung
from server.domain.web_user import Actor
from server.services.capture.drafts import DraftConflict, DraftGone
from server.services.clock import Clock
from server.services.web_access.audit import make_entry


class ReleaseRefused(Exception):
    """The details cannot be released by this user; the text is German."""


@dataclass(frozen=True)
class ReleaseState:
    """Whether bank details wait for a second user, and who released them."""

    is_missing: bool = False
    released_by: str = ""
    may_release: bool = False


@dataclass(frozen=True)
class BankChoice:
    """What an authority chose: whether changed details need a release, and its known ones."""

    needs_release: bool
    known: tuple[KnownBankDetails, ...]


class BankReleases:
    """Knows the bank details of authorities, and who released others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, actor: Actor) -> BankChoice:
        """What the authority of the actor chose."""
        with self._database.reading() as stores:
            return BankChoice(
                stores.bank_details.needs_release(actor.mandant_key),
                stores.bank_details.list_known(actor.mandant_key),
            )

    def choose(self, actor: Actor, *, needs_release: bool) -> None:
        """Says whether changed details need a release."""
        text = "an" if needs_release else "aus"

        def change(stores: Stores) -> None:
            stores.bank_details.set_release(actor.mandant_key, needs_release)
            found = DraftState.READY if needs_release else DraftState.WAITS_FOR_RELEASE
            stores.drafts.doubt(actor.mandant_key, found)
            entry = make_entry(actor, self._clock(), "vier-augen", "bankverbindungen", text)
            stores.audit.add(entry)

        self._database.write(change)

    def register(self, actor: Actor, bank: Bankverbindung) -> None:
        """Keeps details as those of the authority."""

        def change(stores: Stores) -> None:
            if self.remember(stores, actor, bank):
                entry = make_entry(actor, self._clock(), "bankverbindung-eingetragen", bank.iban)
                stores.audit.add(entry)

        self._database.write(change)

    def forget(self, actor: Actor, key: int) -> bool:
        """Takes details away; False where the authority has none with this key."""

        def change(stores: Stores) -> bool:
            if not stores.bank_details.remove(actor.mandant_key, key):
                return False
            stores.drafts.doubt(actor.mandant_key, DraftState.READY)
            entry = make_entry(actor, self._clock(), "bankverbindung-entfernt", str(key))
            stores.audit.add(entry)
            return True

        return self._database.write(change)

    def find_state(self, actor: Actor, draft: Draft, bank: Bankverbindung | None) -> ReleaseState:
        """Whether the details of a draft wait for somebody."""
        if bank is None:
            return ReleaseState()
        choice = self.show(actor)
        details = mark_bank_details(bank)
        known = {mark_bank_details(item.bank) for item in choice.known}
        if not choice.needs_release or details in known:
            return ReleaseState()
        release = draft.release
        if release and release.details == details:
            return ReleaseState(released_by=release.user_name)
        return ReleaseState(is_missing=True, may_release=draft.bank_user != actor.user.key)

    def release(
        self, actor: Actor, draft: Draft, bank: Bankverbindung | None, version: int
    ) -> None:
        """Releases the details of a draft as it is; raises ReleaseRefused and DraftConflict."""
        if bank is None or draft.bank_user == actor.user.key:
            raise ReleaseRefused(
                "Wer eine Bankverbindung eingegeben hat, kann sie nicht selbst freigeben. Bitte "
                "wenden Sie sich an eine Kollegin oder einen Kollegen."
            )
        moment = self._clock()
        values = {
            "release_user": actor.user.key,
            "release_name": actor.user.name,
            "release_moment": moment,
            "release_details": mark_bank_details(bank),
        }

        def change(stores: Stores) -> None:
            if not stores.drafts.change(draft.key, version, values):
                present = stores.drafts.find(actor.mandant_key, draft.draft_id)
                raise DraftConflict(present) if present else DraftGone(draft.draft_id)
            entry = make_entry(
                actor, moment, "bankverbindung-freigegeben", draft.draft_id, bank.iban
            )
            stores.audit.add(entry)

        self._database.write(change)

    def remember(self, stores: Stores, actor: Actor, bank: Bankverbindung) -> bool:
        """Keeps details as known, within a transaction; False where they are already."""
        known = stores.bank_details.list_known(actor.mandant_key)
        if mark_bank_details(bank) in {mark_bank_details(item.bank) for item in known}:
            return False
        stores.bank_details.add(actor.mandant_key, bank, self._clock(), actor.user.name)
        stores.drafts.doubt(actor.mandant_key, DraftState.WAITS_FOR_RELEASE)
        return True
