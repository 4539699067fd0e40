"""What Mandanten chose for the printing of their letters."""

from dataclasses import asdict

from sqlalchemy import Connection, bindparam, delete, insert, select

from persistence.tables import print_choice
from server.domain.print_settings import PrintChoice

# Built once: it runs for each letter.
_FIND = select(print_choice).where(print_choice.c.mandant_key == bindparam("mandant_key"))


class PrintChoiceStore:
    """One row for each Mandant that chose something."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, mandant_key: int) -> PrintChoice:
        """The choices of a Mandant; empty where it made none."""
        row = self._connection.execute(_FIND, {"mandant_key": mandant_key}).one_or_none()
        if row is None:
            return PrintChoice()
        values = row._asdict()
        del values["mandant_key"]
        return PrintChoice(**values)

    def save(self, mandant_key: int, choice: PrintChoice) -> None:
        """Keeps the choices of a Mandant; empty ones are forgotten."""
        self._connection.execute(
            delete(print_choice).where(print_choice.c.mandant_key == mandant_key)
        )
        if choice != PrintChoice():
            self._connection.execute(
                insert(print_choice).values(mandant_key=mandant_key, **asdict(choice))
            )
