"""Migrations on a database with rows in it, up and down."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert, text

from persistence import schema, tables
from persistence.engine import begin_writing, make_engine
from persistence.schema import DatabaseKind

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
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


def add_order(connection: Connection, key: int, state: str, order_state: str) -> None:
    parties = {
        f"{role}_{part}": "x"
        for role in ("author", "reader")
        for part in ("value", "type", "name", "category")
    }
    texts = dict.fromkeys(("service", "business_scenario", "message_type", "payload_schema"), "x")
    connection.execute(
        insert(tables.message).values(
            key=key,
            message_id=f"urn:x:{key}",
            message_id_folded=f"urn:x:{key}",
            state=state,
            author_mandant=1,
            is_test=False,
            metadata_xml=b"",
            digest="",
            size=0,
            origin=MOMENT,
            **parties,
            **texts,
        )
    )
    connection.execute(
        text(
            "INSERT INTO delivery_order (key, message_key, state, created, due, attempts, cause)"
            " VALUES (:key, :key, :state, :moment, :moment, 2, 'Grund')"
        ),
        {"key": key, "state": order_state, "moment": MOMENT.strftime("%Y-%m-%d %H:%M:%S.%f")},
    )


def test_migration_of_delivery_keeps_orders_and_says_where_they_went(engine: Engine) -> None:
    move(engine, "0006")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, 'x', 'xoev', '', 'n', 1)"
            )
        )
        add_order(connection, 1, "wartet-auf-zustellung", "due")
        add_order(connection, 2, "als-brief-ausgegeben", "done")
        add_order(connection, 3, "abgeholt", "done")
        add_order(connection, 4, "angehalten", "parked")
    move(engine, "0008")
    columns = "destination_kind, state, attempts, cause, is_redirected, tried_since = due"
    query = text(f"SELECT {columns} FROM delivery_order ORDER BY key")
    with engine.connect() as connection:
        assert connection.execute(query).all() == [
            ("offen", "due", 2, "Grund", 0, 1),
            ("brief", "done", 2, "Grund", 0, 1),
            ("postfach", "done", 2, "Grund", 0, 1),
            ("offen", "parked", 2, "Grund", 0, 1),
        ]


def test_migration_of_delivery_back_keeps_one_order_of_a_message(engine: Engine) -> None:
    move(engine, "0006")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, 'x', 'xoev', '', 'n', 1)"
            )
        )
        add_order(connection, 1, "wartet-auf-zustellung", "due")
    move(engine, "0008")
    with begin_writing(engine) as connection:
        connection.execute(text("UPDATE delivery_order SET state = 'held'"))
        connection.execute(
            insert(tables.delivery_order).values(
                message_key=1,
                destination_kind="brief",
                state="due",
                **dict.fromkeys(("created", "due", "tried_since"), MOMENT),
            )
        )
    move(engine, "0006", is_down=True)
    with engine.connect() as connection:
        orders = connection.execute(text("SELECT key, state, attempts FROM delivery_order")).all()
    assert orders == [(1, "due", 2)]
