"""Drafts of Ersuchen: what was typed so far, as it was typed, and who may overwrite what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.ersuchen import Bankverbindung
from server.domain.inbox import ListPlace

# What was typed in a step: texts, and lists of such mappings.
StepValues = Mapping[str, Any]


class Step(StrEnum):
    """A step of capturing; the value stands in addresses."""

    SCHULDNER = "schuldner"
    FORDERUNGEN = "forderungen"
    MASSNAHMEN = "massnahmen"
    ANLAGEN = "anlagen"
    SENDEN = "senden"


STEP_TEXTS: Mapping[Step, str] = {
    Step.SCHULDNER: "Schuldner",
    Step.FORDERUNGEN: "Forderungen",
    Step.MASSNAHMEN: "Maßnahmen",
    Step.ANLAGEN: "Anlagen",
    Step.SENDEN: "Prüfen & Senden",
}


@dataclass(frozen=True)
class DraftSummary:
    """What a list shows of a draft; empty where it is not known yet.

    `schuldner_list` is what the list is searched by; a draft that is read has none.
    """

    title: str = ""
    aktenzeichen: str = ""
    schuldner_list: tuple[str, ...] = ()


@dataclass(frozen=True)
class BankRelease:
    """Who released bank details, when, and which ones (their `mark_bank_details`)."""

    user_key: int
    user_name: str
    moment: datetime
    details: str


class DraftState(StrEnum):
    """How far a draft is, as it was last found; the value stands in addresses."""

    UNCHECKED = "ungeprueft"
    INCOMPLETE = "unvollstaendig"
    WAITS_FOR_RELEASE = "freigabe"
    READY = "bereit"


@dataclass(frozen=True)
class DraftCheck:
    """What was found when a draft was checked last; None where the Behoerde or channel is open.

    Every change of the draft makes it UNCHECKED; Behoerde and channel are forgotten with a change
    of what they depend on.
    """

    state: DraftState = DraftState.UNCHECKED
    asked: PartyIdentifier | None = None
    kanal: Kanal | None = None


@dataclass(frozen=True)
class Draft:
    """A draft as it is kept.

    `content` has what was typed by the value of its step. `version` grows with every change: who
    saves names the one that was changed. `message_id` is that of the message it becomes, so that a
    repeated sending stores one message. `bank_user` has typed the bank details as they are.
    """

    key: int
    draft_id: str
    mandant_key: int
    is_template: bool
    summary: DraftSummary
    content: Mapping[str, StepValues]
    version: int
    created: datetime
    changed: datetime
    changed_by: str
    message_id: str
    bank_user: int | None = None
    release: BankRelease | None = None
    check: DraftCheck = field(default_factory=DraftCheck)

    @property
    def is_test(self) -> bool:
        """True where it is to become a message that is only tried."""
        return is_test_content(self.content)

    def values_of(self, step: Step) -> StepValues:
        """What was typed in a step."""
        return self.content.get(step.value, {})


def is_test_content(content: Mapping[str, StepValues]) -> bool:
    """True where what was typed is to become a message that is only tried."""
    return bool(content.get(Step.SENDEN.value, {}).get("testnachricht"))


@dataclass(frozen=True)
class NewDraft:
    """A draft about to be kept."""

    draft_id: str
    mandant_key: int
    is_template: bool
    message_id: str
    changed_by: str
    bank_user: int
    summary: DraftSummary = field(default_factory=DraftSummary)
    content: Mapping[str, StepValues] = field(default_factory=dict)


@dataclass(frozen=True)
class DraftAttachment:
    """An attachment of a draft; `hint` (German) is what a person should know, or empty."""

    key: int
    filename: str
    content_type: str
    art: str
    blob: BlobRef
    hint: str = ""


# In place of a Behoerde or a channel: drafts of which none is known yet.
NOT_FOUND = "offen"


class DraftOrder(StrEnum):
    """By what the list of drafts is sorted."""

    NEWEST = "neueste"
    OLDEST = "aelteste"
    AKTENZEICHEN = "aktenzeichen"


@dataclass(frozen=True)
class DraftCriteria:
    """All criteria must fit; an empty one fits every draft.

    `term` is the beginning of the Aktenzeichen, `schuldner` that of a debtor's name, surname first;
    `changed_by` is the name of who changed it last. `asked` is the value of a Behoerde's
    identifier, `kanal` that of a channel; NOT_FOUND where none is known. Days are German ones,
    both included.
    """

    is_template: bool = False
    term: str = ""
    schuldner: str = ""
    changed_by: str = ""
    state: DraftState | None = None
    asked: str = ""
    kanal: str = ""
    first_day: date | None = None
    last_day: date | None = None
    order: DraftOrder = DraftOrder.NEWEST


class DraftListEntry(NamedTuple):
    """A draft as the list shows it; a tuple, as each page makes many.

    `asked` and `kanal` are None where they are open (DraftCheck).
    """

    key: int
    draft_id: str
    title: str
    aktenzeichen: str
    changed: datetime
    changed_by: str
    state: DraftState
    asked: PartyIdentifier | None
    kanal: Kanal | None
    is_test: bool


@dataclass(frozen=True)
class DraftPage:
    """A page; `before` and `after` are None where nothing lies there.

    `is_cut` tells that so many drafts have such a debtor that not all were looked at. In a place of
    this list the Aktenzeichen stands for the other side.
    """

    entries: tuple[DraftListEntry, ...]
    before: ListPlace | None
    after: ListPlace | None
    is_cut: bool = False


def mark_bank_details(bank: Bankverbindung | None) -> str:
    """What tells one account from another; the purpose is no part of it."""
    return "|".join((bank.iban, bank.bic, bank.kontoinhaber)) if bank else ""
