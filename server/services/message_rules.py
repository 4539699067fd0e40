"""The rules of our own messages together (9052), with code lists and the catalogue of measures."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import ErbeteneMassnahme, Ersuchen, Forderung, Person
from server.domain.massnahme import Angabe, AskedMassnahme
from server.services.codelisten import Codelisten
from server.services.ersuchen_rules import find_violations, find_wrong_anlagen, find_wrong_sum
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.xmlio.ersuchen import ERSUCHEN, read_anlagen, read_ersuchen
from server.xmlio.forderung import FORDERUNGSAENDERUNG, read_forderungsaenderung
from server.xmlio.namespaces import AMTSHILFE

# A parsed message; only xmlio looks into it.
Document = Any


@dataclass(frozen=True)
class MessageUnderRules:
    """A message that is valid by its schema: its root, to whom it goes, and what lies beside it.

    `attached` are SHA-256 (hex) by file name.
    """

    document: Document
    reader: PartyIdentifier
    attached: Mapping[str, str]


class MessageRules:
    """Knows which rules belong to which message; other namespaces have none."""

    def __init__(self, codelisten: Codelisten, kataloge: Massnahmenkataloge) -> None:
        self._codelisten = codelisten
        self._kataloge = kataloge
        self._rules: Mapping[str, Callable[[MessageUnderRules], Iterator[str]]] = {
            ERSUCHEN: self._check_ersuchen,
            FORDERUNGSAENDERUNG: self._check_forderungsaenderung,
        }

    def find_violations(self, message: MessageUnderRules) -> tuple[str, ...]:
        """German sentences, all of them together."""
        root = str(message.document.tag)
        if not root.startswith(f"{{{AMTSHILFE}}}"):
            return ()
        found = list(self._rules[root](message)) if root in self._rules else []
        return (*found, *find_wrong_anlagen(read_anlagen(message.document), message.attached))

    def _check_ersuchen(self, message: MessageUnderRules) -> Iterator[str]:
        ersuchen = read_ersuchen(message.document)
        yield from find_violations(ersuchen)
        yield from self._check_einnahmearten(ersuchen.forderung_list, ersuchen.datum)
        yield from self._kataloge.find_problems(
            message.reader,
            [_to_asked(massnahme, ersuchen) for massnahme in ersuchen.massnahme_list],
            is_natural_person=any(
                isinstance(schuldner.wer, Person) for schuldner in ersuchen.schuldner_list
            ),
        )

    def _check_forderungsaenderung(self, message: MessageUnderRules) -> Iterator[str]:
        change = read_forderungsaenderung(message.document)
        yield from find_wrong_sum(change.forderung_list, change.gesamtbetrag)
        yield from self._check_einnahmearten(change.forderung_list, change.datum)

    def _check_einnahmearten(
        self, forderung_list: Iterable[Forderung], datum: date
    ) -> Iterator[str]:
        for key in dict.fromkeys(item.einnahmeart for item in forderung_list):
            problem = self._codelisten.find_einnahmeart_problem(key, datum)
            if problem:
                yield problem


def _to_asked(massnahme: ErbeteneMassnahme, ersuchen: Ersuchen) -> AskedMassnahme:
    persons = [item.wer for item in ersuchen.schuldner_list if isinstance(item.wer, Person)]
    carried = {
        Angabe.DRITTSCHULDNER: massnahme.drittschuldner is not None,
        Angabe.KONTOVERBINDUNG: bool(massnahme.iban),
        Angabe.KENNZEICHEN: bool(massnahme.kennzeichen),
        Angabe.GRUNDSTUECK: bool(massnahme.grundstueck),
        Angabe.GEGENSTAND: bool(massnahme.gegenstand),
        Angabe.GEBURTSDATUM: all(person.geburtsdatum for person in persons),
    }
    return AskedMassnahme(
        massnahme.art, frozenset(angabe for angabe, is_there in carried.items() if is_there)
    )
