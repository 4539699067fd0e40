"""The facts of a message for its Vorgang, as JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from persistence.stores.json_text import read_json
from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts


class ListedFacts(NamedTuple):
    """What lists show of the facts; `schuldner` names the debtors."""

    event: VorgangEvent | None = None
    aktenzeichen: str = ""
    aktenzeichen_reader: str = ""
    schuldner: str = ""


_NO_FACTS = ListedFacts()


def read_listed_facts(text: str | None) -> ListedFacts:
    """Facts as text → what lists show of them."""
    if text is None:
        return _NO_FACTS
    values = read_json(text)
    read = values.get
    return ListedFacts(
        VorgangEvent(values["event"]),
        read("aktenzeichen", ""),
        read("aktenzeichen_reader", ""),
        "; ".join(read("schuldner", ())),
    )


def join_schuldner(text: str) -> str:
    """The debtors of a Vorgang (a list as text) in one line."""
    return "" if text == "[]" else "; ".join(read_json(text))


def to_facts_json(facts: VorgangFacts | None) -> dict[str, Any] | None:
    """Facts → JSON; what is empty is left out."""
    if facts is None:
        return None
    successor = facts.abgegeben_an
    values = {
        "event": facts.event.value,
        "outcome": facts.outcome,
        "aktenzeichen": facts.aktenzeichen,
        "aktenzeichen_reader": facts.aktenzeichen_reader,
        "related_ids": list(facts.related_ids),
        "requester": facts.process.requester,
        "responder": facts.process.responder,
        "frist": facts.frist.isoformat() if facts.frist else "",
        "abgegeben_an": [successor.value, successor.type] if successor else [],
        "hint": facts.hint,
        "schuldner": list(facts.schuldner_list),
    }
    return {key: value for key, value in values.items() if value}


def from_facts_json(values: Mapping[str, Any] | None) -> VorgangFacts | None:
    """JSON → facts."""
    if values is None:
        return None
    frist, successor = values.get("frist"), values.get("abgegeben_an")
    return VorgangFacts(
        VorgangEvent(values["event"]),
        values.get("outcome", ""),
        values.get("aktenzeichen", ""),
        values.get("aktenzeichen_reader", ""),
        tuple(values.get("related_ids", ())),
        ProcessRef(values.get("requester", ""), values.get("responder", "")),
        date.fromisoformat(frist) if frist else None,
        PartyIdentifier(*successor) if successor else None,
        values.get("hint", ""),
        tuple(values.get("schuldner", ())),
    )
