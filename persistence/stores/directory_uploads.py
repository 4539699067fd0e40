"""Files for the directory that wait for their confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from persistence.upload_tables import directory_upload, directory_upload_file


@dataclass(frozen=True)
class UploadedFile:
    """A file as a person named it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Upload:
    """Files of one person; how they are to be read, and whether what is missing ends."""

    files: tuple[UploadedFile, ...]
    is_full: bool
    encoding: str


class DirectoryUploadStore:
    """Keeps files until they are confirmed, discarded or forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: str, user_key: int, upload: Upload, moment: datetime) -> None:
        """Keeps files under a token."""
        self._connection.execute(
            insert(directory_upload).values(
                token=token,
                user_key=user_key,
                created=moment,
                is_full=upload.is_full,
                encoding=upload.encoding,
            )
        )
        rows = [
            {"token": token, "number": number, "name": file.name, "content": file.content}
            for number, file in enumerate(upload.files, 1)
        ]
        self._connection.execute(insert(directory_upload_file), rows)

    def find(self, token: str, user_key: int) -> Upload | None:
        """The files of this person under the token."""
        found = self._connection.execute(
            select(directory_upload).where(
                directory_upload.c.token == token, directory_upload.c.user_key == user_key
            )
        ).one_or_none()
        if found is None:
            return None
        rows = self._connection.execute(
            select(directory_upload_file)
            .where(directory_upload_file.c.token == token)
            .order_by(directory_upload_file.c.number)
        )
        files = tuple(UploadedFile(row.name, row.content) for row in rows)
        return Upload(files, found.is_full, found.encoding)

    def remove(self, tokens: Sequence[str]) -> None:
        """Forgets what was kept."""
        for table in (directory_upload_file, directory_upload):
            self._connection.execute(delete(table).where(table.c.token.in_(tokens)))

    def list_older(self, moment: datetime) -> tuple[str, ...]:
        """Tokens of what was kept before the moment."""
        query = select(directory_upload.c.token).where(directory_upload.c.created < moment)
        return tuple(self._connection.scalars(query))
