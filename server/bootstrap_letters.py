"""How letters look and where they go, from the settings."""

from server.printing.dispatcher import load_output
from server.printing.letter import LetterStyle
from server.printing.marks import MarkKind, MarkStyle
from server.printing.stationery import StationeryFolders
from server.services.codelisten import Codelisten
from server.services.letters import Letters
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.settings import PrintingSettings
from server.xmlio.payloads import PayloadInspector


def make_letter_style(printing: PrintingSettings) -> LetterStyle:
    """The style of all letters; raises TemplatesInvalid or MarkUnusable."""
    marks = MarkStyle(
        MarkKind(printing.marks),
        printing.mark_left_mm,
        printing.mark_top_mm,
        printing.mark_size_mm,
    )
    marks.require_usable()
    stationery = StationeryFolders(printing.templates_folder)
    return LetterStyle(stationery, printing.service_franks, marks)


def make_letters(
    printing: PrintingSettings,
    inspector: PayloadInspector,
    codelisten: Codelisten,
    kataloge: Massnahmenkataloge,
) -> Letters:
    """The letters with their output; raises what `load_output` and `make_letter_style` raise."""
    output = load_output(printing.output, printing.options)
    return Letters(inspector, output, codelisten, kataloge, make_letter_style(printing))
