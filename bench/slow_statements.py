"""Which statement of a page takes longest, and by which plan."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_TEXT = 3_000


class Statements:
    """Watches an engine while that is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._found: list[tuple[float, str, Any]] = []

    def read_clock(self) -> float:
        """Seconds: of the CPU where the database is in this process, else as they pass."""
        return time.process_time() if self._is_sqlite else time.perf_counter()

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Statements within the block are kept with the time they took, results included."""
        self._found.clear()
        event.listen(self._engine, "before_cursor_execute", self._begin)
        event.listen(self._engine, "after_cursor_execute", self._end)
        yield
        event.remove(self._engine, "before_cursor_execute", self._begin)
        event.remove(self._engine, "after_cursor_execute", self._end)

    def explain_slowest(self) -> str:
        """The statement with its plan, and how many statements there were."""
        seconds, statement, values = max(self._found, key=lambda item: item[0])
        command = "EXPLAIN QUERY PLAN" if self._is_sqlite else "EXPLAIN (ANALYZE, BUFFERS)"
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{command} {statement}", values).all()
        plan = "\n".join(f"      {row[-1]}" for row in rows)
        number = len(self._found)
        return f"    {number} statements; {seconds * 1000:.1f} ms:\n{statement[:_TEXT]}\n{plan}"

    def _begin(self, _connection: Any, _cursor: Any, *rest: Any) -> None:
        rest[2].started = self.read_clock() if rest[2] else 0

    def _end(self, connection: Any, cursor: Any, *rest: Any) -> None:
        statement, values, context = rest[0], rest[1], rest[2]
        seconds = self.read_clock() - context.started if context else 0
        if self._is_sqlite and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            # Rows come as they are fetched: asked for once more, and all of them.
            start = self.read_clock()
            connection.connection.driver_connection.execute(statement, values).fetchall()
            seconds = self.read_clock() - start
        self._found.append((seconds, statement, values))
