"""What the directory holds about an authority that works here, for its administrator."""

from collections.abc import Callable
from dataclasses import dataclass

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from server.domain.behoerde import Behoerde
from server.domain.eintrag import Eintrag
from server.domain.mandant import AccessEntry, Mandant
from server.domain.web_user import Actor
from server.services.directory import Directory, DirectoryUnavailable


@dataclass(frozen=True)
class AuthorityView:
    """The Mandant with the history of its access, and its entry.

    `behoerde` is None where the directory does not know it or is away (`is_away`); `eintrag` tells
    more, where the directory lies in this installation.
    """

    mandant: Mandant
    history: tuple[AccessEntry, ...]
    behoerde: Behoerde | None
    eintrag: Eintrag | None
    is_away: bool = False


class AuthorityData:
    """`find_directory` gives the directory, None where it is elsewhere."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        find_directory: Callable[[], AuthorityDatabase | None],
    ) -> None:
        self._database = database
        self._directory = directory
        self._find_directory = find_directory

    def show(self, actor: Actor) -> AuthorityView:
        """The actor's own authority."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find_by_key(actor.mandant_key)
            history = stores.mandanten.list_access_entries(mandant.key)
        eintrag = self._find_eintrag(mandant)
        if eintrag:
            return AuthorityView(mandant, history, eintrag.behoerde, eintrag)
        try:
            behoerde = self._directory.find_behoerde(mandant.identifier)
        except DirectoryUnavailable:
            return AuthorityView(mandant, history, None, None, is_away=True)
        return AuthorityView(mandant, history, behoerde, None)

    def _find_eintrag(self, mandant: Mandant) -> Eintrag | None:
        opened = self._find_directory()
        if opened is None:
            return None
        with opened.reading() as directory:
            return directory.behoerden.find(mandant.identifier)
