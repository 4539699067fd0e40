"""The identifier of an authority as commands take it."""

import click

from server.domain.behoerde import TYPE_LENGTH, VALUE_LENGTH, PartyIdentifier


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
        if len(identifier) > VALUE_LENGTH or len(kind) > TYPE_LENGTH:
            self.fail(
                f"Eine Kennung hat höchstens {VALUE_LENGTH} Zeichen, ihr Typ {TYPE_LENGTH}.",
                param,
                ctx,
            )
        return PartyIdentifier(identifier.strip(), kind.strip())
