"""What outputs that speak with a server have in common: its failures become those of an output."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol, TypeVar

from server.printing.output import OutputUnavailable


class _Closable(Protocol):
    def close(self) -> None: ...


_Connection = TypeVar("_Connection", bound=_Closable)


@contextmanager
def connected(
    connection: _Connection, name: str, url: str, failures: tuple[type[Exception], ...]
) -> Iterator[_Connection]:
    """Gives the connection and closes it; where it fails so, the output is unavailable for now."""
    with closing(connection):
        try:
            yield connection
        except failures as error:
            raise OutputUnavailable(
                f"Die Druckausgabe „{name}“ kann {url} nicht erreichen ({error})."
            ) from error
