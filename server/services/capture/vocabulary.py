"""What may be chosen while an Ersuchen is captured: code lists and catalogues of today."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.behoerde import PartyIdentifier
from server.domain.codeliste import EINNAHMEART_URI
from server.domain.local_time import find_local_day
from server.domain.massnahme import Massnahmenkatalog
from server.services.clock import Clock
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge

_NOBODY = PartyIdentifier("", "")


@dataclass(frozen=True)
class Vocabulary:
    """Names of Einnahmearten by their keys, and the measures of the asked Behoerde."""

    einnahmearten: Mapping[str, str]
    katalog: Massnahmenkatalog


class Vocabularies:
    """Finds the vocabulary of a draft."""

    def __init__(self, codelisten: Codelisten, kataloge: Massnahmenkataloge, clock: Clock) -> None:
        self._codelisten = codelisten
        self._kataloge = kataloge
        self._clock = clock

    def find_for(self, reader: PartyIdentifier | None) -> Vocabulary:
        """The catalogue is that of the reader; the standard where nobody is asked yet."""
        codeliste = self._codelisten.find_valid(EINNAHMEART_URI, find_local_day(self._clock()))
        return Vocabulary(
            codeliste.entries if codeliste else {}, self._kataloge.find_for(reader or _NOBODY)
        )
