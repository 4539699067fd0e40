"""Who is responsible for an address: address, rules, decision, explanation."""

from collections.abc import Iterator, Sequence
from datetime import date

from persistence.authority_database import AuthorityDatabase
from persistence.stores.regeln import RegelStore
from server.domain.address_normalisation import fold_strasse, split_strasse
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Aufloesung, Certainty, Kandidat, Mark
from server.domain.eintrag import Eintrag
from server.domain.erklaerung import Erklaerung
from server.domain.gemeinde import Gemeinde
from server.domain.hausnummer import read_hausnummer
from server.domain.regel import Regel, make_strasse_anchor
from server.domain.zustaendigkeit import (
    Place,
    PlaceDecision,
    Verdict,
    ZustaendigkeitAnfrage,
    decide_place,
)
from server.services.directory_cache import DirectoryCache, DirectorySnapshot

# So many rules for streets are looked at where the address names no street.
_STREET_RULES = 500


class ZustaendigkeitFinder:
    """Answers with an Erklaerung; the number of queries does not depend on the number of rules."""

    def __init__(self, database: AuthorityDatabase, cache: DirectoryCache) -> None:
        self._database = database
        self._cache = cache

    def explain(self, anfrage: ZustaendigkeitAnfrage, today: date) -> Erklaerung:
        """Who is responsible, and why; `today` counts where the question names no day."""
        snapshot = self._cache.read()
        day = anfrage.stichtag or today
        anschrift = _tidy(anfrage.anschrift)
        aufloesung = snapshot.resolver.resolve(anschrift)
        places = [_to_place(item, aufloesung, anschrift) for item in aufloesung.candidates]
        decisions = tuple(
            decide_place(place, (anfrage.einnahmeart, day), regeln, snapshot.eintraege)
            for place, regeln in self._read_regeln(places)
        )
        candidates = _list_candidates(decisions, snapshot)
        is_certain = _is_certain(aufloesung, decisions)
        marks = tuple(_list_marks(anschrift, aufloesung, decisions, candidates))
        return Erklaerung(
            anfrage, day, anschrift, aufloesung, decisions, candidates, is_certain, marks
        )

    def suggest_orte(self, term: str) -> tuple[Gemeinde, ...]:
        """Gemeinden whose postal code or name begins so; at most twenty."""
        return self._cache.read().resolver.suggest(term)

    def _read_regeln(self, places: Sequence[Place]) -> Iterator[tuple[Place, Sequence[Regel]]]:
        """Each place with the rules that may hold there."""
        if not places:
            return
        with self._database.reading() as directory:
            for place in places:
                regeln = directory.regeln.list_by_anchors(tuple(place.anchors))
                yield place, [*regeln, *_list_street_rules(place, directory.regeln)]


def _list_street_rules(place: Place, regeln: RegelStore) -> Iterator[Regel]:
    """Some rules for streets of the place, where the address leaves open which street it is."""
    if not place.strasse:
        for key in (place.plz, place.ags):
            yield from regeln.list_by_prefix(make_strasse_anchor(key, ""), _STREET_RULES)


def _tidy(anschrift: Anschrift) -> Anschrift:
    strasse, hausnummer = split_strasse(anschrift.strasse, anschrift.hausnummer)
    return Anschrift(strasse, hausnummer, anschrift.plz.strip(), anschrift.ort.strip())


def _to_place(item: Kandidat, aufloesung: Aufloesung, anschrift: Anschrift) -> Place:
    keys = frozenset(filter(None, (aufloesung.ort_key, item.teil, item.ort_key)))
    return Place(
        item.gemeinde.ags,
        item.gemeinde.plz,
        keys,
        fold_strasse(anschrift.strasse),
        read_hausnummer(anschrift.hausnummer),
    )


def _list_candidates(
    decisions: Sequence[PlaceDecision], snapshot: DirectorySnapshot
) -> tuple[Eintrag, ...]:
    found = dict.fromkeys(
        (identifier.value, identifier.type)
        for decision in decisions
        for identifier in decision.behoerden
    )
    return tuple(snapshot.eintraege[key] for key in found)


def _is_certain(aufloesung: Aufloesung, decisions: Sequence[PlaceDecision]) -> bool:
    """True where every place that the address may mean has the same single authority."""
    if aufloesung.certainty not in (Certainty.CERTAIN, Certainty.AMBIGUOUS):
        return False
    answers = {decision.behoerden for decision in decisions}
    return (
        len(answers) == 1
        and all(len(answer) <= 1 for answer in answers)
        and all(decision.is_certain for decision in decisions)
    )


def _list_marks(
    anschrift: Anschrift,
    aufloesung: Aufloesung,
    decisions: Sequence[PlaceDecision],
    candidates: Sequence[Eintrag],
) -> Iterator[Mark]:
    yield from aufloesung.marks
    if anschrift.hausnummer and read_hausnummer(anschrift.hausnummer) is None:
        yield Mark.HAUSNUMMER_UNREADABLE
    if any(not decision.is_certain for decision in decisions):
        yield Mark.HAUSNUMMER_MISSING if anschrift.strasse else Mark.STRASSE_MISSING
    if any(decision.is_certain and len(decision.behoerden) > 1 for decision in decisions):
        yield Mark.EQUAL_RULES
    empty = [decision for decision in decisions if not decision.behoerden]
    is_invalid = any(decision.has(Verdict.BEHOERDE_INVALID) for decision in empty)
    if empty:
        yield Mark.BEHOERDE_INVALID if is_invalid else Mark.NO_RULE
    if any(eintrag.is_doubtful for eintrag in candidates):
        yield Mark.BEHOERDE_DOUBTFUL
