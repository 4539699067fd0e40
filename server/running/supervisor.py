"""Keeps the parts of one machine running: starts them, watches them, ends them."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

from server.running.child_process import end_with_parent
from server.running.parts import Part
from server.running.ports import is_listening

logger = logging.getLogger(__name__)

_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1
_RESTART_PAUSE_SECONDS = 2.0


class StartFailed(Exception):
    """A part ended before the installation was ready; the text is German."""


class Supervisor:
    """Runs parts as child processes until SIGTERM or SIGINT."""

    def __init__(
        self, config: Path, parts: Iterable[Part], addresses: Iterable[tuple[str, int]]
    ) -> None:
        self._config = config
        self._parts = tuple(parts)
        self._addresses = tuple(addresses)
        self._children: dict[Part, subprocess.Popen[bytes]] = {}
        self._is_ending = False

    def run(self, when_ready: Callable[[], None]) -> None:
        """Starts all parts, calls `when_ready`, and returns when all have ended.

        Raises StartFailed where a part ends before that.
        """
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        try:
            for part in self._parts:
                self._start(part)
            self._await_ready()
            if not self._is_ending:
                when_ready()
            self._watch()
        finally:
            self._stop()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_ending = True

    def _start(self, part: Part) -> None:
        command = [sys.executable, "-m", "server.cli", "serve", "--config", str(self._config)]
        self._children[part] = subprocess.Popen(  # noqa: S603
            [*command, "--part", part.value], preexec_fn=end_with_parent
        )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ending and not self._is_ready():
            for part, child in self._children.items():
                if child.poll() is not None:
                    raise StartFailed(f"Der Teil „{part.value}“ konnte nicht starten.")
            if time.monotonic() > deadline:
                raise StartFailed(f"Nach {_READY_SECONDS:.0f} Sekunden ist nicht alles bereit.")
            time.sleep(_POLL_SECONDS)

    def _is_ready(self) -> bool:
        return all(is_listening(host, port) for host, port in self._addresses)

    def _watch(self) -> None:
        while not self._is_ending:
            for part, child in self._children.items():
                if child.poll() is not None and not self._is_ending:
                    logger.error("part %s ended with %s, restarting", part.value, child.returncode)
                    time.sleep(_RESTART_PAUSE_SECONDS)
                    self._start(part)
            time.sleep(_POLL_SECONDS)

    def _stop(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for part, child in self._children.items():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("part %s did not end in time and is killed", part.value)
                child.kill()
                child.wait()
