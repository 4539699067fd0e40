"""Terms of a search find their rows in an index, on PostgreSQL, too."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg as psycopg_dialect

from persistence.database import Database
from persistence.stores.vorgang_terms import select_by_aktenzeichen
from persistence.vorgang_tables import vorgang
from server.domain.mandant import Caller
from tests.unit.conftest import Backend, FixedClock

ROWS = 2_000


@pytest.fixture
def mandant_key(database: Database, author: Caller, clock: FixedClock) -> int:
    """A Mandant with many Vorgänge."""
    names = ("partner_value", "partner_type", "partner_name", "partner_category")
    same = {
        **dict.fromkeys((*names, "process_requester", "process_responder", "state"), ""),
        **dict.fromkeys(("opened", "changed"), clock.now),
        **dict.fromkeys(("is_test", "answer_is_stated"), False),
        "mandant_key": author.mandant.key,
        "rolle": "ersuchender",
    }
    named = ("vorgang_id", "own_aktenzeichen", "partner_aktenzeichen")
    rows = [{**same, **dict.fromkeys(named, f"VS-{number}")} for number in range(ROWS)]
    with database.engine.begin() as connection:
        connection.execute(insert(vorgang), rows)
        connection.execute(text("ANALYZE vorgang"))
    return author.mandant.key


@pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)
def test_beginning_of_an_aktenzeichen_is_looked_up_in_its_index(
    database: Database, mandant_key: int
) -> None:
    with database.engine.connect() as connection:
        query = select_by_aktenzeichen(connection, mandant_key, "VS-123")
        assert len(connection.execute(query).all()) == 11
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.execute(text(f"EXPLAIN {compiled}")).scalars())
    for column in ("own_aktenzeichen", "partner_aktenzeichen"):
        assert f"(({column})::text ~>=~ 'VS-123'::text)" in plan, plan


@pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)
def test_beginning_of_an_aktenzeichen_plan_for_all_terms_uses_the_index(
    database: Database, mandant_key: int
) -> None:
    """PostgreSQL makes such a plan by itself when a prepared statement has run ten times."""
    dialect = psycopg_dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    with database.engine.connect() as connection:
        query = select_by_aktenzeichen(connection, mandant_key, "VS-123")
        compiled = query.compile(dialect=dialect)
        values = ", ".join(f"'{compiled.params[name]}'" for name in compiled.positiontup or ())
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.exec_driver_sql(f"PREPARE find_terms AS {compiled}")
        explained = connection.exec_driver_sql(f"EXPLAIN EXECUTE find_terms({values})")
        plan = "\n".join(explained.scalars())
    for column in ("own_aktenzeichen", "partner_aktenzeichen"):
        assert f"(({column})::text ~>=~ ($" in plan, plan
