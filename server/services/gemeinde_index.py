"""All Gemeinden in memory, found by postal code and by the forms of their names."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.domain.address_normalisation import OrtName, fold_ort
from server.domain.gemeinde import Gemeinde, Ortsteil
from server.domain.ort_likeness import KnownOrt, OrtLikeness, compare_ort, prepare_ort


@dataclass(frozen=True, slots=True)
class KnownGemeinde:
    """A Gemeinde with one of its postal codes, and its prepared name."""

    gemeinde: Gemeinde
    ort: KnownOrt


class GemeindeIndex:
    """Reads only; a change of the directory makes a new one."""

    def __init__(self, gemeinden: Iterable[Gemeinde], ortsteile: Iterable[Ortsteil]) -> None:
        self._by_plz: dict[str, list[KnownGemeinde]] = {}
        self._by_key: dict[str, list[KnownGemeinde]] = {}
        self._by_ags: dict[str, list[KnownGemeinde]] = {}
        self._ortsteile: dict[str, list[Ortsteil]] = {}
        names: dict[tuple[str, str], KnownOrt] = {}
        for gemeinde in gemeinden:
            name = (gemeinde.ags, gemeinde.ort)
            if name not in names:
                names[name] = prepare_ort(gemeinde)
            self._add(KnownGemeinde(gemeinde, names[name]))
        for ortsteil in ortsteile:
            self._ortsteile.setdefault(fold_ort(ortsteil.name), []).append(ortsteil)
        self.keys = tuple(self._by_key)
        self._sorted_plz = sorted(self._by_plz)
        self._sorted_keys = sorted(self._by_key)

    def list_by_plz(self, plz: str) -> list[KnownGemeinde]:
        """The Gemeinden with this postal code."""
        return self._by_plz.get(plz, [])

    def list_by_ags(self, ags: str) -> list[KnownGemeinde]:
        """One for each postal code of the Gemeinde."""
        return self._by_ags.get(ags, [])

    def list_by_key(self, key: str) -> list[KnownGemeinde]:
        """The Gemeinden that have a name of this form."""
        return self._by_key.get(key, [])

    def has_same_name_elsewhere(self, written: OrtName, plz: str) -> bool:
        """True where the written name is in full that of a Gemeinde with other postal codes."""
        return any(
            item.gemeinde.plz != plz and compare_ort(written, item.ort) is OrtLikeness.SAME
            for item in self.list_by_key(written.key)
        )

    def list_ortsteile(self, written: OrtName) -> Iterator[Ortsteil]:
        """The parts of towns with the written name."""
        for key in dict.fromkeys((written.key, written.base, written.teil)):
            yield from self._ortsteile.get(key, ())

    def suggest(self, term: str, maximum: int) -> tuple[Gemeinde, ...]:
        """Gemeinden whose postal code or name begins so; both may stand in the term."""
        words = term.split()
        plz = "".join(word for word in words if word.isdecimal())
        key = fold_ort(" ".join(word for word in words if not word.isdecimal()))
        found: dict[tuple[str, str], Gemeinde] = {}
        for known in self._list_beginning(plz, key):
            if known.gemeinde.is_deprecated or not known.gemeinde.plz.startswith(plz):
                continue
            found.setdefault((known.gemeinde.ags, known.gemeinde.plz), known.gemeinde)
            if len(found) == maximum:
                break
        return tuple(found.values())

    def _list_beginning(self, plz: str, key: str) -> Iterator[KnownGemeinde]:
        if key:
            for name in _list_prefixed(self._sorted_keys, key):
                yield from self._by_key[name]
        elif plz:
            for code in _list_prefixed(self._sorted_plz, plz):
                yield from self._by_plz[code]

    def _add(self, known: KnownGemeinde) -> None:
        self._by_plz.setdefault(known.gemeinde.plz, []).append(known)
        self._by_ags.setdefault(known.gemeinde.ags, []).append(known)
        for key in dict.fromkeys(known.ort.keys):
            self._by_key.setdefault(key, []).append(known)


def _list_prefixed(texts: list[str], prefix: str) -> Iterator[str]:
    """Those that begin so, of texts in order."""
    for position in range(bisect_left(texts, prefix), len(texts)):
        if not texts[position].startswith(prefix):
            break
        yield texts[position]
