"""A day of the calendar as a parameter of commands."""

from datetime import date

import click


class Day(click.ParamType[date]):
    """A day of the calendar."""

    name = "JJJJ-MM-TT"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; ends the command where the text is none."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"„{value}“ ist kein Tag (JJJJ-MM-TT).", param, ctx)
