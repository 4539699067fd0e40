"""Drafts of a Mandant: begun, saved step by step, copied, made a template, removed."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from persistence.database import Database, Stores
from persistence.stores.drafts import write_findings
from server.domain.behoerde import PartyIdentifier
from server.domain.draft import (
    NOT_FOUND,
    STEP_TEXTS,
    Draft,
    DraftAttachment,
    DraftCheck,
    DraftCriteria,
    DraftListEntry,
    DraftPage,
    DraftState,
    DraftSummary,
    NewDraft,
    Step,
    StepValues,
    mark_bank_details,
)
from server.domain.inbox import ListPlace
from server.domain.mandant import Caller
from server.domain.web_user import Actor
from server.services.capture.fields import FieldReader
from server.services.capture.reading import read_bankverbindung
from server.services.capture.recipients import read_question
from server.services.clock import Clock
from server.services.list_cutting import choose_size, cut_page
from server.services.management import create_message_id
from server.services.party_choice import find_parties
from server.services.web_access.audit import make_entry

_NOBODY_YET = PartyIdentifier(NOT_FOUND, "", "noch nicht ermittelt")
_MAX_TITLE = 200
# A draft that many change at once is tried again so often.
_ATTEMPTS = 5


class DraftConflict(Exception):
    """Somebody else has changed the draft; `present` is how it is now."""

    def __init__(self, present: Draft) -> None:
        super().__init__(
            f"{present.changed_by} hat den Entwurf inzwischen geändert. Ihre Eingaben stehen noch "
            "hier: Speichern Sie noch einmal, um sie zu behalten, oder öffnen Sie den Stand von "
            f"{present.changed_by}."
        )
        self.present = present


class DraftGone(Exception):
    """There is no such draft, or it belongs to another Mandant."""


@dataclass(frozen=True)
class Origin:
    """What a new draft is made from: a draft or message by its ID, or nothing.

    `bank_user` typed its bank details: who copies them has not.
    """

    source: str = ""
    is_template: bool = False
    bank_user: int | None = None


class Drafts:
    """What users do with drafts; each change is in the audit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list_page(
        self,
        actor: Actor,
        criteria: DraftCriteria,
        place: ListPlace | None = None,
        entries: int | None = None,
    ) -> DraftPage:
        """The page from the place on, the first one without a place; PAGE_ENTRIES if not told."""
        mandant, size = actor.mandant_key, choose_size(entries)
        with self._database.reading() as stores:
            found = stores.drafts.list_page(mandant, criteria, place, size + 1)
            name = criteria.schuldner
            is_cut = bool(name) and stores.drafts.has_many(mandant, name)
        cut = cut_page(found, place, size, _place_of)
        return DraftPage(cut.entries, cut.before, cut.after, is_cut)

    def find_parties(self, actor: Actor, typed: str) -> tuple[PartyIdentifier, ...]:
        """For whom drafts are to which the list can be limited: the one that is named, else all.

        Among them is one for drafts of which it is not known yet.
        """
        with self._database.reading() as stores:

            def find(value: str) -> PartyIdentifier | None:
                if value == NOT_FOUND:
                    return _NOBODY_YET
                return stores.drafts.find_asked(actor.mandant_key, value) if value else None

            return find_parties(
                typed, find, lambda: (_NOBODY_YET, *stores.drafts.list_asked(actor.mandant_key))
            )

    def find(self, actor: Actor, draft_id: str) -> Draft | None:
        """A draft or template of the actor's Mandant."""
        with self._database.reading() as stores:
            return stores.drafts.find(actor.mandant_key, draft_id)

    def begin(self, actor: Actor) -> str:
        """A new draft with one debtor and one claim; its ID."""
        content: Mapping[str, StepValues] = {
            Step.SCHULDNER.value: {
                "bearbeiter": actor.user.name,
                "email": actor.user.email,
                "schuldner": [{}],
            },
            Step.FORDERUNGEN.value: {"forderungen": [{}]},
        }
        return self._database.write(
            lambda stores: self.add(stores, actor, content, "entwurf-begonnen")
        )

    def copy(self, actor: Actor, draft_id: str, *, is_template: bool = False) -> str:
        """A new draft (or template) with the same content; its ID. Raises DraftGone.

        A template takes no attachments along.
        """

        def copy(stores: Stores) -> str:
            source = _require(stores, actor, draft_id)
            action = "vorlage-angelegt" if is_template else "entwurf-kopiert"
            new_id = self.add(
                stores,
                actor,
                source.content,
                action,
                Origin(draft_id, is_template, source.bank_user),
            )
            if not is_template:
                for attachment in stores.drafts.list_attachments(source.key):
                    self.attach(stores, actor, new_id, attachment)
            return new_id

        return self._database.write(copy)

    def save(
        self, actor: Actor, draft_id: str, step: Step, values: StepValues, version: int
    ) -> Draft:
        """Keeps what was typed in a step, right or wrong; raises DraftConflict and DraftGone."""

        def save(stores: Stores) -> None:
            present = _require(stores, actor, draft_id)
            if present.version != version:
                raise DraftConflict(present)
            if _strip(present.values_of(step)) == _strip(values):
                return
            content = {**present.content, step.value: dict(values)}
            summary = _summarise(content)
            changes: dict[str, Any] = {
                "content": content,
                **self._sign(actor),
                "title": summary.title,
                "aktenzeichen": summary.aktenzeichen,
            }
            if _mark_bank(content) != _mark_bank(present.content):
                changes |= {"bank_user": actor.user.key, "release_user": None}
            if read_question(content) != read_question(present.content):
                changes |= write_findings(DraftCheck())
            if not stores.drafts.change(present.key, version, changes):
                raise DraftConflict(_require(stores, actor, draft_id))
            names = summary.schuldner_list
            stores.drafts.name_debtors(present.key, present.mandant_key, names)
            self._note(stores, actor, f"{_name(present)}-geaendert", draft_id, STEP_TEXTS[step])

        self._database.write(save)
        with self._database.reading() as stores:
            return _require(stores, actor, draft_id)

    def remove(self, actor: Actor, draft_id: str) -> None:
        """Removes a draft or template; raises DraftGone."""

        def remove(stores: Stores) -> None:
            present = _require(stores, actor, draft_id)
            stores.drafts.remove(present.key)
            self._note(
                stores, actor, f"{_name(present)}-geloescht", draft_id, present.summary.aktenzeichen
            )

        self._database.write(remove)

    def add(
        self,
        stores: Stores,
        actor: Actor,
        content: Mapping[str, StepValues],
        action: str,
        origin: "Origin | None" = None,
    ) -> str:
        """Keeps a new draft within a transaction; its ID."""
        origin = origin or Origin()
        mandant = actor.mandant
        if mandant is None:
            raise ValueError(f"{actor} belongs to no Mandant")
        new = NewDraft(
            draft_id=str(uuid.uuid4()),
            mandant_key=mandant.key,
            is_template=origin.is_template,
            message_id=create_message_id(Caller.of_mandant(mandant)),
            changed_by=actor.user.name,
            bank_user=origin.bank_user or actor.user.key,
            summary=_summarise(content),
            content=content,
        )
        stores.drafts.add(new, self._clock())
        self._note(stores, actor, action, new.draft_id, origin.source)
        return new.draft_id

    def attach(
        self, stores: Stores, actor: Actor, draft_id: str, attachment: DraftAttachment
    ) -> None:
        """Gives a new draft an attachment of another, within a transaction; raises DraftGone."""
        stores.drafts.add_attachment(_require(stores, actor, draft_id).key, attachment)

    def change_attachments(
        self, actor: Actor, draft_id: str, change: Callable[[Stores, Draft], str]
    ) -> None:
        """Changes attachments, and with them the version; `change` says what to note.

        Raises DraftGone.
        """

        def run(stores: Stores) -> None:
            for _ in range(_ATTEMPTS):
                present = _require(stores, actor, draft_id)
                if stores.drafts.change(present.key, present.version, self._sign(actor)):
                    text = change(stores, present)
                    self._note(stores, actor, "entwurf-anlagen", draft_id, text)
                    return
            raise DraftConflict(_require(stores, actor, draft_id))

        self._database.write(run)

    def _sign(self, actor: Actor) -> dict[str, Any]:
        state = DraftState.UNCHECKED.value
        return {"changed": self._clock(), "changed_by": actor.user.name, "state": state}

    def _note(
        self, stores: Stores, actor: Actor, action: str, draft_id: str, text: str = ""
    ) -> None:
        stores.audit.add(make_entry(actor, self._clock(), action, draft_id, text))


