"""Connections as the house makes them, and what becomes of errors."""

import pytest
from sqlalchemy import text

from persistence.database import Database
from persistence.engine import BadDatabaseUrl, begin_reading, begin_writing, make_engine, read_url
from persistence.failures import DatabaseUnavailable, NotStorable
from persistence.reachability import find_database_problem
from server.domain.behoerde import PartyIdentifier
from server.errors import Faults
from tests.support.postgres import PASSWORD, ROLE, Cluster
from tests.unit.conftest import Backend

on_postgres = pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)


@on_postgres
def test_postgresql_session_is_in_utc_and_waits_for_nothing_without_end(database: Database) -> None:
    with begin_writing(database.engine) as connection:
        names = ("timezone", "statement_timeout", "lock_timeout", "transaction_isolation")
        values = [connection.scalar(text(f"SHOW {name}")) for name in names]
    assert values == ["UTC", "1min", "30s", "read committed"]


@on_postgres
def test_postgresql_reading_sees_one_picture_and_cannot_write(database: Database) -> None:
    with begin_reading(database.engine) as connection:
        names = ("transaction_isolation", "transaction_read_only")
        assert [connection.scalar(text(f"SHOW {name}")) for name in names] == [
            "repeatable read",
            "on",
        ]
    with pytest.raises(DatabaseUnavailable), database.reading() as stores:
        stores.mandanten.add(PartyIdentifier("ags:1", "xoev"), "Eins", True)
    # The connection goes back as it was.
    with begin_writing(database.engine) as connection:
        assert connection.scalar(text("SHOW transaction_read_only")) == "off"


@on_postgres
def test_connection_that_the_server_ended_is_replaced_unnoticed(database: Database) -> None:
    with begin_reading(database.engine) as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
        assert database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        with begin_writing(database.engine) as other:
            other.execute(text("SELECT 1"))
    with begin_writing(database.engine) as connection:
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
        condition = "pg_backend_pid() AND datname = current_database() AND pid = :pid"
        connection.execute(text(ending + condition), {"pid": process})
    for _ in range(3):
        with database.reading() as stores:
            assert stores.mandanten.list_all() == ()


@on_postgres
def test_connection_that_breaks_within_a_transaction_is_a_passing_fault(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable) as caught, begin_writing(database.engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.fault is Faults.STORAGE_UNAVAILABLE
    with database.reading() as stores:
        assert stores.mandanten.list_all() == ()


@on_postgres
@pytest.mark.parametrize("name", ["x" * 256, "Eins\0Zwei"])
def test_value_that_cannot_be_stored_is_an_error_of_the_caller(
    database: Database, name: str
) -> None:
    with pytest.raises(NotStorable), database.writing() as stores:
        stores.mandanten.add(PartyIdentifier("ags:1", "xoev"), name, True)


def test_make_engine_all_connections_taken_is_a_passing_fault(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.engine._POOL_WAIT_SECONDS", 0)
    monkeypatch.setattr("persistence.engine._SPARE_CONNECTIONS", 0)
    engine = make_engine(postgres.url_for("postgres"), connections=1)
    with begin_reading(engine), pytest.raises(DatabaseUnavailable), begin_reading(engine):
        pass
    engine.dispose()


def test_make_engine_keeps_passwords_and_values_out_of_texts(postgres: Cluster) -> None:
    engine = make_engine(postgres.url_for("postgres"))
    assert PASSWORD not in repr(engine)
    with pytest.raises(Exception, match="gibtesnicht") as caught, engine.connect() as connection:
        connection.execute(text("SELECT :wert FROM gibtesnicht"), {"wert": "Eva Ahorn"})
    assert "Eva Ahorn" not in str(caught.value)
    engine.dispose()


def test_make_engine_settings_of_the_url_go_first(postgres: Cluster) -> None:
    url = postgres.url_for("postgres") + "?application_name=probe&options=-c%20lock_timeout%3D1s"
    engine = make_engine(url)
    with begin_reading(engine) as connection:
        names = ("application_name", "lock_timeout", "timezone")
        assert [connection.scalar(text(f"SHOW {name}")) for name in names] == ["probe", "1s", "UTC"]
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["", "daten.sqlite", "mysql://a:geheim@b/c", "postgresql://a:b@c:d/e"]
)
def test_read_url_of_something_else_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        read_url(url)
    assert "geheim" not in str(caught.value)


def test_read_url_of_postgresql_takes_the_driver_that_is_installed() -> None:
    assert read_url("postgresql://a@b/c").drivername == "postgresql+psycopg"


def test_find_database_problem_tells_what_to_do(postgres: Cluster) -> None:
    url = postgres.create_database("ohne_recht")
    assert find_database_problem(url) == ""
    assert find_database_problem("sqlite:///gibt/es/nicht.sqlite") == ""
    for wrong, expected in (
        (postgres.url_for("ohne_recht", password="falsch"), "nimmt die Anmeldung nicht an"),
        (url.replace(f":{postgres.port}/", ":1/"), "ist nicht erreichbar"),
        (url + "?options=-c%20synchronous_commit%3Doff", "synchronous_commit"),
        (url + "?options=-c%20search_path%3Dpg_catalog", "keine Tabellen anlegen"),
        ("mysql://a@b/c", "gibt es hier nicht"),
    ):
        problem = find_database_problem(wrong)
        assert expected in problem
        assert PASSWORD not in problem
    assert ROLE in find_database_problem(postgres.url_for("gibtesnicht"))
