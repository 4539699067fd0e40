"""How letters look, from the settings."""

from dataclasses import dataclass

from persistence.database import Database
from server.bootstrap_printing import make_print_choices
from server.printing.letter import LetterStyle
from server.printing.marks import MarkKind, MarkStyle
from server.printing.stationery import StationeryFolders
from server.services.codelisten import Codelisten
from server.services.letters import Letters
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.settings import Settings
from server.settings_printing import PrintingSettings
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


@dataclass(frozen=True)
class LetterTexts:
    """Where the words of a letter come from."""

    inspector: PayloadInspector
    codelisten: Codelisten
    kataloge: Massnahmenkataloge


def make_letters(settings: Settings, database: Database, texts: LetterTexts) -> Letters:
    """What sets letters; raises what `make_letter_style` raises."""
    return Letters(
        texts.inspector,
        make_print_choices(settings, database),
        make_letter_style(settings.printing),
        texts.codelisten,
        texts.kataloge,
    )
