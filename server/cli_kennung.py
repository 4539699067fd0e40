"""The identifier of an authority as commands take it."""

import click

from server.domain.behoerde import PartyIdentifier


class Kennung(click.ParamType[PartyIdentifier]):
    """The identifier of an authority: type and value."""

    name = "TYP:WERT"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> PartyIdentifier:
        """Text → identifier."""
        kind, _, identifier = str(value).partition(":")
        if not (kind.strip() and identifier.strip()):
            self.fail(
                f"„{value}“ ist keine Kennung: Sie hat nicht die Form typ:wert, etwa "
                "xoev:ags:16053000.",
                param,
                ctx,
            )
        return PartyIdentifier(identifier.strip(), kind.strip())
