"""Operations of the Authority-Server: who serves a Mandant, and whose a certificate is."""

import base64
from collections.abc import Mapping
from datetime import date

from lxml import etree

from server.services.data_centres import DataCentres, ServiceAnswer
from server.services.participants import Participants
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import fill_kennung, read_kennung
from server.xmlio.namespaces import AUTHORITY, name_in


class CentrePort:
    """Contract types in, contract types out."""

    def __init__(self, centres: DataCentres, participants: Participants) -> None:
        self._centres = centres
        self._participants = participants

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "findRechenzentrum": self.find_rechenzentrum,
            "findZertifikatsinhaber": self.find_zertifikatsinhaber,
        }

    def find_rechenzentrum(self, call: Call) -> Reply:
        """Who serves a Mandant on a day; an empty answer where nobody does."""
        mandant = read_kennung(call.require_child(AUTHORITY, "mandant"))
        day = call.require_body().findtext(name_in(AUTHORITY, "tag"))
        # xs:date may bear a zone; the days of a service have none.
        asked = date.fromisoformat(day.strip()[:10]) if day else None
        response = etree.Element(
            name_in(AUTHORITY, "findRechenzentrumResponse"), nsmap={"aut": AUTHORITY}
        )
        answer = self._centres.find(mandant, asked)
        if answer:
            response.append(_write_rechenzentrum(answer))
        return Reply(response)

    def find_zertifikatsinhaber(self, call: Call) -> Reply:
        """To whom a certificate is bound that counts now; an empty answer where to nobody."""
        fingerprint = call.require_child(AUTHORITY, "fingerabdruck").text or ""
        response = etree.Element(
            name_in(AUTHORITY, "findZertifikatsinhaberResponse"), nsmap={"aut": AUTHORITY}
        )
        holder = self._participants.find_holder(fingerprint.strip())
        if holder and holder.mandant:
            element = etree.SubElement(response, name_in(AUTHORITY, "mandant"))
            fill_kennung(element, holder.mandant)
        elif holder:
            _add(response, "rechenzentrum", holder.centre)
        return Reply(response)


def _write_rechenzentrum(answer: ServiceAnswer) -> etree._Element:
    centre, service = answer.centre, answer.service
    element = etree.Element(name_in(AUTHORITY, "rechenzentrum"))
    _add(element, "name", centre.name)
    _add(element, "bezeichnung", centre.title)
    _add(element, "managementPort", centre.management)
    _add(element, "sendPort", centre.send)
    _add(element, "msgBoxPort", centre.msgbox)
    _add(element, "gueltigAb", service.valid_from.isoformat())
    if service.valid_to:
        _add(element, "gueltigBis", service.valid_to.isoformat())
    for der in answer.certificates:
        _add(element, "zertifikat", base64.b64encode(der).decode("ascii"))
    return element


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name_in(AUTHORITY, name)).text = text
