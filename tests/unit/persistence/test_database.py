"""Units of work."""

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.print_settings import PrintChoice


def test_reading_once_sees_one_picture_until_it_ends(database: Database, author: Caller) -> None:
    key = author.mandant.key
    with database.reading_once():
        with database.reading() as stores:
            connection = stores.connection
            assert stores.print_choices.find(key) == PrintChoice()
        with database.writing() as stores:
            stores.print_choices.save(key, PrintChoice(output="dienst"))
        with database.reading() as stores:
            assert stores.connection is connection
            assert stores.print_choices.find(key) == PrintChoice()
    with database.reading() as stores:
        assert stores.connection is not connection
        assert stores.print_choices.find(key) == PrintChoice(output="dienst")
