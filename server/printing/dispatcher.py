"""The print dispatcher: finds the output plugins, and makes the outputs of the settings.

A plugin is a class in the entry-point group `damtshilfe.print_output`, called with an
OutputSetup. Several outputs may use the same plugin.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from server.printing.options import BadOutputOptions
from server.printing.output import CheckedOutput, OutputPlugin, OutputSetup, OutputUnavailable

ENTRY_POINT_GROUP = "damtshilfe.print_output"


class UnknownPlugin(Exception):
    """No plugin bears this name, or it cannot be loaded; the text is German."""


class DuplicatePlugin(Exception):
    """Two plugins bear the same name; the text is German."""


@dataclass(frozen=True)
class OutputChoice:
    """An output of the settings: which plugin, and what it is made with."""

    plugin: str
    setup: OutputSetup


class Outputs:
    """The outputs of this installation by their names, one of them the default."""

    def __init__(self, outputs: Mapping[str, OutputPlugin], default: str) -> None:
        self._outputs = dict(outputs)
        self.default = default

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(sorted(self._outputs))

    def find(self, name: str) -> OutputPlugin:
        """The output with this name.

        Raises OutputUnavailable: the settings may bring it back.
        """
        output = self._outputs.get(name)
        if output is None:
            raise OutputUnavailable(f"Die Druckausgabe „{name}“ steht nicht in den Einstellungen.")
        return output


def load_outputs(choices: Iterable[OutputChoice], default: str) -> Outputs:
    """The outputs of the settings.

    Raises UnknownPlugin, DuplicatePlugin or BadOutputOptions for the first that is wrong.
    """
    loaded = {choice.setup.name: load_output(choice) for choice in choices}
    if default not in loaded:
        known = ", ".join(sorted(loaded)) or "keine"
        raise UnknownPlugin(f"Die Druckausgabe „{default}“ gibt es nicht; eingestellt: {known}.")
    return Outputs(loaded, default)


def load_output(choice: OutputChoice) -> OutputPlugin:
    """One output; raises UnknownPlugin, DuplicatePlugin or BadOutputOptions."""
    plugins = list_plugins()
    value = plugins.get(choice.plugin)
    if value is None:
        known = ", ".join(sorted(plugins)) or "keine"
        raise UnknownPlugin(
            f"Druckausgabe „{choice.setup.name}“: Das Plugin „{choice.plugin}“ gibt es nicht; "
            f"vorhanden: {known}."
        )
    return _make(value, choice)


def find_output_problems(choices: Iterable[OutputChoice], default: str) -> Iterator[str]:
    """All that is wrong with the outputs of the settings (German sentences)."""
    names = set()
    for choice in choices:
        names.add(choice.setup.name)
        try:
            load_output(choice)
        except BadOutputOptions as error:
            yield from (
                f"printing.outputs.{error.output}.options: {problem}" for problem in error.problems
            )
        except UnknownPlugin as error:
            yield f"printing: {error}"
        except DuplicatePlugin as error:
            yield f"printing: {error}"
            return
    if default not in names:
        known = ", ".join(sorted(names)) or "keine"
        yield (
            f"printing.output: Die Druckausgabe „{default}“ steht nicht unter printing.outputs; "
            f"vorhanden: {known}."
        )


def check_output(output: OutputPlugin) -> str:
    """What a check of the output says (German); raises OutputUnavailable."""
    if not isinstance(output, CheckedOutput):
        return "lässt sich nicht prüfen"
    output.check()
    return "ist erreichbar"


def list_plugins() -> Mapping[str, EntryPoint]:
    """The installed plugins by their names; raises DuplicatePlugin."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            values = ", ".join(sorted((other.value, point.value)))
            raise DuplicatePlugin(f"Das Druck-Plugin „{point.name}“ gibt es mehrmals: {values}.")
    return found


def _make(point: EntryPoint, choice: OutputChoice) -> OutputPlugin:
    try:
        make = point.load()
    except (ImportError, AttributeError) as error:
        raise UnknownPlugin(
            f"Das Druck-Plugin „{point.name}“ ({point.value}) lässt sich nicht laden: {error}."
        ) from error
    plugin: OutputPlugin = make(choice.setup)
    return plugin
