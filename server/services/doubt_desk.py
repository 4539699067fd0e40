"""Doubtful entries of the directory, as the operator sees and settles them."""

from collections.abc import Callable
from dataclasses import dataclass

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from server.domain.behoerde import Behoerde
from server.domain.eintrag import Doubt, Eintrag
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.directory_data.uploading import NoDirectory
from server.services.web_access.audit import make_entry
from server.services.web_access.audit_carrying import AuditCarrier

_PAGE = 50
_NOTE_LENGTH = 500


class DoubtChanged(Exception):
    """Something else came back since the page was drawn; the text is German."""

    def __init__(self, behoerde: Behoerde) -> None:
        super().__init__(
            f"Zu {behoerde.name} ist inzwischen etwas Neues gemeldet worden. Bitte sehen Sie es "
            "sich an, bevor Sie den Eintrag als erledigt melden."
        )


@dataclass(frozen=True)
class DoubtfulEntry:
    """An entry with its doubt; `mark` is the doubt as it is kept."""

    key: int
    eintrag: Eintrag
    doubt: Doubt

    @property
    def mark(self) -> str:
        """What who settles it has seen."""
        return self.eintrag.doubt_reason


@dataclass(frozen=True)
class DoubtPage:
    """A page of them; `after` is the key behind which more follow, 0 where none do."""

    entries: tuple[DoubtfulEntry, ...]
    after: int


class DoubtDesk:
    """`find_directory` gives the directory, None where it is elsewhere (NoDirectory)."""

    def __init__(
        self,
        database: Database,
        find_directory: Callable[[], AuthorityDatabase | None],
        clock: Clock,
    ) -> None:
        self._find_directory = find_directory
        self._carrier = AuditCarrier(database, find_directory)
        self._clock = clock

    @property
    def is_possible(self) -> bool:
        """False where the directory is elsewhere."""
        return self._find_directory() is not None

    def list_page(self, term: str = "", after: int = 0) -> DoubtPage:
        """The page behind a key; a term limits it to entries in which it occurs."""
        with self._require_directory().reading() as directory:
            rows = directory.behoerden.list_doubtful(term, after, _PAGE + 1)
        shown = tuple(
            DoubtfulEntry(key, eintrag, Doubt.read(eintrag.doubt_reason))
            for key, eintrag in rows[:_PAGE]
        )
        return DoubtPage(shown, shown[-1].key if len(rows) > _PAGE else 0)

    def settle(self, actor: Actor, key: int, mark: str, note: str) -> Behoerde | None:
        """Takes away the mark that was seen; None where the entry is not doubtful (any more).

        Raises DoubtChanged.
        """
        with self._require_directory().writing() as directory:
            found = directory.behoerden.find_doubtful(key)
            if found is None:
                return None
            if found.doubt_reason != mark:
                raise DoubtChanged(found.behoerde)
            directory.behoerden.mark_doubtful(found.behoerde.identifier, "")
            subject, text = str(found.behoerde.identifier), _describe(mark, note)
            entry = make_entry(actor, self._clock(), "zweifel-erledigt", subject, text)
            directory.pending_audit.add(entry)
        self._carrier.carry()
        return found.behoerde

    def _require_directory(self) -> AuthorityDatabase:
        found = self._find_directory()
        if found is None:
            raise NoDirectory
        return found


def _describe(mark: str, note: str) -> str:
    told = "".join(sign if sign.isprintable() else " " for sign in note)[:_NOTE_LENGTH].strip()
    return f"{mark} – {told}" if told else mark
