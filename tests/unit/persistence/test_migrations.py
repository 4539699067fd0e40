"""Migrations on a database with rows in it, up and down."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from persistence import schema
from persistence.engine import begin_writing
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from tests.unit.conftest import NewEngine

pytestmark = pytest.mark.both_databases

MIGRATIONS = Path(schema.__file__).parent / "migrations"
DAY = "'2026-11-25'"
MOMENT = "'2026-11-25 12:00:00'"
# Rows as they were when the tables came, by revision. NULL stands where a column may be empty.
ROWS = {
    "0001": (
        "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category, name,"
        " is_electronic, is_locked) VALUES (1, 'ags:1', 'xoev', '', 'n', TRUE, FALSE)",
        f"INSERT INTO mandant_certificate VALUES ('{'ab' * 32}', 1, 'CN=a', {MOMENT})",
        f"INSERT INTO mailbox_request VALUES ('urn:r', 1, {MOMENT}, {MOMENT}, FALSE)",
        "INSERT INTO message (key, message_id_folded, message_id, state, author_mandant,"
        " author_value, author_type, author_name, author_category, reader_value, reader_type,"
        " reader_name, reader_category, service, business_scenario, message_type, payload_schema,"
        " is_test, metadata_xml, digest, size, origin) VALUES (1, 'urn:m', 'urn:M', 'closed', 1,"
        " 'ags:1', 'xoev', '', '', 'ags:2', 'xoev', '', '', '', '', '', '', FALSE, :blob, '', 1,"
        f" {MOMENT})",
        "INSERT INTO message_part VALUES (1, 0, 'message', 'aa', 1, '{}')",
        f"INSERT INTO report_entry VALUES (1, 1, {MOMENT}, 'angenommen', 'x')",
        f"INSERT INTO delivery_order VALUES (1, 1, 'done', {MOMENT}, {MOMENT}, 1, NULL, '')",
    ),
    "0002": ("INSERT INTO message_relation VALUES (1, 'urn:vorher')",),
    "0003": (
        "INSERT INTO vorgang VALUES (1, 'urn:v', 1, 'ersuchend', 'ags:2', 'xoev', '', '', 'az', '',"
        f" '', '', 'angelegt', FALSE, {MOMENT}, {MOMENT}, NULL, NULL, FALSE, FALSE, '', '')",
        f"INSERT INTO vorgang_entry VALUES (1, 1, {MOMENT}, 'outgoing', 'ersuchen', 1, 'angelegt',"
        " TRUE, '', '')",
    ),
    "0004": (
        f"INSERT INTO codeliste VALUES (1, 'urn:l', '1', 'l', NULL, NULL, {MOMENT}, 1)",
        "INSERT INTO codeliste_entry VALUES (1, 'a', 0, 'A')",
        "INSERT INTO massnahme_setting VALUES (1, 'pfaendung', TRUE, '')",
        "INSERT INTO own_massnahme VALUES (1, 'eigene', 'e', '', '[]', '[]', '[]')",
    ),
    "0006": (
        "INSERT INTO mandant_access_entry VALUES"
        f" (1, 1, {MOMENT}, 'Betreiber', 't', 'bestellt', {DAY})",
    ),
}
FIRST_TABLES = ("mandant", "mandant_certificate", "message", "message_part", "report_entry")
REVISIONS = ["0001", "0002", "0003", "0004", "0005", "0006"]


def move(
    engine: Engine, revision: str, *, is_down: bool = False, kind: DatabaseKind = DatabaseKind.XTA
) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / kind))
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if is_down else command.upgrade)(config, revision)


def fill(engine: Engine, revision: str) -> None:
    with begin_writing(engine) as connection:
        for statement in ROWS.get(revision, ()):
            values = {"blob": b"<m/>"} if ":blob" in statement else {}
            # Quoted, so that no colon of a text is taken for a parameter.
            quoted = text(statement) if values else text(statement.replace(":", r"\:"))
            connection.execute(quoted, values)


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


@pytest.fixture
def engine(new_engine: NewEngine) -> Engine:
    return new_engine()


def add_mandant(connection: Connection, key: int, is_locked: bool) -> None:
    connection.execute(
        text(
            "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
            " name, is_electronic, is_locked) VALUES (:key, :value, 'xoev', '', 'n', TRUE, :locked)"
        ),
        {"key": key, "value": str(key), "locked": is_locked},
    )
    connection.execute(
        text("INSERT INTO mandant_certificate VALUES (:print, :key, 'CN=a', '2030-01-01')"),
        {"print": f"{key:064}", "key": key},
    )


def test_migrations_keep_what_was_there_up_and_down(engine: Engine) -> None:
    for revision in REVISIONS:
        move(engine, revision)
        fill(engine, revision)
    upgrade_schema(engine, DatabaseKind.XTA)
    assert [count(engine, table) for table in FIRST_TABLES] == [1] * 5
    for revision in reversed(REVISIONS[:-1]):
        move(engine, revision, is_down=True)
        assert [count(engine, table) for table in FIRST_TABLES] == [1] * 5
    upgrade_schema(engine, DatabaseKind.XTA)
    assert is_schema_current(engine, DatabaseKind.XTA)
    assert [count(engine, table) for table in FIRST_TABLES] == [1] * 5


def test_migrations_down_to_nothing_leave_nothing(engine: Engine) -> None:
    upgrade_schema(engine, DatabaseKind.XTA)
    move(engine, "base", is_down=True)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}


def test_migration_of_the_directory_back_before_versions_is_refused_and_changes_nothing(
    engine: Engine,
) -> None:
    upgrade_schema(engine, DatabaseKind.AUTHORITY)
    move(engine, "0003", is_down=True, kind=DatabaseKind.AUTHORITY)
    with pytest.raises(NotImplementedError, match="backup"):
        move(engine, "0002", is_down=True, kind=DatabaseKind.AUTHORITY)
    upgrade_schema(engine, DatabaseKind.AUTHORITY)
    assert is_schema_current(engine, DatabaseKind.AUTHORITY)


@pytest.mark.parametrize("kind", list(DatabaseKind))
def test_upgrade_schema_by_several_processes_at_once_is_done_once(
    engine: Engine, kind: DatabaseKind
) -> None:
    program = (
        "import sys; from persistence.engine import make_engine;"
        "from persistence.schema import DatabaseKind, upgrade_schema;"
        "engine = make_engine(sys.argv[1]); sys.stdin.readline();"
        "upgrade_schema(engine, DatabaseKind(sys.argv[2]))"
    )
    url = engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-c", program, url, kind.value]
    processes = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    results = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
    assert [code for _, code in results] == [0, 0, 0], results
    assert is_schema_current(engine, kind)


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
