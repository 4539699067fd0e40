"""What the keys of an Ersuchen are called, on the letter as in its preview."""

from server.domain.ersuchen import Ersuchen
from server.printing.letter_texts import KeyNames
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge


def name_keys(ersuchen: Ersuchen, codelisten: Codelisten, kataloge: Massnahmenkataloge) -> KeyNames:
    """The names of its Einnahmearten and measures, as they hold on its date and for its reader."""
    katalog = kataloge.find_for(ersuchen.ersuchter.identifier)
    arten = {forderung.einnahmeart for forderung in ersuchen.forderung_list}
    measures = {massnahme.art for massnahme in ersuchen.massnahme_list}
    return KeyNames(
        {key: codelisten.name_einnahmeart(key, ersuchen.datum) for key in arten},
        {key: found.name for key in measures if (found := katalog.find_known(key))},
    )
