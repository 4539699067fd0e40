"""Migrations on a database with rows in it, up and down."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from persistence import schema, tables
from persistence.engine import begin_writing
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from tests.unit.conftest import NewEngine

pytestmark = pytest.mark.both_databases

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIGRATIONS = Path(schema.__file__).parent / "migrations"
DAY = "'2026-11-25'"
NOON = "'2026-11-25 12:00:00'"
# Rows as they were when the tables came, by revision. NULL stands where a column may be empty.
ROWS = {
    "0001": (
        "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category, name,"
        " is_electronic, is_locked) VALUES (1, 'ags:1', 'xoev', '', 'n', TRUE, FALSE)",
        f"INSERT INTO mandant_certificate VALUES ('{'ab' * 32}', 1, 'CN=a', {NOON})",
        f"INSERT INTO mailbox_request VALUES ('urn:r', 1, {NOON}, {NOON}, FALSE)",
        "INSERT INTO message (key, message_id_folded, message_id, state, author_mandant,"
        " author_value, author_type, author_name, author_category, reader_value, reader_type,"
        " reader_name, reader_category, service, business_scenario, message_type, payload_schema,"
        " is_test, metadata_xml, digest, size, origin) VALUES (1, 'urn:m', 'urn:M', 'closed', 1,"
        " 'ags:1', 'xoev', '', '', 'ags:2', 'xoev', '', '', '', '', '', '', FALSE, :blob, '', 1,"
        f" {NOON})",
        "INSERT INTO message_part VALUES (1, 0, 'message', 'aa', 1, '{}')",
        f"INSERT INTO report_entry VALUES (1, 1, {NOON}, 'angenommen', 'x')",
        f"INSERT INTO delivery_order VALUES (1, 1, 'done', {NOON}, {NOON}, 1, NULL, '')",
    ),
    "0002": ("INSERT INTO message_relation VALUES (1, 'urn:vorher')",),
    "0003": (
        "INSERT INTO vorgang VALUES (1, 'urn:v', 1, 'ersuchend', 'ags:2', 'xoev', '', '', 'az', '',"
        f" '', '', 'angelegt', FALSE, {NOON}, {NOON}, NULL, NULL, FALSE, FALSE, '', '')",
        f"INSERT INTO vorgang_entry VALUES (1, 1, {NOON}, 'outgoing', 'ersuchen', 1, 'angelegt',"
        " TRUE, '', '')",
    ),
    "0004": (
        f"INSERT INTO codeliste VALUES (1, 'urn:l', '1', 'l', NULL, NULL, {NOON}, 1)",
        "INSERT INTO codeliste_entry VALUES (1, 'a', 0, 'A')",
        "INSERT INTO massnahme_setting VALUES (1, 'pfaendung', TRUE, '')",
        "INSERT INTO own_massnahme VALUES (1, 'eigene', 'e', '', '[]', '[]', '[]')",
    ),
    "0006": (
        "INSERT INTO mandant_access_entry VALUES"
        f" (1, 1, {NOON}, 'Betreiber', 't', 'bestellt', {DAY})",
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


def test_migration_of_fallback_keeps_messages_and_looks_for_no_duplicates_of_them(
    engine: Engine,
) -> None:
    move(engine, "0005")
    with begin_writing(engine) as connection:
        add_mandant(connection, 1, False)
    move(engine, "0008")
    with begin_writing(engine) as connection:
        add_message(connection, 7, 1)
    move(engine, "0009")
    added = text("SELECT content_key, is_unscanned, is_fallback_noted FROM message")
    with engine.connect() as connection:
        assert connection.execute(added).all() == [(None, False, False)]
    move(engine, "0008", is_down=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT message_id FROM message")).scalars().all() == ["7"]


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
                " name, is_electronic) VALUES (1, 'x', 'xoev', '', 'n', TRUE)"
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
                " name, is_electronic) VALUES (1, 'x', 'xoev', '', 'n', TRUE)"
            )
        )
        add_order(connection, 1, "wartet-auf-zustellung", "due")
    move(engine, "0008")
    with begin_writing(engine) as connection:
        connection.execute(text("UPDATE delivery_order SET state = 'held'"))
        connection.execute(
            insert(tables.delivery_order).values(
                key=2,
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


def add_message(connection: Connection, key: int, author: int | None) -> None:
    connection.execute(
        text(
            "INSERT INTO message (key, message_id_folded, message_id, state, author_mandant,"
            " author_value, author_type, author_name, author_category, reader_value, reader_type,"
            " reader_name, reader_category, service, business_scenario, message_type,"
            " payload_schema, is_test, metadata_xml, digest, size, origin) VALUES"
            " (:key, :id, :id, 'neu', :author, 'a', 'x', '', '', 'r', 'x', '', '', 's', 'b',"
            " 't', 'p', FALSE, :metadata, 'd', 1, '2026-01-01')"
        ),
        {"key": key, "id": str(key), "author": author, "metadata": b"m"},
    )


def test_migration_of_data_centres_keeps_messages_and_allows_foreign_authors(
    engine: Engine,
) -> None:
    move(engine, "0006")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, '1', 'xoev', '', 'n', TRUE)"
            )
        )
        add_message(connection, 1, 1)
        connection.execute(
            text("INSERT INTO report_entry VALUES (1, 1, '2026-01-01', 'angenommen', 'r')")
        )
        with pytest.raises(IntegrityError), connection.begin_nested():
            add_message(connection, 2, None)
    move(engine, "0010")
    with begin_writing(engine) as connection:
        add_message(connection, 2, None)
        messages = connection.execute(
            text("SELECT key, author_mandant, author_centre FROM message ORDER BY key")
        ).all()
        entries = connection.execute(text("SELECT centre, severity FROM report_entry")).all()
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        with pytest.raises(IntegrityError), connection.begin_nested():
            add_message(connection, 3, 99)
    assert messages == [(1, 1, ""), (2, None, "")]
    assert entries == [("", None)]
    with pytest.raises(ValueError, match="other data centres"):
        move(engine, "0006", is_down=True)
    with begin_writing(engine) as connection:
        connection.execute(text("DELETE FROM message WHERE key = 2"))
    move(engine, "0006", is_down=True)
    with begin_writing(engine) as connection, pytest.raises(IntegrityError):
        add_message(connection, 2, None)


def test_migration_of_blobs_what_was_kept_keeps_its_name(engine: Engine) -> None:
    move(engine, "0006")
    columns = "message_key, position, kind, sha256, size, attributes"
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, '1', 'xoev', '', 'n', TRUE)"
            )
        )
        add_message(connection, 1, 1)
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
        plain = columns.replace(", attributes", "")
        assert connection.execute(text(f"SELECT {plain} FROM message_part")).all() == [
            (1, 0, "message", "a" * 64, 5)
        ]


def test_migration_of_print_choices_keeps_mandanten_up_and_down(engine: Engine) -> None:
    move(engine, "0005")
    with begin_writing(engine) as connection:
        add_mandant(connection, 1, False)
    move(engine, "0014")
    with begin_writing(engine) as connection:
        connection.execute(
            text("INSERT INTO print_choice (mandant_key, duplex) VALUES (1, FALSE)"),
        )
    move(engine, "0006", is_down=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT key FROM mandant")).all() == [(1,)]


def test_migration_of_letters_ends_what_was_handed_over_and_unnames_outputs(engine: Engine) -> None:
    move(engine, "0014")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, 'x', 'xoev', '', 'n', TRUE)"
            )
        )
        for key, state in enumerate(("als-brief-ausgegeben", "wartet-auf-zustellung", "neu"), 1):
            add_message(connection, key, 1)
            connection.execute(
                text("UPDATE message SET state = :state WHERE key = :key"),
                {"state": state, "key": key},
            )
        orders = (
            (1, 1, "brief", "folder", "done"),
            (2, 2, "brief", "alt", "cancelled"),
            (3, 2, "brief", "folder", "held"),
            (4, 2, "brief", "neu", "cancelled"),
            (5, 3, "postfach", "xoev:x", "held"),
        )
        moments = dict.fromkeys(("created", "due", "tried_since"), MOMENT)
        for key, message_key, kind, name, state in orders:
            connection.execute(
                insert(tables.delivery_order).values(
                    key=key,
                    message_key=message_key,
                    destination_kind=kind,
                    destination_name=name,
                    state=state,
                    held_by="voll",
                    **moments,
                )
            )
        connection.execute(
            insert(tables.destination_state).values(
                kind="brief", name="folder", failures=5, since=MOMENT, cause="voll"
            )
        )
    move(engine, "0015")
    with engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM message ORDER BY key")).scalars().all()
        assert states == ["brief-ohne-rueckmeldung", "wartet-auf-zustellung", "neu"]
        columns = "key, destination_name, state"
        assert connection.execute(
            text(f"SELECT {columns} FROM delivery_order ORDER BY key")
        ).all() == [
            (1, "", "done"),
            (2, "alt", "cancelled"),
            (3, "", "due"),
            (4, "neu", "cancelled"),
            (5, "xoev:x", "held"),
        ]
        assert connection.execute(text("SELECT * FROM destination_state")).all() == []
    move(engine, "0014", is_down=True)
    with engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM message ORDER BY key")).scalars().all()
        assert states == ["als-brief-ausgegeben", "wartet-auf-zustellung", "neu"]


def test_migration_of_letters_back_is_refused_while_there_are_some(engine: Engine) -> None:
    move(engine, "0015")
    with begin_writing(engine) as connection:
        add_message(connection, 1, None)
        connection.execute(text("UPDATE message SET state = 'brief-bereit'"))
    with pytest.raises(ValueError, match="letters in batches"):
        move(engine, "0014", is_down=True)


def test_migration_of_checks_keeps_drafts_up_and_down(engine: Engine) -> None:
    move(engine, "0028")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, 'ags:1', 'xoev', '', 'n', TRUE)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO draft (draft_id, mandant_key, is_template, title, aktenzeichen,"
                " content, version, created, changed, changed_by, message_id) VALUES ('a', 1,"
                f" FALSE, 'Titel', 'VS-1', '{{}}', 3, {NOON}, {NOON}, 'Eva', 'urn')"
            )
        )
    for revision, is_down in (("head", False), ("0028", True), ("head", False)):
        move(engine, revision, is_down=is_down)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT title, version FROM draft")).all() == [
                ("Titel", 3)
            ]
    with engine.connect() as connection:
        found = connection.execute(text("SELECT state, asked_value, kanal FROM draft")).one()
    assert found == ("ungeprueft", "", "")


def test_migration_of_channels_takes_that_of_the_last_ersuchen_of_a_matter(engine: Engine) -> None:
    move(engine, "0031")
    with begin_writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO mandant (key, identifier_value, identifier_type, identifier_category,"
                " name, is_electronic) VALUES (1, 'ags:1', 'xoev', '', 'n', TRUE)"
            )
        )
        for key, kanal in enumerate(("brief", "elektronisch", "brief", None), 1):
            add_message(connection, key, 1)
            connection.execute(
                text("UPDATE message SET kanal = :kanal WHERE key = :key"),
                {"kanal": kanal, "key": key},
            )
        events: dict[int, list[tuple[str, int | None]]] = {
            1: [("ersuchen", 1), ("ersuchen", 2), ("sachstand", 3)],
            2: [("ersuchen", 3), ("antwort", 2), ("erinnerung", None)],
            3: [("ersuchen", 4)],
            4: [("sachstand", 1)],
        }
        for vorgang, entries in events.items():
            add_vorgang(connection, vorgang)
            for event, message in entries:
                add_vorgang_entry(connection, vorgang, event, message)
    for revision, is_down in (("0032", False), ("0031", True), ("head", False)):
        move(engine, revision, is_down=is_down)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT kanal FROM vorgang ORDER BY key")).scalars()
        assert list(found) == ["elektronisch", "brief", "", ""]


def add_vorgang(connection: Connection, key: int) -> None:
    connection.execute(
        text(
            "INSERT INTO vorgang (key, vorgang_id, mandant_key, rolle, partner_value, partner_type,"
            " partner_name, partner_category, own_aktenzeichen, partner_aktenzeichen,"
            " process_requester, process_responder, state, successor_value, successor_type,"
            " is_test, answer_is_stated, is_reminded, opened, changed) VALUES (:key, :name, 1,"
            " 'r', 'p', 'x', '', '', '', '', '', '', 'gesendet', '', '', FALSE, FALSE, FALSE,"
            f" {NOON}, {NOON})"
        ),
        {"key": key, "name": f"urn:x:{key}"},
    )


def add_vorgang_entry(
    connection: Connection, vorgang: int, event: str, message: int | None
) -> None:
    connection.execute(
        text(
            "INSERT INTO vorgang_entry (vorgang_key, moment, direction, event, message_key, state,"
            f" fits, hint, text) VALUES (:vorgang, {NOON}, 'eingang', :event, :message, 'x',"
            " TRUE, '', '')"
        ),
        {"vorgang": vorgang, "event": event, "message": message},
    )
