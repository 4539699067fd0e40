"""What can be chosen in the lists of an Ersuchen: keys of the schema and their German names."""

from collections.abc import Mapping

from server.printing.letter_texts import ANLAGE_NAMES, NEBENFORDERUNG_NAMES, ZUSTELLUNG_NAMES

PERSON, FIRMA = "person", "firma"

SCHULDNER_ARTEN: Mapping[str, str] = {
    PERSON: "natürliche Person",
    FIRMA: "Firma oder andere juristische Person",
}
NEBENFORDERUNG_ARTEN: Mapping[str, str] = NEBENFORDERUNG_NAMES
ZUSTELLUNG_ARTEN: Mapping[str, str] = ZUSTELLUNG_NAMES
ANLAGE_ARTEN: Mapping[str, str] = ANLAGE_NAMES
