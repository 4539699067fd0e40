"""Looks into attachments and logos in a process beside this one, which may die of them.

PDFs come from outside and are read by libraries in C and C++. One that takes too much time or
memory, or brings a reader down, ends that process and is refused; server and worker go on. What has
passed is printed by this process, with the same steps and so at the same cost.
"""

import base64
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache

from server.printing.attachments import describe_problem
from server.printing.guarded_check import READY, TOO_MUCH
from server.printing.logo_pdf import LogoDrawing, LogoRefused

_log = logging.getLogger(__name__)

# What one file may take of computing; a thousand pages take a few seconds.
_CPU_SECONDS = 20
# Far beyond what the process allows itself, in case that it stands still.
_SECONDS = 120.0
# So many processes wait for the next file; more are made while more are asked for.
_KEPT = 2


class CheckUnavailable(Exception):
    """Attachments cannot be looked into at the moment, whatever is in them."""


def find_print_problem(filename: str, content: bytes) -> str | None:
    """Why an attachment cannot be printed (a German sentence); None where it can.

    Raises CheckUnavailable.
    """
    problem = _ask(filename, content)["problem"]
    return describe_problem(filename, problem) if problem else None


def draw_logo(content: bytes) -> LogoDrawing:
    """What the only page of a PDF shows; raises LogoRefused and CheckUnavailable."""
    answer = _ask("logo", content, is_logo=True)
    if answer["problem"]:
        raise LogoRefused(answer["problem"])
    svg, png = (base64.b64decode(answer[name] or "") for name in ("svg", "png"))
    return LogoDrawing(svg, png)


# What the program answers, by name: see guarded_check.
_Answer = dict[str, str | None]


def _ask(filename: str, content: bytes, *, is_logo: bool = False) -> _Answer:
    # Processes are not shared with those that a server forks.
    checkers = _get_checkers(os.getpid())
    return checkers.ask(_Question(filename, content, is_logo))


@dataclass(frozen=True)
class _Question:
    """A file to look into; its name is for the log."""

    filename: str
    content: bytes
    is_logo: bool


class _Checkers:
    """Processes that are idle, and whoever needs one takes one."""

    def __init__(self) -> None:
        self._idle: list[_Checker] = []
        self._lock = threading.Lock()

    def ask(self, question: _Question) -> _Answer:
        try:
            return self._ask(self._take(), question)
        except _CheckerDied as error:
            # A process that was kept may have died of an earlier file; a new one has only this.
            _log.warning("the check of attachment %r ended: %s", question.filename, error)
        try:
            return self._ask(_Checker(), question)
        except _CheckerDied:
            return {"problem": TOO_MUCH}

    def _ask(self, checker: "_Checker", question: _Question) -> _Answer:
        answer = checker.ask(question)
        self._give_back(checker)
        return answer

    def _take(self) -> "_Checker":
        with self._lock:
            while self._idle:
                checker = self._idle.pop()
                if checker.is_alive:
                    return checker
        return _Checker()

    def _give_back(self, checker: "_Checker") -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(checker)
                return
        checker.end()


@cache
def _get_checkers(_process: int) -> _Checkers:
    return _Checkers()


class _CheckerDied(Exception):
    """The process ended over a file."""


class _Checker:
    """One process; it ends when its standard input does, and so with the process that asks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.printing.guarded_check"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl+C and the like are for the process that asks.
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._questions, self._answers = self._process.stdin, self._process.stdout
        if self._answers.readline() != READY:
            self.end()
            raise CheckUnavailable("the process that looks into attachments does not start")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: _Question) -> _Answer:
        """What it says of a file; raises _CheckerDied and CheckUnavailable."""
        watch = threading.Timer(_SECONDS, self._process.terminate)
        watch.daemon = True
        watch.start()
        try:
            line = self._exchange(question)
        finally:
            watch.cancel()
        if not line:
            self._tell_end()
        answer: _Answer = json.loads(line)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._questions.close()
        self._answers.close()

    def _exchange(self, question: _Question) -> bytes:
        content = question.content
        told = {"is_logo": question.is_logo, "size": len(content), "seconds": _CPU_SECONDS}
        try:
            self._questions.write(json.dumps(told).encode() + b"\n" + content)
            self._questions.flush()
            return self._answers.readline()
        except BrokenPipeError:
            return b""

    def _tell_end(self) -> None:
        code = self._process.wait()
        if code == -signal.SIGKILL:
            # Nobody here sends it: the machine has no memory left, which is not the file's fault.
            raise CheckUnavailable("the process that looks into attachments was killed")
        raise _CheckerDied(f"exit code {code}")
