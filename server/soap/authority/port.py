"""AuthorityPort: zustaendigkeit (001 and 002), its explanation, findBehoerde, findZertifikate."""

import base64
from collections.abc import Mapping

from lxml import etree

from server.services.authority import Authority
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import fill_behoerde, read_kennung
from server.xmlio.erklaerung import (
    read_erklaerung_request,
    read_orte_request,
    write_erklaerung,
    write_orte,
)
from server.xmlio.namespaces import AMTSHILFE, AUTHORITY, name_in
from server.xmlio.zustaendigkeit import read_anfrage, write_antwort


class AuthorityPort:
    """Contract types in, contract types out."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "zustaendigkeit": self.zustaendigkeit,
            "erklaereZustaendigkeit": self.erklaere_zustaendigkeit,
            "findOrte": self.find_orte,
            "findBehoerde": self.find_behoerde,
            "findZertifikate": self.find_zertifikate,
        }

    def zustaendigkeit(self, call: Call) -> Reply:
        """001 in, 002 out."""
        anfrage = read_anfrage(call.require_body())
        return Reply(write_antwort(self._authority.find_zustaendigkeit(anfrage)))

    def erklaere_zustaendigkeit(self, call: Call) -> Reply:
        """The same question for any day and any spelling, answered with reasons."""
        anfrage = read_erklaerung_request(call.require_body())
        return Reply(write_erklaerung(self._authority.explain_zustaendigkeit(anfrage)))

    def find_orte(self, call: Call) -> Reply:
        """Gemeinden whose postal code or name begins so."""
        term = read_orte_request(call.require_body())
        return Reply(write_orte(self._authority.suggest_orte(term)))

    def find_behoerde(self, call: Call) -> Reply:
        """The Behoerde with an identifier; an empty answer where it is unknown."""
        kennung = call.require_child(AUTHORITY, "kennung")
        response = etree.Element(
            name_in(AUTHORITY, "findBehoerdeResponse"), nsmap={"aut": AUTHORITY, "amt": AMTSHILFE}
        )
        behoerde = self._authority.find_behoerde(read_kennung(kennung))
        if behoerde:
            fill_behoerde(etree.SubElement(response, name_in(AUTHORITY, "behoerde")), behoerde)
        return Reply(response)

    def find_zertifikate(self, call: Call) -> Reply:
        """The certificates for which others encrypt; an empty answer where none is known."""
        kennung = call.require_child(AUTHORITY, "kennung")
        response = etree.Element(
            name_in(AUTHORITY, "findZertifikateResponse"), nsmap={"aut": AUTHORITY}
        )
        for der in self._authority.find_certificates(read_kennung(kennung)):
            zertifikat = etree.SubElement(response, name_in(AUTHORITY, "zertifikat"))
            zertifikat.text = base64.b64encode(der).decode("ascii")
        return Reply(response)
