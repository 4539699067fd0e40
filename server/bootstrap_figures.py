"""Builds the figures from the settings."""

from server.bootstrap_parts import MessageParts
from server.domain.print_costs import PrintPrices
from server.services.figures.claims import ClaimReading
from server.services.figures.showing import Figures
from server.settings import Settings


def make_figures(settings: Settings, parts: MessageParts) -> Figures:
    """What is shown of the figures."""
    printing = settings.printing
    prices = {}
    for name in printing.outputs:
        costs = printing.find_costs(name)
        prices[name] = PrintPrices(costs.letter, costs.sheet, costs.page)
    return Figures(parts.database, parts.clock, parts.codelisten, prices)


def make_claim_reading(parts: MessageParts) -> ClaimReading:
    """Reads the claims of messages that were stored before claims were kept."""
    return ClaimReading(parts.database, parts.blobs, parts.inspector)
