"""A wall clock that jumps under running processes (libfaketime); their monotonic clock goes on."""

from dataclasses import dataclass
from pathlib import Path

_LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@dataclass(frozen=True)
class JumpingClock:
    """The clock of all processes that get its `environment`."""

    file: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs whose clock it is."""
        return {
            "LD_PRELOAD": str(_LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set_offset(self, seconds: int) -> None:
        """From now on the clock is so far from the right time (ahead: above 0)."""
        fresh = self.file.with_suffix(".neu")
        fresh.write_text(f"{seconds:+d}s\n", encoding="ascii")
        fresh.replace(self.file)


def find_reason_to_skip() -> str:
    """Why no clock can jump here; empty where it can."""
    return "" if _LIBRARIES else "libfaketime is not installed (Debian: apt-get install faketime)"
