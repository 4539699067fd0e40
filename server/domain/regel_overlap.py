"""The RegelOverlap: two equal rules that name different authorities for the same claims.

It is allowed, as the law may leave it open; a look-up answers with both. An import tells it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from server.domain.address_normalisation import fold_ort
from server.domain.regel import Regel, Region

# Rules with the same anchor are compared two by two; of more nobody would read the pairs.
_MOST_IN_GROUP = 500


def find_overlaps(
    regeln: Iterable[tuple[Regel, bool]],
) -> Iterator[tuple[Regel, Regel]]:
    """Pairs that overlap, of which at least one is new (True beside it)."""
    groups: dict[str, list[tuple[Regel, bool]]] = {}
    for regel, is_new in regeln:
        groups.setdefault(regel.region.anchor, []).append((regel, is_new))
    for group in groups.values():
        if len(group) > 1 and any(is_new for _, is_new in group):
            yield from _find_in_group(group)


def _find_in_group(group: Sequence[tuple[Regel, bool]]) -> Iterator[tuple[Regel, Regel]]:
    for (first, first_is_new), (second, second_is_new) in combinations(group[:_MOST_IN_GROUP], 2):
        if (first_is_new or second_is_new) and overlap(first, second):
            yield first, second


def overlap(first: Regel, second: Regel) -> bool:
    """True where both may be the best rule for the same claim, and name different authorities."""
    return (
        not first.behoerde.is_same_party(second.behoerde)
        and first.specificity == second.specificity
        and _share_einnahmeart(first, second)
        and _share_day(first, second)
        and _share_address(first.region, second.region)
    )


def _share_einnahmeart(first: Regel, second: Regel) -> bool:
    if not (first.einnahmearten and second.einnahmearten):
        return True
    return not set(first.einnahmearten).isdisjoint(second.einnahmearten)


def _share_day(first: Regel, second: Regel) -> bool:
    begin = max(first.valid_from or date.min, second.valid_from or date.min)
    return begin <= min(first.valid_to or date.max, second.valid_to or date.max)


def _share_address(first: Region, second: Region) -> bool:
    return (
        _agree(first.ags, second.ags)
        and _agree(first.plz, second.plz)
        and _agree(fold_ort(first.ort), fold_ort(second.ort))
        and _share_number(first, second)
    )


def _agree(first: str, second: str) -> bool:
    return not (first and second) or first == second


def _share_number(first: Region, second: Region) -> bool:
    if first.parity and second.parity and first.parity is not second.parity:
        return False
    numbers, others = first.number_range, second.number_range
    return numbers is None or others is None or numbers.overlaps(others)
