"""Drafts of Ersuchen: what was typed so far, as it was typed, and who may overwrite what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from server.domain.content import BlobRef
from server.domain.ersuchen import Bankverbindung

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
    """What a list shows of a draft; empty where it is not known yet."""

    title: str = ""
    aktenzeichen: str = ""


@dataclass(frozen=True)
class BankRelease:
    """Who released bank details, when, and which ones (their `mark_bank_details`)."""

    user_key: int
    user_name: str
    moment: datetime
    details: str


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

    def values_of(self, step: Step) -> StepValues:
        """What was typed in a step."""
        return self.content.get(step.value, {})


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


@dataclass(frozen=True)
class DraftPlace:
    """Where a page of the list begins: behind the draft with this time and key."""

    changed: datetime
    key: int


def mark_bank_details(bank: Bankverbindung | None) -> str:
    """What tells one account from another; the purpose is no part of it."""
    return "|".join((bank.iban, bank.bic, bank.kontoinhaber)) if bank else ""
