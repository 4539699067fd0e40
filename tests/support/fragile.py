"""Parts of a worker that let it die at a chosen step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from persistence.database import Database, Stores
from persistence.engine import begin_writing


class Crash(BaseException):
    """The worker is gone: nothing that catches errors sees it."""


def crash() -> None:
    """Ends the worker within this process."""
    raise Crash


@dataclass
class Fuse:
    """Lets the worker die at the step with this number; each call is a step."""

    at: int
    die: Callable[[], None] = crash
    steps: int = 0

    def burn(self) -> None:
        """A step."""
        self.steps += 1
        if self.steps == self.at:
            self.die()


class FragileDatabase(Database):
    """Before and after each commit of a transaction that writes the worker may die."""

    def __init__(self, engine: Engine, fuse: Fuse) -> None:
        super().__init__(engine)
        self._fuse = fuse

    @contextmanager
    def writing(self) -> Iterator[Stores]:
        """As in Database."""
        with begin_writing(self.engine) as connection:
            yield Stores(connection)
            self._fuse.burn()
        self._fuse.burn()
