"""What a line of each kind means: fields become the columns of a row of the directory.

A column that the file does not have is not in the row: there the directory keeps what it has.
"""

from collections.abc import Callable, Mapping
from typing import Any

from server.domain.address_normalisation import fold_ort
from server.domain.behoerde import Kanal
from server.domain.directory_kind import DirectoryKind
from server.domain.eintrag import EintragState
from server.domain.hausnummer import Parity
from server.domain.regel import Region, find_region_problem
from server.services.directory_data.fields import Fields

IDENTIFIER_TYPE = "xoev"
IDENTIFIER_CATEGORY = "Vollstreckungsbehörde"
STATE_WORDS = {
    "aktiv": EintragState.ACTIVE.value,
    "registriert": EintragState.REGISTERED.value,
    "beendet": EintragState.ENDED.value,
}
PARITY_WORDS = {"alle": Parity.ALL, "ungerade": Parity.ODD, "gerade": Parity.EVEN}
_KANAL_WORDS = {kanal.value: kanal.value for kanal in Kanal}

Row = dict[str, Any]


def _read_gemeinde(fields: Fields) -> Row:
    row: Row = {
        "ags": fields.digits("ags", 8, is_required=True),
        "plz": fields.digits("plz", 5, is_required=True),
        "ort": fields.text("ort", is_required=True),
    }
    if fields.has("kreis"):
        row["kreis"] = fields.text("kreis")
    if fields.has("deprecated"):
        row["is_deprecated"] = fields.flag("deprecated")
    return row


def _read_ortsteil(fields: Fields) -> Row:
    name = fields.text("ortsteil", is_required=True)
    if name and not fold_ort(name):
        fields.refuse("ortsteil", f"„{name}“ ist kein Name.")
    ags = fields.digits("ags", 8, is_required=True)
    return {"name": name, "ags": ags, "plz": fields.digits("plz", 5)}


def _read_behoerde(fields: Fields) -> Row:
    row: Row = {
        "identifier_value": fields.text("kennung", is_required=True),
        "identifier_type": fields.text("typ", longest=64) or IDENTIFIER_TYPE,
        "name": fields.text("name", is_required=True),
        "plz": fields.digits("plz", 5, is_required=True),
        "ort": fields.text("ort", is_required=True),
        "kanal": fields.choice("kanal", _KANAL_WORDS, ""),
    }
    for name, (column, read) in _OPTIONAL_OF_BEHOERDE.items():
        if fields.has(name):
            row[column] = read(fields)
    if fields.has("gueltig_von") or fields.has("gueltig_bis"):
        row["valid_from"], row["valid_to"] = fields.period("gueltig_von", "gueltig_bis")
    return row


_OPTIONAL_OF_BEHOERDE: Mapping[str, tuple[str, Callable[[Fields], object]]] = {
    "kategorie": ("identifier_category", lambda fields: fields.text("kategorie")),
    "strasse": ("strasse", lambda fields: fields.text("strasse")),
    "hausnummer": ("hausnummer", lambda fields: fields.text("hausnummer", longest=32)),
    "status": ("state", lambda fields: fields.choice("status", STATE_WORDS, "")),
    "iban": ("iban", lambda fields: fields.iban("iban")),
    "einnahmearten": (
        "einnahmearten",
        lambda fields: " ".join(fields.einnahmearten("einnahmearten")),
    ),
    "rechenzentrum": ("rechenzentrum", lambda fields: fields.text("rechenzentrum")),
    "kontakte": ("contact", lambda fields: fields.contacts("kontakte")),
}


def _read_regel(fields: Fields) -> Row:
    region = _read_region(fields)
    einnahmearten = fields.einnahmearten("einnahmearten")
    value = fields.text("behoerde", is_required=True)
    kind = fields.text("behoerde_typ", longest=64) or IDENTIFIER_TYPE
    valid_from, valid_to = fields.period("gueltig_von", "gueltig_bis")
    problem = "" if fields.problems else find_region_problem(region)
    if problem:
        fields.problems.append(problem)
    return {
        "anchor": "" if fields.problems else region.anchor,
        "land": region.land,
        "kreis": region.kreis,
        "ags": region.ags,
        "plz": region.plz,
        "ort": region.ort,
        "strasse": region.strasse,
        "number_from": region.number_from,
        "number_to": region.number_to,
        "parity": region.parity.value,
        "einnahmearten": " ".join(einnahmearten),
        "behoerde_value": value,
        "behoerde_type": kind,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


def _read_region(fields: Fields) -> Region:
    return Region(
        land=fields.digits("land", 2),
        kreis=fields.digits("kreis", 5),
        ags=fields.digits("ags", 8),
        plz=fields.digits("plz", 5),
        ort=fields.text("ort"),
        strasse=fields.text("strasse"),
        number_from=fields.text("hausnummer_von", longest=16),
        number_to=fields.text("hausnummer_bis", longest=16),
        parity=fields.choice("seite", {"": Parity.ALL, **PARITY_WORDS}, Parity.ALL),
    )


def _read_teilnehmer(fields: Fields) -> Row:
    return {
        "fingerprint": fields.fingerprint("fingerabdruck"),
        "name": fields.text("name", is_required=True),
        "not_after": fields.moment("gueltig_bis"),
    }


READERS: Mapping[DirectoryKind, Callable[[Fields], Row]] = {
    DirectoryKind.GEMEINDEN: _read_gemeinde,
    DirectoryKind.ORTSTEILE: _read_ortsteil,
    DirectoryKind.BEHOERDEN: _read_behoerde,
    DirectoryKind.REGELN: _read_regel,
    DirectoryKind.TEILNEHMER: _read_teilnehmer,
}

# What a new row has where its file has no such column.
DEFAULTS: Mapping[DirectoryKind, Row] = {
    DirectoryKind.GEMEINDEN: {"kreis": "", "is_deprecated": False},
    DirectoryKind.ORTSTEILE: {},
    DirectoryKind.BEHOERDEN: {
        "identifier_category": IDENTIFIER_CATEGORY,
        "strasse": "",
        "hausnummer": "",
        "state": EintragState.ACTIVE.value,
        "valid_from": None,
        "valid_to": None,
        "is_doubtful": False,
        "doubt_reason": "",
        "iban": "",
        "einnahmearten": "",
        "rechenzentrum": "",
        "contact": [],
    },
    DirectoryKind.REGELN: {},
    DirectoryKind.TEILNEHMER: {},
}


def _identify_regel(row: Mapping[str, Any]) -> tuple[object, ...]:
    """All but the last day of validity, and however names and lists are written."""
    return (
        row["anchor"],
        row["land"],
        row["kreis"],
        row["ags"],
        row["plz"],
        fold_ort(row["ort"]) if row["ort"] else "",
        row["number_from"],
        row["number_to"],
        row["parity"],
        tuple(sorted(row["einnahmearten"].split())),
        row["behoerde_value"],
        row["behoerde_type"],
        row["valid_from"],
    )


# What makes two rows the same one, whatever else they say.
IDENTITIES: Mapping[DirectoryKind, Callable[[Mapping[str, Any]], tuple[object, ...]]] = {
    DirectoryKind.GEMEINDEN: lambda row: (row["ags"], row["plz"]),
    DirectoryKind.ORTSTEILE: lambda row: (row["name"], row["ags"], row["plz"]),
    DirectoryKind.BEHOERDEN: lambda row: (row["identifier_value"], row["identifier_type"]),
    DirectoryKind.REGELN: _identify_regel,
    DirectoryKind.TEILNEHMER: lambda row: (row["fingerprint"],),
}
