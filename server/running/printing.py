"""`damtshilfe print` and `damtshilfe mandant print`: outputs and choices as German lines."""

from collections.abc import Iterable, Iterator

from server.printing.dispatcher import Outputs, check_output, list_plugins
from server.printing.output import OutputUnavailable
from server.services.print_settings import PrintView
from server.settings_printing import PrintingSettings

_SIDES = {True: "beidseitig", False: "einseitig"}
_COLOURS = {True: "in Farbe", False: "schwarz-weiß"}


def check_outputs(
    printing: PrintingSettings, outputs: Outputs, names: Iterable[str]
) -> Iterator[tuple[str, bool]]:
    """A line for each output, and whether it is as it should be; first the plugins there are."""
    yield f"Plugins: {', '.join(sorted(list_plugins()))}", True
    for name in names:
        try:
            text, is_there = check_output(outputs.find(name)), True
        except OutputUnavailable as error:
            text, is_there = f"nicht erreichbar: {error}", False
        plugin = f" ({printing.outputs[name].plugin})" if name in printing.outputs else ""
        default = ", Vorgabe" if name == outputs.default else ""
        yield f"{name}{plugin}{default}: {text}", is_there


def render_print_settings(view: PrintView) -> Iterator[str]:
    """What holds for the letters of a Mandant."""
    choice, settings = view.choice, view.settings
    yield f"{view.mandant.identifier}  {view.mandant.name}"
    rows = (
        ("Druckausgabe", settings.output, choice.output),
        ("Seiten", _SIDES[settings.duplex], choice.duplex),
        ("Farbe", _COLOURS[settings.colour], choice.colour),
        ("Papiersorte", settings.stock, choice.stock),
        ("Umschlag", settings.envelope, choice.envelope),
        ("Versandprodukt", settings.product, choice.product),
        ("Kostenstelle", settings.cost_centre, choice.cost_centre),
    )
    for label, value, chosen in rows:
        source = "" if chosen is not None else "  (Vorgabe)"
        yield f"  {label + ':':<18}{value or '–'}{source}"
