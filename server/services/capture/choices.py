"""What can be chosen in the lists of an Ersuchen: keys of the schema and their German names."""

from collections.abc import Mapping

from server.printing.letter_texts import NEBENFORDERUNG_NAMES

PERSON, FIRMA = "person", "firma"

SCHULDNER_ARTEN: Mapping[str, str] = {
    PERSON: "natürliche Person",
    FIRMA: "Firma oder andere juristische Person",
}
NEBENFORDERUNG_ARTEN: Mapping[str, str] = NEBENFORDERUNG_NAMES
ZUSTELLUNG_ARTEN: Mapping[str, str] = {
    "einfacher-brief": "einfacher Brief",
    "einschreiben": "Einschreiben",
    "postzustellungsurkunde": "Postzustellungsurkunde",
    "empfangsbekenntnis": "Empfangsbekenntnis",
    "elektronisch": "elektronisch",
    "oeffentlich": "öffentliche Zustellung",
    "persoenlich": "persönliche Übergabe",
}
ANLAGE_ARTEN: Mapping[str, str] = {
    "bescheid": "Bescheid",
    "vollstreckungstitel": "Vollstreckungstitel",
    "zustellungsnachweis": "Zustellungsnachweis",
    "vollmacht": "Vollmacht",
    "protokoll": "Protokoll",
    "sonstiges": "Sonstiges",
}
