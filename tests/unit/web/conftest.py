"""The Web-Client on an empty database."""

import pytest

from persistence.database import Database
from tests.support.web import WebSite, make_site
from tests.unit.conftest import FixedClock


@pytest.fixture
def site(database: Database, clock: FixedClock) -> WebSite:
    return make_site(database, clock)
