"""A look over the directory as a whole: Gemeinden without a rule, rules that lead nowhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from persistence.authority_database import AuthorityDatabase
from server.domain.eintrag import Eintrag, EintragState
from server.domain.gemeinde import Gemeinde
from server.domain.local_time import find_local_day
from server.domain.regel import Regel
from server.services.clock import Clock


@dataclass(frozen=True)
class DirectoryReport:
    """What somebody should look at, each as a German sentence."""

    gaps: tuple[str, ...]
    authorities: tuple[str, ...]


class DirectoryCheck:
    """Reads everything once; nothing is changed."""

    def __init__(self, database: AuthorityDatabase, clock: Clock) -> None:
        self._database = database
        self._today = find_local_day(clock())

    def run(self) -> DirectoryReport:
        """The state of today."""
        with self._database.reading() as directory:
            gemeinden = directory.gemeinden.list_all()
            eintraege = {
                (item.behoerde.identifier.value, item.behoerde.identifier.type): item
                for item in directory.behoerden.list_all()
            }
            # Rules for streets leave the rest of the place open.
            regeln = [
                regel for regel in directory.regeln.iterate_all() if regel.is_valid_on(self._today)
            ]
        covered = {_find_region(regel) for regel in regeln if not regel.region.strasse}
        return DirectoryReport(
            tuple(_find_gaps(gemeinden, covered)),
            tuple(_find_bad_authorities(regeln, eintraege, self._today)),
        )


def _find_region(regel: Regel) -> tuple[str, str]:
    region = regel.region
    return region.ags or region.kreis or region.land, region.plz


def _find_gaps(gemeinden: Iterable[Gemeinde], covered: set[tuple[str, str]]) -> Iterator[str]:
    """Gemeinden for which no rule holds, whatever the Einnahmeart; each with its postal codes."""
    open_places: dict[tuple[str, str], list[str]] = {}
    for item in gemeinden:
        keys = [(item.ags[:length], plz) for length in (2, 5, 8) for plz in ("", item.plz)]
        if not (item.is_deprecated or covered.intersection([*keys, ("", item.plz)])):
            open_places.setdefault((item.ags, item.ort), []).append(item.plz)
    for (ags, ort), codes in open_places.items():
        yield f"Für {ort} ({ags}, {', '.join(codes)}) gilt heute keine Regel."


def _find_bad_authorities(
    regeln: Iterable[Regel], eintraege: dict[tuple[str, str], Eintrag], today: date
) -> Iterator[str]:
    numbers: dict[tuple[str, str], int] = {}
    for regel in regeln:
        key = (regel.behoerde.value, regel.behoerde.type)
        numbers[key] = numbers.get(key, 0) + 1
    for key, number in numbers.items():
        eintrag = eintraege.get(key)
        reason = _find_reason(eintrag, today)
        if reason:
            yield f"{key[0]}, Zahl der geltenden Regeln: {number}: {reason}"


def _find_reason(eintrag: Eintrag | None, today: date) -> str:
    if eintrag is None:
        return "die Behörde ist nicht eingetragen."
    if eintrag.state is EintragState.REGISTERED:
        return "die Registrierung ist nicht bestätigt."
    if not eintrag.is_valid_on(today):
        return "die Behörde ist heute nicht im Amt."
    return f"der Eintrag ist zweifelhaft ({eintrag.doubt_reason})." if eintrag.is_doubtful else ""
