"""What commands about data centres and certificates need of an installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persistence.trust_database import TrustDatabase
from server.cli_installation import open_directory


@contextmanager
def open_trust(config: Path) -> Iterator[TrustDatabase]:
    """The Authority-Server's database; ends the command where it cannot be used."""
    with open_directory(config) as directory:
        yield TrustDatabase(directory.engine)
