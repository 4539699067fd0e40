"""The Länder of Germany, and which of them an authority belongs to."""

from enum import StrEnum

from server.domain.behoerde import PartyIdentifier

_AGS_PREFIX = "ags:"


class Land(StrEnum):
    """The Länder by their keys of ISO 3166-2:DE, without `DE-`."""

    BADEN_WUERTTEMBERG = "BW"
    BAYERN = "BY"
    BERLIN = "BE"
    BRANDENBURG = "BB"
    BREMEN = "HB"
    HAMBURG = "HH"
    HESSEN = "HE"
    MECKLENBURG_VORPOMMERN = "MV"
    NIEDERSACHSEN = "NI"
    NORDRHEIN_WESTFALEN = "NW"
    RHEINLAND_PFALZ = "RP"
    SAARLAND = "SL"
    SACHSEN = "SN"
    SACHSEN_ANHALT = "ST"
    SCHLESWIG_HOLSTEIN = "SH"
    THUERINGEN = "TH"


LAND_NAMES: dict[Land, str] = {
    Land.BADEN_WUERTTEMBERG: "Baden-Württemberg",
    Land.BAYERN: "Bayern",
    Land.BERLIN: "Berlin",
    Land.BRANDENBURG: "Brandenburg",
    Land.BREMEN: "Bremen",
    Land.HAMBURG: "Hamburg",
    Land.HESSEN: "Hessen",
    Land.MECKLENBURG_VORPOMMERN: "Mecklenburg-Vorpommern",
    Land.NIEDERSACHSEN: "Niedersachsen",
    Land.NORDRHEIN_WESTFALEN: "Nordrhein-Westfalen",
    Land.RHEINLAND_PFALZ: "Rheinland-Pfalz",
    Land.SAARLAND: "Saarland",
    Land.SACHSEN: "Sachsen",
    Land.SACHSEN_ANHALT: "Sachsen-Anhalt",
    Land.SCHLESWIG_HOLSTEIN: "Schleswig-Holstein",
    Land.THUERINGEN: "Thüringen",
}

# The first two digits of an AGS are the number of the Land.
_LAND_BY_AGS: dict[str, Land] = {
    "01": Land.SCHLESWIG_HOLSTEIN,
    "02": Land.HAMBURG,
    "03": Land.NIEDERSACHSEN,
    "04": Land.BREMEN,
    "05": Land.NORDRHEIN_WESTFALEN,
    "06": Land.HESSEN,
    "07": Land.RHEINLAND_PFALZ,
    "08": Land.BADEN_WUERTTEMBERG,
    "09": Land.BAYERN,
    "10": Land.SAARLAND,
    "11": Land.BERLIN,
    "12": Land.BRANDENBURG,
    "13": Land.MECKLENBURG_VORPOMMERN,
    "14": Land.SACHSEN,
    "15": Land.SACHSEN_ANHALT,
    "16": Land.THUERINGEN,
}


def find_land(identifier: PartyIdentifier) -> Land | None:
    """The Land of an authority that is known by its AGS; None where the identifier tells none."""
    if not identifier.value.startswith(_AGS_PREFIX):
        return None
    ags = identifier.value.removeprefix(_AGS_PREFIX)
    return _LAND_BY_AGS.get(ags[:2])


def find_land_name(ags: str) -> str:
    """The name of the Land in which an AGS, or the key of a Kreis or Land, lies; empty if none."""
    land = _LAND_BY_AGS.get(ags[:2])
    return LAND_NAMES[land] if land else ""
