"""Migrations on a database with rows in it, up and down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from persistence import schema
from persistence.engine import begin_writing, make_engine
from persistence.schema import DatabaseKind

MIGRATIONS = Path(schema.__file__).parent / "migrations"


def move(engine: Engine, revision: str, *, is_down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / DatabaseKind.XTA))
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if is_down else command.upgrade)(config, revision)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path}/x.sqlite")
    yield made
    made.dispose()


def add_mandant(connection: Connection, key: int, is_locked: bool) -> None:
    connection.execute(
        text(
            "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
            " name, is_electronic, is_locked) VALUES (:key, :key, 'xoev', '', 'n', 1, :locked)"
        ),
        {"key": key, "locked": is_locked},
    )
    connection.execute(
        text("INSERT INTO mandant_certificate VALUES (:print, :key, 'CN=a', '2030-01-01')"),
        {"print": f"{key:064}", "key": key},
    )


def test_migration_of_access_who_was_there_has_ordered_and_who_was_locked_is_deactivated(
    engine: Engine,
) -> None:
    move(engine, "0005")
    with begin_writing(engine) as connection:
        add_mandant(connection, 1, False)
        add_mandant(connection, 2, True)
    move(engine, "0006")
    states = text("SELECT access_state, access_last_day, contact FROM mandant ORDER BY key")
    with engine.connect() as connection:
        assert connection.execute(states).all() == [
            ("bestellt", None, ""),
            ("deaktiviert", None, ""),
        ]
    move(engine, "0005", is_down=True)
    with engine.connect() as connection:
        locks = connection.execute(text("SELECT is_locked FROM mandant ORDER BY key")).all()
        certificates = connection.execute(text("SELECT count(*) FROM mandant_certificate")).scalar()
    assert [bool(lock) for (lock,) in locks] == [False, True]
    assert certificates == 2


def test_migration_of_fallback_keeps_messages_and_looks_for_no_duplicates_of_them(
    engine: Engine,
) -> None:
    move(engine, "0005")
    with begin_writing(engine) as connection:
        add_mandant(connection, 1, False)
    move(engine, "0008")
    columns = (
        "message_id_folded, message_id, state, author_mandant, author_value, author_type, "
        "author_name, author_category, reader_value, reader_type, reader_name, reader_category, "
        "service, business_scenario, message_type, payload_schema, is_test, metadata_xml, digest, "
        "size, origin"
    )
    values = (
        "'a', 'A', 'zugestellt', 1, '', '', '', '', '', '', '', '', '', '', '', '', 0, '', '', 1"
    )
    with begin_writing(engine) as connection:
        connection.execute(
            text(f"INSERT INTO message ({columns}) VALUES ({values}, '2026-01-01 00:00:00')")
        )
    move(engine, "0009")
    added = text("SELECT content_key, is_unscanned, is_fallback_noted FROM message")
    with engine.connect() as connection:
        assert connection.execute(added).all() == [(None, 0, 0)]
    move(engine, "0008", is_down=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT message_id FROM message")).scalars().all() == ["A"]