def _name(draft: Draft) -> str:
    """What the audit calls it."""
    return "vorlage" if draft.is_template else "entwurf"


def _require(stores: Stores, actor: Actor, draft_id: str) -> Draft:
    found = stores.drafts.find(actor.mandant_key, draft_id)
    if found is None:
        raise DraftGone(draft_id)
    return found


def _place_of(entry: DraftListEntry, is_backward: bool) -> ListPlace:
    return ListPlace(entry.aktenzeichen, entry.changed, entry.key, is_backward)


def _summarise(content: Mapping[str, StepValues]) -> DraftSummary:
    values = content.get(Step.SCHULDNER.value, {})
    names = [_name_debtor(row) for row in values.get("schuldner") or ()]
    title = str(values.get("vorlage") or "") or "; ".join(filter(None, names))
    aktenzeichen = _clean(str(values.get("aktenzeichen") or ""))
    return DraftSummary(_clean(title), aktenzeichen, tuple(map(_clean, names)))


def _clean(text: str) -> str:
    """One short line without signs that no database keeps as text."""
    signs = (sign if sign.isprintable() else " " for sign in text)
    return " ".join("".join(signs).split())[:_MAX_TITLE]


def _name_debtor(row: StepValues) -> str:
    if row.get("art") == "firma":
        return str(row.get("firma") or "")
    return ", ".join(filter(None, (str(row.get(name) or "") for name in ("name", "vorname"))))


def _mark_bank(content: Mapping[str, StepValues]) -> str:
    values = content.get(Step.FORDERUNGEN.value, {})
    return mark_bank_details(read_bankverbindung(FieldReader(Step.FORDERUNGEN, values)))


def _strip(value: Any) -> Any:
    """Without what is empty: a form sends more fields than were typed into."""
    if isinstance(value, Mapping):
        return {name: _strip(item) for name, item in value.items() if item}
    return [_strip(item) for item in value] if isinstance(value, list | tuple) else value
