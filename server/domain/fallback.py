"""What becomes of a message that does not reach its reader electronically: the author decides.

The rules are those of the author's Mandant, since it pays for the letter. Where it has none,
nothing is different.
"""

from dataclasses import dataclass
from enum import StrEnum


class FallbackReason(StrEnum):
    """Why a message does not reach its reader electronically."""

    UNREAD = "ungelesen"
    REFUSED = "abgelehnt"
    NO_ENDPOINT = "kein-endpunkt"
    ACCESS_ENDED = "zugang-beendet"


class FallbackAction(StrEnum):
    """What a rule wants: a letter, the message back at its sender, or an operator who decides."""

    LETTER = "letter"
    RETURN = "return"
    PARK = "park"


REFUSED_ACTIONS = (FallbackAction.LETTER, FallbackAction.RETURN)
NO_ENDPOINT_ACTIONS = (FallbackAction.LETTER, FallbackAction.PARK)


@dataclass(frozen=True)
class FallbackRules:
    """The rules of a Mandant; None where there is none.

    After `unread_days` days a message that nobody fetched becomes a letter. `no_endpoint` holds for
    a reader that takes part electronically and has no mailbox that this server reaches, and for one
    whose access has ended.
    """

    unread_days: int | None = None
    refused: FallbackAction | None = None
    no_endpoint: FallbackAction | None = None


NO_RULES = FallbackRules()


def decide_fallback(
    rules: FallbackRules, reason: FallbackReason, *, is_test: bool
) -> FallbackAction | None:
    """What the rules want; None where it goes on as without them.

    A test message never becomes a letter. Only a letter is different for a reader whose access has
    ended: without one the message goes back, as it always does.
    """
    action = _find_action(rules, reason)
    if action is FallbackAction.LETTER:
        return None if is_test else action
    return None if reason is FallbackReason.ACCESS_ENDED else action


def _find_action(rules: FallbackRules, reason: FallbackReason) -> FallbackAction | None:
    if reason is FallbackReason.UNREAD:
        return FallbackAction.LETTER if rules.unread_days else None
    return rules.refused if reason is FallbackReason.REFUSED else rules.no_endpoint


def describe_unread(days: int) -> str:
    """Why a message becomes a letter after so many days (a German sentence)."""
    since = "seit einem Tag" if days == 1 else f"seit {days} Tagen"
    return f"Der Leser hat die Nachricht {since} nicht abgeholt."
