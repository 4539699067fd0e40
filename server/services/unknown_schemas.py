"""Messages of a schema that the catalogue does not know: each Mandant says whether it takes part.

What is encrypted cannot be looked into and is carried in either case.
"""

from collections.abc import Iterator

from persistence.database import Database
from server.domain.mandant import Caller, Mandant
from server.errors import Faults
from server.services.send_command import SendCommand
from server.services.violation import Violation
from server.xmlio.payloads import PayloadInspector


def find_refusals(
    command: SendCommand, inspector: PayloadInspector, database: Database
) -> Iterator[Violation]:
    """Whether the author's Mandant or the reader's refuses a message of unknown schema (9050)."""
    message = command.message
    if message is None or inspector.is_known(message):
        return
    root = inspector.find_root(message)
    what = f"Das Schema der Nachricht ({root})" if root else "Das Schema der Nachricht (kein XML)"
    for mandant in _list_mandanten(command, database):
        if not mandant.carries_unknown:
            yield Violation(
                Faults.SCHEMA_VIOLATION,
                f"{what} ist hier nicht bekannt, und {mandant.name} tauscht nur Nachrichten "
                "bekannter Schemata aus.",
            )


def _list_mandanten(command: SendCommand, database: Database) -> Iterator[Mandant]:
    # Whether a Mandant of another data centre takes part is decided there.
    if isinstance(command.caller, Caller):
        author = command.caller.mandant
        yield author
        if author.identifier.is_same_party(command.head.reader):
            return
    with database.reading() as stores:
        reader = stores.mandanten.find(command.head.reader)
    if reader:
        yield reader
