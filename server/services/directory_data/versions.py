"""Versions of the directory: listing them, and taking the newest back."""

from persistence.authority_database import AuthorityDatabase
from persistence.stores.directory_versions import DirectoryVersion, VersionState
from server.domain.web_user import AuditEntry


class RollbackRefused(Exception):
    """The version cannot be taken back; the text is German."""


class DirectoryVersions:
    """What an administrator does with versions."""

    def __init__(self, database: AuthorityDatabase) -> None:
        self._database = database

    def list_all(self) -> tuple[DirectoryVersion, ...]:
        """The newest first."""
        with self._database.reading() as directory:
            return directory.versions.list_all()

    def roll_back(self, key: int, audit: AuditEntry | None = None) -> None:
        """Takes a version back, with the entry for the audit; raises RollbackRefused.

        Only the newest one that stands: what came later may rest on it, such as a rule on an
        authority. So several are taken back one after the other.
        """
        with self._database.writing() as directory:
            found = {item.key: item for item in directory.versions.list_all()}
            if key not in found:
                raise RollbackRefused(f"Die Version {key} gibt es nicht.")
            if found[key].state is VersionState.ROLLED_BACK:
                raise RollbackRefused(f"Die Version {key} ist schon zurückgenommen.")
            newest = directory.versions.find_newest_active()
            if key != newest:
                raise RollbackRefused(
                    f"Auf der Version {key} beruhen spätere; zuerst ist Version {newest} "
                    "zurückzunehmen."
                )
            directory.versions.roll_back(key)
            if audit:
                directory.pending_audit.add(audit)
