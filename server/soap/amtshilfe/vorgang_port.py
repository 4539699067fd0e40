"""The façade's operation `vorgang`: the caller's own matters with their history."""

from collections.abc import Mapping

from lxml import etree

from server.domain.vorgang import VorgangCriteria, VorgangEntry
from server.services.vorgaenge import MAX_FOUND, Vorgaenge, VorgangView
from server.soap.amtshilfe.elements import add, child_text, respond, to_boolean
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import fill_kennung
from server.xmlio.moments import format_moment


class VorgangPort:
    """Contract types in, contract types out."""

    def __init__(self, vorgaenge: Vorgaenge) -> None:
        self._vorgaenge = vorgaenge

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"vorgang": self.vorgang}

    def vorgang(self, call: Call) -> Reply:
        """The matters that fit all criteria."""
        request = call.require_body()
        found = self._vorgaenge.find(call.caller, _read_criteria(request), _read_maximum(request))
        response = respond("vorgang")
        for view in found.views:
            _fill_vorgang(add(response, "vorgang"), view)
        add(response, "weitere", str(found.remaining))
        return Reply(response)


def _read_criteria(request: etree._Element) -> VorgangCriteria:
    return VorgangCriteria(
        child_text(request, "vorgangId"),
        child_text(request, "messageId"),
        child_text(request, "aktenzeichen"),
        child_text(request, "nurUeberfaellige") in ("true", "1"),
    )


def _read_maximum(request: etree._Element) -> int:
    """How many are wanted; a number of any length is allowed, and none means all that may come."""
    digits = child_text(request, "maximal").lstrip("+0")
    return int(digits) if 0 < len(digits) <= len(str(MAX_FOUND)) else MAX_FOUND


def _fill_vorgang(element: etree._Element, view: VorgangView) -> None:
    vorgang = view.vorgang
    add(element, "vorgangId", vorgang.vorgang_id)
    add(element, "rolle", vorgang.rolle.value)
    fill_kennung(add(element, "partner"), vorgang.partner)
    add(element, "partnerName", vorgang.partner.name)
    if vorgang.own_aktenzeichen:
        add(element, "eigenesAktenzeichen", vorgang.own_aktenzeichen)
    if vorgang.partner_aktenzeichen:
        add(element, "fremdesAktenzeichen", vorgang.partner_aktenzeichen)
    add(element, "stand", vorgang.state.value)
    add(element, "eroeffnet", format_moment(vorgang.opened))
    add(element, "geaendert", format_moment(vorgang.changed))
    if view.due and vorgang.waiting:
        is_own = vorgang.waiting.owed_by is vorgang.rolle
        add(element, "antwortBis", view.due.isoformat())
        add(element, "antwortVon", "eigene" if is_own else "partner")
    add(element, "ueberfaellig", to_boolean(view.is_overdue))
    for entry in view.entries:
        _fill_ereignis(add(element, "ereignis"), entry)


def _fill_ereignis(element: etree._Element, entry: VorgangEntry) -> None:
    add(element, "zeitpunkt", format_moment(entry.moment))
    add(element, "richtung", entry.direction.value)
    add(element, "art", entry.event.value)
    if entry.message_id:
        add(element, "messageId", entry.message_id)
    add(element, "text", entry.text)
    add(element, "stand", entry.state.value)
    add(element, "passend", to_boolean(entry.fits))
    if entry.hint:
        add(element, "hinweis", entry.hint)
