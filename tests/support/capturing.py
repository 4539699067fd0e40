"""What a test of capturing needs: a directory without a wire, and a complete draft."""

from datetime import date

from clients.authority import WireAnschrift, WireBehoerde, WireErklaerung, WireKennung, WireOrt
from clients.authority_cache import Answered
from persistence.authority_database import AuthorityDatabase
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.draft import Step
from server.domain.eintrag import Eintrag
from server.domain.gemeinde import Gemeinde
from server.domain.regel import Regel, Region
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.authority import Authority
from server.services.clock import Clock
from server.services.directory_cache import DirectoryCache
from server.services.zustaendigkeit import ZustaendigkeitFinder
from server.settings import AuthorityServerSettings
from tests.support.directory import fill_directory

POTSDAM = Behoerde(
    PartyIdentifier("ags:potsdam", "xoev", "Stadt Potsdam"),
    "Stadt Potsdam",
    Anschrift("Hegelallee", "6", "14467", "Potsdam"),
    Kanal.ELEKTRONISCH,
)
JENA = Behoerde(
    PartyIdentifier("ags:jena", "xoev", "Stadt Jena"),
    "Stadt Jena",
    Anschrift("Am Anger", "15", "07743", "Jena"),
    Kanal.ELEKTRONISCH,
)
COCHEM = Behoerde(
    PartyIdentifier("ags:cochem", "xoev", "Stadt Cochem"),
    "Stadt Cochem",
    Anschrift("Markt", "1", "56812", "Cochem"),
    Kanal.BRIEF,
)
_PLACES = (
    ("16053000", "07743", "Jena", JENA),
    ("07135020", "56812", "Cochem", COCHEM),
    ("12054000", "14467", "Potsdam", POTSDAM),
)
# What a clerk types into the steps.
CONTENT: dict[Step, dict[str, object]] = {
    Step.SCHULDNER: {
        "aktenzeichen": "VS-2026-17",
        "bearbeiter": "Eva Ahorn",
        "schuldner": [
            {
                "art": "person",
                "name": "Beispiel",
                "vorname": "Erika",
                "geburtsdatum": "3.2.1980",
                "strasse": "Saalstraße",
                "hausnummer": "17",
                "plz": "07743",
                "ort": "Jena",
            }
        ],
    },
    Step.FORDERUNGEN: {
        "forderungen": [
            {
                "einnahmeart": "hundesteuer",
                "bezeichnung": "1. Rate",
                "betrag": "1.184,50",
                "faelligkeit": "15.02.2026",
                "nebenforderungen": [{"art": "mahngebuehr", "betrag": "5"}],
            }
        ],
        "bescheinigt_am": "02.11.2026",
        "bescheinigt_von": "Im Auftrag, Ahorn",
        "kontoinhaber": "Stadtkasse Potsdam",
        "iban": "DE02 1203 0000 0000 2020 51",
    },
    Step.MASSNAHMEN: {"massnahmen": [{"art": "sachpfaendung"}], "rechtsgrundlagen": "§ 250 AO"},
}


def fill_with_places(directory: AuthorityDatabase) -> None:
    """Three places, each with an authority for every kind of claim."""
    fill_directory(
        directory,
        [Gemeinde(ags, plz, ort) for ags, plz, ort, _ in _PLACES],
        [Eintrag(behoerde) for _, _, _, behoerde in _PLACES],
        [Regel(Region(ags=ags), (), behoerde.identifier) for ags, _, _, behoerde in _PLACES],
    )


class WirelessAuthority:
    """The Authority-Server's own decisions, in the words of its client."""

    def __init__(self, directory: AuthorityDatabase, clock: Clock) -> None:
        cache = DirectoryCache(directory, AuthorityServerSettings().ort_similarity, ())
        self._authority = Authority(directory, ZustaendigkeitFinder(directory, cache), clock)

    def explain_zustaendigkeit(
        self, einnahmeart: str, anschrift: WireAnschrift
    ) -> Answered[WireErklaerung]:
        """With reasons."""
        asked = ZustaendigkeitAnfrage(einnahmeart, Anschrift(**vars(anschrift)))
        told = self._authority.explain_zustaendigkeit(asked)
        return Answered(
            WireErklaerung(
                told.aufloesung.certainty,
                tuple(_to_ort(item.gemeinde) for item in told.aufloesung.candidates),
                told.marks,
                told.is_unambiguous,
                tuple(_to_wire(item.behoerde) for item in told.candidates),
                told.list_sentences(),
            )
        )

    def find_orte(self, beginning: str) -> Answered[tuple[WireOrt, ...]]:
        """By their beginning."""
        return Answered(tuple(map(_to_ort, self._authority.suggest_orte(beginning))))

    def find_behoerde(self, kennung: WireKennung) -> Answered[WireBehoerde | None]:
        """By its identifier."""
        found = self._authority.find_behoerde(PartyIdentifier(kennung.value, kennung.type))
        return Answered(_to_wire(found) if found else None)

    def find_data_centre(self, _mandant: WireKennung, _day: date | None = None) -> Answered[None]:
        """Everybody is served here."""
        return Answered(None)


def _to_ort(gemeinde: Gemeinde) -> WireOrt:
    return WireOrt(gemeinde.ags, gemeinde.plz, gemeinde.ort, gemeinde.kreis)


def _to_wire(behoerde: Behoerde) -> WireBehoerde:
    identifier = behoerde.identifier
    return WireBehoerde(
        WireKennung(identifier.value, identifier.type, identifier.category),
        behoerde.name,
        WireAnschrift(**vars(behoerde.anschrift)),
        behoerde.kanal,
    )
