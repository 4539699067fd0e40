"""Commands whose modules are loaded when they are chosen.

A list of commands then costs nothing but their names and help texts, which stand where they are
listed. What a command needs is imported by its module, at its top, as everywhere.
"""

from importlib import import_module
from typing import cast

import click


class LazyCommand(click.Command):
    """Stands for a command in lists; `source` has the form `module:attribute`."""

    def __init__(self, name: str, source: str, help_text: str) -> None:
        super().__init__(name, help=help_text)
        self._source = source

    def load(self) -> click.Command:
        """The command itself, under the name and with the help text of the list."""
        module, _, attribute = self._source.partition(":")
        command = cast(click.Command, getattr(import_module(module), attribute))
        command.name, command.help = self.name, self.help
        return command


class LazyGroup(click.Group):
    """A group that loads the module of a command when the command is chosen."""

    def add_lazies(self, *commands: tuple[str, str, str]) -> None:
        """Lists commands of other modules: name, `module:attribute`, help text."""
        for command in commands:
            self.add_command(LazyCommand(*command))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was chosen, loaded, and the arguments that are left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest
