"""Which Gemeinde an address means, however it was written.

The postal code and the name together are sure; one of them alone never is. What no rule explains
is compared letter by letter (rapidfuzz), and what is less like than the threshold is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from server.domain.address_normalisation import (
    OrtName,
    is_foreign_plz,
    normalise_plz,
    read_ort,
)
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Aufloesung, Certainty, Kandidat, Mark
from server.domain.gemeinde import Gemeinde
from server.domain.ort_likeness import (
    OrtLikeness,
    compare_ort,
    find_teil,
    fits_kreis,
    has_same_contrast,
)
from server.services.gemeinde_index import GemeindeIndex, KnownGemeinde

# So much must the best of two similar names be better, or both are candidates.
_MARGIN = 10
_MAX_CANDIDATES = 20
# A postal code of more Gemeinden says little about which of them is meant.
_MAX_PLZ_GEMEINDEN = 3
_SHORTEST_NAME = 4


@dataclass(frozen=True, slots=True)
class _Match:
    """A Gemeinde and why it may be meant."""

    known: KnownGemeinde
    score: int
    mark: Mark | None = None
    teil: str = ""


class AddressResolver:
    """Resolves addresses against an index; `threshold` of 100 is the least likeness that counts."""

    def __init__(self, index: GemeindeIndex, threshold: int) -> None:
        self._index = index
        self._threshold = threshold

    def suggest(self, term: str) -> tuple[Gemeinde, ...]:
        """Gemeinden whose postal code or name begins so, for somebody who is typing."""
        return self._index.suggest(term, _MAX_CANDIDATES)

    def resolve(self, anschrift: Anschrift) -> Aufloesung:
        """What the address means."""
        written = read_ort(anschrift.ort)
        plz = normalise_plz(anschrift.plz)
        if written.is_foreign or is_foreign_plz(anschrift.plz):
            return Aufloesung(Certainty.UNKNOWN, marks=(Mark.FOREIGN,))
        if not written.key:
            return self._resolve_plz(plz)
        within = self._index.list_by_plz(plz)
        found = self._match_within(written, plz, within) if within else []
        if found:
            return _settle(_keep_kreis(written, found), plz, written)
        return self._search(written, anschrift.plz, plz, within)

    def _resolve_plz(self, plz: str) -> Aufloesung:
        """Without Ort the postal code decides, where it belongs to one Gemeinde."""
        within = _keep_current(self._index.list_by_plz(plz))
        if not within:
            mark = Mark.PLZ_UNKNOWN if plz else Mark.NO_ADDRESS
            return Aufloesung(Certainty.UNKNOWN, marks=(mark,), plz=plz)
        matches = [_Match(known, OrtLikeness.SAME, Mark.ORT_MISSING) for known in within]
        return _settle(matches, plz, OrtName())

    def _match_within(
        self, written: OrtName, plz: str, within: list[KnownGemeinde]
    ) -> list[_Match]:
        """The best matches among the Gemeinden of the postal code, by the first rule that fits."""
        current = _keep_current(within)
        matches = [_compare(written, known) for known in current]
        best = _keep_best(matches, OrtLikeness.SHORT)
        if best:
            return best
        ortsteile = self._match_ortsteile(written, plz, current)
        if ortsteile:
            return ortsteile
        if self._names_another(written, plz, within):
            return []
        return _keep_best(matches, OrtLikeness.PART) or self._match_similar(written, current)

    def _match_ortsteile(
        self, written: OrtName, plz: str, current: list[KnownGemeinde]
    ) -> list[_Match]:
        parts = {
            item.ags: item.name
            for item in self._index.list_ortsteile(written)
            if item.plz in ("", plz)
        }
        return [
            _Match(known, OrtLikeness.TEIL, Mark.TEIL, read_ort(parts[known.gemeinde.ags]).key)
            for known in current
            if known.gemeinde.ags in parts
        ]

    def _names_another(self, written: OrtName, plz: str, within: list[KnownGemeinde]) -> bool:
        """True where the name in full is that of another Gemeinde, or of one that is no more."""
        return self._index.has_same_name_elsewhere(written, plz) or any(
            compare_ort(written, known.ort) >= OrtLikeness.SHORT
            for known in within
            if known.gemeinde.is_deprecated
        )

    def _match_similar(self, written: OrtName, current: list[KnownGemeinde]) -> list[_Match]:
        """The most similar name within the postal code, with all that are hardly less similar."""
        scored = [_Match(known, self._score(written, known), Mark.SIMILAR) for known in current]
        best = max((match.score for match in scored), default=0)
        if best < self._threshold:
            return []
        nearest = [match for match in scored if match.score >= best - _MARGIN]
        is_typing_error = all(
            has_same_contrast(written.key, match.known.ort.name.key) for match in nearest
        )
        return nearest if is_typing_error else []

    def _score(self, written: OrtName, known: KnownGemeinde) -> int:
        name = known.ort.name
        pairs = [(written.key, name.key), (written.key, known.ort.bare)]
        # Two additions that differ are two places, however like the names before them.
        if not (written.addition and name.addition):
            pairs.append((written.base, name.base))
        return max(_score_names(first, second) for first, second in pairs)

    def _search(
        self, written: OrtName, plz_as_written: str, plz: str, within: list[KnownGemeinde]
    ) -> Aufloesung:
        """Candidates by the name alone, wherever they are; never certain."""
        matches = self._search_everywhere(written, plz)
        mark = _mark_plz(plz_as_written, plz, within)
        if not matches and not within:
            return Aufloesung(Certainty.UNKNOWN, (), (mark, Mark.ORT_UNKNOWN), plz, written.key)
        marks = [mark] if matches else [Mark.ORT_UNKNOWN]
        owners = self._list_owners(written, within)
        if any(match.known.gemeinde.is_deprecated for match in (*matches, *owners)):
            marks.append(Mark.GEMEINDE_DEPRECATED)
        candidates = _list_candidates([*matches, *owners])
        certainty = Certainty.UNCERTAIN if candidates else Certainty.UNKNOWN
        return Aufloesung(certainty, candidates, tuple(marks), plz, written.key)

    def _list_owners(self, written: OrtName, within: list[KnownGemeinde]) -> list[_Match]:
        """The Gemeinden of the postal code, where they are few: the name may be the mistake."""
        if len({known.gemeinde.ags for known in within}) > _MAX_PLZ_GEMEINDEN:
            return []
        return [_Match(known, self._score(written, known)) for known in within]

    def _search_everywhere(self, written: OrtName, plz: str) -> list[_Match]:
        found = [
            match
            for key in dict.fromkeys((written.key, written.base))
            for known in self._index.list_by_key(key)
            if (match := _compare(written, known)).score >= OrtLikeness.PART
        ]
        best = _keep_best(found, OrtLikeness.PART) or [
            _Match(known, OrtLikeness.TEIL, Mark.TEIL, read_ort(part.name).key)
            for part in self._index.list_ortsteile(written)
            for known in self._index.list_by_ags(part.ags)
            if part.plz in ("", known.gemeinde.plz)
        ]
        return _sort_by_plz(best or self._search_similar(written), plz)

    def _search_similar(self, written: OrtName) -> list[_Match]:
        hits = process.extract(
            written.key,
            self._index.keys,
            scorer=OSA.normalized_similarity,
            score_cutoff=self._threshold / 100,
            limit=_MAX_CANDIDATES,
        )
        return [
            _Match(known, round(score * 100), Mark.SIMILAR)
            for key, score, _ in hits
            if has_same_contrast(written.key, key)
            for known in self._index.list_by_key(key)
        ]


def _compare(written: OrtName, known: KnownGemeinde) -> _Match:
    likeness = compare_ort(written, known.ort)
    mark = None if likeness is OrtLikeness.SAME else Mark.SPELLING
    teil = find_teil(written, known.ort) if likeness is OrtLikeness.TEIL else written.teil
    return _Match(known, likeness, Mark.TEIL if teil else mark, teil)


def _score_names(first: str, second: str) -> int:
    if min(len(first), len(second)) < _SHORTEST_NAME:
        return 0
    return int(OSA.normalized_similarity(first, second) * 100)


def _keep_current(within: list[KnownGemeinde]) -> list[KnownGemeinde]:
    return [known for known in within if not known.gemeinde.is_deprecated]


def _keep_best(matches: list[_Match], least: OrtLikeness) -> list[_Match]:
    best = max((match.score for match in matches), default=0)
    return [match for match in matches if match.score == best] if best >= least else []


def _keep_kreis(written: OrtName, matches: list[_Match]) -> list[_Match]:
    """Of two Gemeinden with the same name the one in the Kreis that the address names."""
    fitting = [match for match in matches if fits_kreis(written, match.known.ort)]
    return fitting or matches


def _settle(matches: list[_Match], plz: str, written: OrtName) -> Aufloesung:
    """Certain where all matches are the same Gemeinde."""
    candidates = _list_candidates(matches)
    marks = [match.mark for match in matches if match.mark]
    if len(candidates) == 1:
        return Aufloesung(Certainty.CERTAIN, candidates, tuple(marks[:1]), plz, written.key)
    marks = [*dict.fromkeys(marks), Mark.SEVERAL_GEMEINDEN]
    return Aufloesung(Certainty.AMBIGUOUS, candidates, tuple(marks), plz, written.key)


def _list_candidates(matches: Iterable[_Match]) -> tuple[Kandidat, ...]:
    """Each Gemeinde once, by the first match that names it."""
    found: dict[str, Kandidat] = {}
    for match in matches:
        gemeinde = match.known.gemeinde
        key = match.known.ort.name.key
        found.setdefault(gemeinde.ags, Kandidat(gemeinde, int(match.score), key, match.teil))
    return tuple(found.values())[:_MAX_CANDIDATES]


def _sort_by_plz(matches: list[_Match], plz: str) -> list[_Match]:
    """The most similar first; among equals those whose postal code is nearly the written one."""

    def rank(match: _Match) -> tuple[int, float]:
        return -match.score, OSA.normalized_distance(match.known.gemeinde.plz, plz)

    return sorted(matches, key=rank)


def _mark_plz(plz_as_written: str, plz: str, within: list[KnownGemeinde]) -> Mark:
    if within:
        return Mark.PLZ_MISMATCH
    if plz:
        return Mark.PLZ_UNKNOWN
    return Mark.PLZ_INVALID if plz_as_written.strip() else Mark.PLZ_MISSING
