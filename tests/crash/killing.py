"""Ends processes and connections without warning, spread evenly over what is acknowledged."""

import os
import random
import signal
import time
from collections.abc import Callable
from enum import StrEnum

from psycopg import OperationalError, sql

from tests.crash.journal import Happening, Journal
from tests.crash.plan import CrashPlan
from tests.crash.servers import Servers

_BACKENDS = sql.SQL(
    "SELECT pid FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND datname IN ('mitte', 'ost')"
)


class Kill(StrEnum):
    """What is ended."""

    SERVER_PROCESS = "server process"
    SERVER = "server"
    WORKER = "delivery worker"
    AUTHORITY = "Authority-Server"
    CONNECTION = "database connection ended"
    BACKEND = "database process killed"


# How often, of a hundred.
_ON_SQLITE = {Kill.SERVER_PROCESS: 50, Kill.SERVER: 17, Kill.WORKER: 28, Kill.AUTHORITY: 5}
_ON_POSTGRESQL = {
    Kill.SERVER_PROCESS: 33,
    Kill.SERVER: 12,
    Kill.WORKER: 22,
    Kill.AUTHORITY: 5,
    Kill.CONNECTION: 20,
    # The whole PostgreSQL starts again after it.
    Kill.BACKEND: 8,
}


class Killer:
    """Kills at random, the same kinds for the same seed."""

    def __init__(self, plan: CrashPlan, servers: Servers, journal: Journal) -> None:
        self._servers = servers
        self._journal = journal
        self._random = plan.make_random("kills")
        self._pause = random.Random()
        self._shares = _ON_POSTGRESQL if servers.cluster else _ON_SQLITE
        # A kill each time that so many are acknowledged; none after the last.
        self.thresholds = [
            plan.messages * number // (plan.kills + 1) for number in range(1, plan.kills + 1)
        ]

    def run(self, read_acknowledged: Callable[[], int], is_over: Callable[[], bool]) -> int:
        """Kills whenever a threshold is passed; returns how many kills there were."""
        done = 0
        while done < len(self.thresholds) and not is_over():
            if read_acknowledged() < self.thresholds[done]:
                time.sleep(0.02)
                continue
            # Not always at the moment at which something has just been acknowledged.
            time.sleep(self._pause.random() * 0.3)
            self._kill(self._choose())
            done += 1
        return done

    def _choose(self) -> Kill:
        kinds = list(self._shares)
        return self._random.choices(kinds, [self._shares[kind] for kind in kinds])[0]

    def _kill(self, kind: Kill) -> None:
        """Tries until there is something of this kind to be killed."""
        while not (detail := self._try(kind)):
            time.sleep(0.1)
        self._journal.note(Happening.KILLED, place=kind, detail=detail)

    def _try(self, kind: Kill) -> str:
        if kind in (Kill.CONNECTION, Kill.BACKEND):
            return self._end_connection(is_kill=kind == Kill.BACKEND)
        name = {Kill.WORKER: "worker", Kill.AUTHORITY: "authority"}.get(kind, "xta")
        part = self._random.choice(self._servers.list_parts(name))
        process = part.process
        if process is None or process.poll() is not None:
            return ""
        if kind == Kill.SERVER_PROCESS:
            children = part.list_children()
            pid = self._pause.choice(children) if children else 0
        else:
            pid = process.pid
        return f"{part.centre.name} {pid}" if pid and _kill_process(pid) else ""

    def _end_connection(self, *, is_kill: bool) -> str:
        cluster = self._servers.cluster
        if cluster is None:
            return ""
        try:
            found = [row[0] for row in cluster.execute(_BACKENDS)]
            if not found:
                return ""
            pid = self._pause.choice(found)
            if is_kill:
                return str(pid) if _kill_process(pid) else ""
            end = sql.SQL("SELECT pg_terminate_backend({})").format(sql.Literal(pid))
            return str(pid) if cluster.execute(end)[0][0] else ""
        except OperationalError:
            # It is just starting again.
            return ""


def _kill_process(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
