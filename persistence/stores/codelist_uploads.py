"""Code lists that wait for their confirmation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from persistence.upload_tables import codelist_upload
from server.domain.codeliste import UploadedCodeliste


class CodelistUploadStore:
    """Keeps files until they are confirmed, discarded or forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, token: str, user_key: int, files: Sequence[UploadedCodeliste], moment: datetime
    ) -> None:
        """Keeps files under a token."""
        rows = [
            {
                "token": token,
                "number": number,
                "user_key": user_key,
                "created": moment,
                **vars(file),
            }
            for number, file in enumerate(files, 1)
        ]
        self._connection.execute(insert(codelist_upload), rows)

    def list_files(self, token: str, user_key: int) -> tuple[UploadedCodeliste, ...]:
        """The files of this person under the token; none where there are none."""
        rows = self._connection.execute(
            select(codelist_upload)
            .where(codelist_upload.c.token == token, codelist_upload.c.user_key == user_key)
            .order_by(codelist_upload.c.number)
        )
        return tuple(
            UploadedCodeliste(row.name, row.content, row.valid_from, row.valid_to) for row in rows
        )

    def remove(self, token: str) -> None:
        """Forgets files."""
        self._connection.execute(delete(codelist_upload).where(codelist_upload.c.token == token))

    def remove_older(self, moment: datetime) -> None:
        """Forgets what was kept before the moment."""
        self._connection.execute(delete(codelist_upload).where(codelist_upload.c.created < moment))
