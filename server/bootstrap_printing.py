"""Builds the outputs of letters from the settings."""

from persistence.database import Database
from server.domain.print_settings import PrintSettings
from server.printing.dispatcher import OutputChoice, Outputs, load_outputs
from server.printing.output import OutputSetup
from server.services.print_settings import PrintChoices
from server.settings import Settings


def list_choices(settings: Settings) -> tuple[OutputChoice, ...]:
    """The outputs of the settings, not made yet."""
    printing = settings.printing
    return tuple(
        OutputChoice(output.plugin, OutputSetup(name, output.options, printing.base))
        for name, output in printing.outputs.items()
    )


def load_outputs_of(settings: Settings) -> Outputs:
    """The outputs of the settings; raises what `load_outputs` raises."""
    return load_outputs(list_choices(settings), settings.printing.output)


def make_print_choices(settings: Settings, database: Database) -> PrintChoices:
    """What Mandanten chose for their letters, over the defaults of the settings."""
    printing = settings.printing
    defaults = PrintSettings(
        printing.output,
        printing.duplex,
        printing.colour,
        printing.stock,
        printing.envelope,
        printing.product,
        printing.cost_centre,
    )
    return PrintChoices(database, defaults, printing.outputs.keys())
