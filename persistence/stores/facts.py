"""The facts of a message for its Vorgang, as JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts


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
