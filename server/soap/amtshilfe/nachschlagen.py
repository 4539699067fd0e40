"""What a Fachverfahren looks up: code lists and the catalogue of measures."""

from collections.abc import Mapping

from lxml import etree

from server.domain.codeliste import Codeliste
from server.domain.massnahme import ANGABE_NAMES, Massnahme
from server.errors import AmtshilfeError, Faults
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.soap.amtshilfe.elements import add, child_text, respond
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import read_kennung
from server.xmlio.moments import read_stichtag
from server.xmlio.namespaces import FACHVERFAHREN, name_in


class NachschlagenPort:
    """Contract types in, contract types out."""

    def __init__(self, codelisten: Codelisten, kataloge: Massnahmenkataloge) -> None:
        self._codelisten = codelisten
        self._kataloge = kataloge

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "codeliste": self.codeliste,
            "massnahmenkatalog": self.massnahmenkatalog,
        }

    def codeliste(self, call: Call) -> Reply:
        """One list with its entries, or the heads of all."""
        request = call.require_body()
        uri, version = child_text(request, "uri"), child_text(request, "version")
        day = child_text(request, "stichtag")
        response = respond("codeliste")
        if not uri:
            if version or day:
                raise AmtshilfeError(
                    Faults.PARAMETER_COMBINATION,
                    "Zu version oder stichtag fehlt die uri der Codeliste.",
                )
            for codeliste in self._codelisten.list_all():
                _write_codeliste_head(add(response, "codeliste"), codeliste)
            return Reply(response)
        found = self._find_codeliste(uri, version, day)
        if found:
            _write_codeliste(add(response, "codeliste"), found)
        return Reply(response)

    def massnahmenkatalog(self, call: Call) -> Reply:
        """The measures of the catalogue of a reader, or of the caller."""
        request = call.require_body()
        leser = request.find(name_in(FACHVERFAHREN, "leser"))
        asked = call.caller.mandant.identifier if leser is None else read_kennung(leser)
        response = respond("massnahmenkatalog")
        for massnahme in self._kataloge.list_for_land(asked, child_text(request, "land")):
            _write_massnahme(add(response, "massnahme"), massnahme)
        return Reply(response)

    def _find_codeliste(self, uri: str, version: str, day: str) -> Codeliste | None:
        if version:
            return self._codelisten.find_version(uri, version)
        return self._codelisten.find_valid(uri, read_stichtag(day) or self._codelisten.today())


def _write_codeliste(element: etree._Element, codeliste: Codeliste) -> None:
    _write_codeliste_head(element, codeliste)
    for key, name in codeliste.entries.items():
        entry = add(element, "eintrag")
        add(entry, "schluessel", key)
        add(entry, "bezeichnung", name)


def _write_codeliste_head(element: etree._Element, codeliste: Codeliste) -> None:
    add(element, "uri", codeliste.uri)
    add(element, "version", codeliste.version)
    add(element, "name", codeliste.name)
    for name, day in (("gueltigAb", codeliste.valid_from), ("gueltigBis", codeliste.valid_to)):
        if day:
            add(element, name, day.isoformat())


def _write_massnahme(element: etree._Element, massnahme: Massnahme) -> None:
    add(element, "schluessel", massnahme.key)
    add(element, "bezeichnung", massnahme.name)
    explanation = " ".join(filter(None, (massnahme.explanation, massnahme.note)))
    if explanation:
        add(element, "erlaeuterung", explanation)
    for legal_basis in massnahme.legal_bases:
        add(element, "rechtsgrundlage", legal_basis)
    for angabe in massnahme.angaben:
        described = add(element, "angabe")
        add(described, "schluessel", angabe.value)
        add(described, "bezeichnung", ANGABE_NAMES[angabe])
    for land in sorted(massnahme.laender):
        add(element, "land", land.value)
