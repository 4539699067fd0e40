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


def test_migration_of_blobs_what_was_kept_keeps_its_name(engine: Engine) -> None:
    move(engine, "0006")
    columns = "message_key, position, kind, sha256, size, attributes"
    with begin_writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        add_message(connection)
        connection.execute(
            text(f"INSERT INTO message_part ({columns}) VALUES (1, 0, 'message', :sha, 5, '{{}}')"),
            {"sha": "a" * 64},
        )
    move(engine, "0012")
    parts = text("SELECT blob, sha256, size FROM message_part")
    with engine.connect() as connection:
        assert connection.execute(parts).all() == [("a" * 64, "a" * 64, 5)]
        assert connection.execute(text("SELECT count(*) FROM data_key")).scalar() == 0
    move(engine, "0006", is_down=True)
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT {columns} FROM message_part")).all() == [
            (1, 0, "message", "a" * 64, 5, "{}")
        ]


def add_message(connection: Connection) -> None:
    """A message of a Mandant to himself, with whatever the columns of 0006 ask for."""
    connection.execute(
        text(
            "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
            " name, is_electronic) VALUES (1, '1', 'xoev', '', 'n', 1)"
        )
    )
    needed = [
        (row.name, row.type)
        for row in connection.execute(text("PRAGMA table_info(message)"))
        if row.notnull
    ]
    values = {name: 1 if "INT" in kind or kind == "BOOLEAN" else "x" for name, kind in needed}
    values |= {"origin": "2026-01-01 00:00:00", "author_mandant": 1}
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO message ({names}) VALUES ({marks})"), values)
