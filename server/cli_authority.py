"""`damtshilfe authority`: the central directory."""

import click


@click.group("authority", help="Zentrales Verzeichnis.")
def authority_group() -> None:
    """Commands about the directory."""
