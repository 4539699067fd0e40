"""The façade's operation `auswertung`: the caller's figures and print costs."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lxml import etree

from server.domain.figure_query import FigureQuery
from server.domain.figures import FigureFilter, FigureGrouping, MessageSums
from server.errors import AmtshilfeError, Faults
from server.services.figures.showing import (
    CostLine,
    FigureLine,
    FigureQueryRefused,
    Figures,
)
from server.soap.amtshilfe.elements import add, child_text, respond, to_boolean
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import read_kennung
from server.xmlio.moments import read_stichtag
from server.xmlio.namespaces import FACHVERFAHREN, name_in

_CENTS = 100
# Of a Behoerde that no message ever named: nothing fits.
_NOBODY = 0


class FiguresPort:
    """Contract types in, contract types out."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"auswertung": self.auswertung}

    def auswertung(self, call: Call) -> Reply:
        """The caller's figures by group, their sum, and what its letters cost."""
        query = self._read_query(call.require_body())
        try:
            table = self._figures.show(call.caller, query)
            costs = self._figures.show_costs(call.caller, query.first, query.last)
        except FigureQueryRefused as error:
            raise AmtshilfeError(Faults.PARAMETER_COMBINATION, str(error)) from error
        response = respond("auswertung")
        add(response, "ausstehend", str(table.waiting))
        for line in table.lines:
            _fill_line(add(response, "zeile"), line)
        _fill_line(add(response, "summe"), table.total)
        for cost in costs.lines:
            _fill_cost(add(response, "druckkosten"), cost)
        return Reply(response)

    def _read_query(self, request: etree._Element) -> FigureQuery:
        chosen = FigureFilter(
            self._read_partner(request),
            *(child_text(request, name) for name in ("kanal", "stand", "einnahmeart", "art")),
        )
        grouping = FigureGrouping(child_text(request, "gliederung"))
        return FigureQuery(_read_day(request, "von"), _read_day(request, "bis"), grouping, chosen)

    def _read_partner(self, request: etree._Element) -> int | None:
        behoerde = request.find(name_in(FACHVERFAHREN, "behoerde"))
        if behoerde is None:
            return None
        return self._figures.find_party(read_kennung(behoerde)) or _NOBODY


def _read_day(request: etree._Element, name: str) -> date:
    """Days of years that Python does not know (xs:date allows them) are refused."""
    day = read_stichtag(child_text(request, name))
    if day is None:
        raise AmtshilfeError(Faults.PARAMETER_COMBINATION, f"Der Tag {name} ist nicht brauchbar.")
    return day


def _fill_line(element: etree._Element, line: FigureLine) -> None:
    add(element, "schluessel", line.key)
    add(element, "bezeichnung", line.label)
    for name, sums in (("gesendet", line.outgoing), ("empfangen", line.incoming)):
        _fill_sums(add(element, name), sums)


def _fill_sums(element: etree._Element, sums: MessageSums) -> None:
    add(element, "nachrichten", str(sums.messages))
    add(element, "ersuchen", str(sums.ersuchen))
    add(element, "forderungen", str(sums.claims))
    add(element, "betrag", f"{Decimal(sums.cents) / _CENTS:.2f}")
    for name, number, seconds in (
        ("bisAbgeholt", sums.fetched, sums.fetch_seconds),
        ("bisBestaetigt", sums.closed, sums.close_seconds),
        ("bisErledigt", sums.done, sums.done_seconds),
    ):
        if number:
            duration = add(element, name)
            add(duration, "anzahl", str(number))
            add(duration, "mittel", str(round(seconds / number)))


def _fill_cost(element: etree._Element, line: CostLine) -> None:
    add(element, "kostenstelle", line.cost_centre)
    add(element, "ausgabe", line.output)
    add(element, "produkt", line.product)
    add(element, "beidseitig", to_boolean(line.duplex))
    add(element, "farbig", to_boolean(line.colour))
    add(element, "briefe", str(line.sums.letters))
    add(element, "seiten", str(line.sums.pages))
    add(element, "blaetter", str(line.sums.sheets))
    if line.cost is not None:
        add(element, "kosten", f"{line.cost:.2f}")
