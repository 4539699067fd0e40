"""How letters look, from the settings."""

from dataclasses import dataclass

from persistence.database import Database
from server.bootstrap_printing import make_print_choices
from server.printing.letter import LetterStyle
from server.printing.marks import MarkKind, MarkStyle
from server.printing.stationery import StationeryFolders, StationerySource
from server.services.codelisten import Codelisten
from server.services.letterheads import Letterheads
from server.services.letters import Letters
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.settings import Settings
from server.settings_printing import PrintingSettings
from server.xmlio.payloads import PayloadInspector


def make_letter_style(printing: PrintingSettings, stationery: StationerySource) -> LetterStyle:
    """The style of all letters; raises MarkUnusable."""
    return LetterStyle(stationery, printing.service_franks, make_mark_style(printing))


def make_letterheads(printing: PrintingSettings, database: Database) -> Letterheads:
    """With what each authority writes; raises TemplatesInvalid."""
    return Letterheads(database, StationeryFolders(printing.templates_folder))


def make_mark_style(printing: PrintingSettings) -> MarkStyle:
    """The marks on sheets; raises MarkUnusable."""
    marks = MarkStyle(
        MarkKind(printing.marks),
        printing.mark_left_mm,
        printing.mark_top_mm,
        printing.mark_size_mm,
    )
    marks.require_usable()
    return marks


@dataclass(frozen=True)
class LetterTexts:
    """Where the words of a letter come from."""

    inspector: PayloadInspector
    codelisten: Codelisten
    kataloge: Massnahmenkataloge


def make_letters(settings: Settings, database: Database, texts: LetterTexts) -> Letters:
    """What sets letters; raises TemplatesInvalid or MarkUnusable."""
    printing = settings.printing
    return Letters(
        texts.inspector,
        make_print_choices(settings, database),
        make_letter_style(printing, make_letterheads(printing, database)),
        texts.codelisten,
        texts.kataloge,
    )
