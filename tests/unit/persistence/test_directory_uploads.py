"""Files for the directory that wait for their confirmation."""

from datetime import timedelta

import pytest

from persistence.database import Database
from persistence.stores.directory_uploads import Upload, UploadedFile
from server.domain.rights import Role
from server.domain.web_user import NewUser
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

UPLOAD = Upload(
    (UploadedFile("b.csv", b"\x00\xff" * 1000), UploadedFile("a.xlsx", b"PK")), True, "utf-8"
)


@pytest.fixture
def user_key(database: Database, clock: FixedClock) -> int:
    new = NewUser("jo", "Jo", "jo@x.example", Role.OPERATOR, None)
    with database.writing() as stores:
        return stores.web_users.add(new, "", clock.now)


def test_upload_is_found_by_its_owner_alone_until_removed(
    database: Database, clock: FixedClock, user_key: int
) -> None:
    with database.writing() as stores:
        stores.directory_uploads.add("t", user_key, UPLOAD, clock.now)
    with database.reading() as stores:
        assert stores.directory_uploads.find("t", user_key) == UPLOAD
        assert stores.directory_uploads.find("t", user_key + 1) is None
        assert stores.directory_uploads.find("x", user_key) is None
    with database.writing() as stores:
        stores.directory_uploads.remove(["t"])
        assert stores.directory_uploads.find("t", user_key) is None


def test_older_uploads_are_listed(database: Database, clock: FixedClock, user_key: int) -> None:
    later = clock.now + timedelta(hours=2)
    with database.writing() as stores:
        stores.directory_uploads.add("alt", user_key, UPLOAD, clock.now)
        stores.directory_uploads.add("neu", user_key, UPLOAD, later)
        assert stores.directory_uploads.list_older(later) == ("alt",)
        stores.directory_uploads.remove([])
        assert stores.directory_uploads.find("alt", user_key) == UPLOAD
