"""A clock that jumps under running processes.

Each process that gets its `environment` reads the moments of `server.services.clock` through it;
timeouts and sleeps go by the monotonic clock of the system, which does not jump. (libfaketime was
tried: with it, `time.sleep` of Python 3.11 fails.)
"""

from dataclasses import dataclass
from pathlib import Path

from tests.support.installation import REPOSITORY

# Python runs a module of this name at its start.
_START = """
import datetime as times
from pathlib import Path

from server.services import clock

FILE = Path({file!r})


class JumpingTime(times.datetime):
    @classmethod
    def now(cls, tz=None):
        offset = float(FILE.read_text(encoding="ascii"))
        return times.datetime.now(tz) + times.timedelta(seconds=offset)


clock.datetime = JumpingTime
"""


@dataclass(frozen=True)
class JumpingClock:
    """The clock of all processes that get its `environment`; it lies in a folder of its own."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs whose clock it is."""
        return {"PYTHONPATH": f"{self.folder}:{REPOSITORY}"}

    @property
    def _file(self) -> Path:
        return self.folder / "offset"

    def prepare(self) -> None:
        """Writes what processes read at their start; the clock is right."""
        self.folder.mkdir()
        self.set_offset(0)
        text = _START.format(file=str(self._file))
        (self.folder / "sitecustomize.py").write_text(text, encoding="utf-8")

    def set_offset(self, seconds: int) -> None:
        """From now on the clock is so far from the right time (ahead: above 0)."""
        fresh = self._file.with_suffix(".neu")
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.replace(self._file)
