"""Processes of a running installation, as Linux tells about them (proc(5))."""

import os
from pathlib import Path

_PROC = Path("/proc")
# What writing this number does: the peak of resident memory starts anew (proc(5), clear_refs).
_RESET_PEAK = "5"


def find_server_process(supervisor: int) -> int:
    """The process that answers requests: the only child of the part `xta`."""
    for part in list_children(supervisor):
        if b"xta" in (_PROC / str(part) / "cmdline").read_bytes().split(b"\0"):
            (worker,) = list_children(part)
            return worker
    raise RuntimeError("the server process was not found")


def reset_peak(process: int | str) -> None:
    """Sets the peak of resident memory back to what is resident now."""
    (_PROC / str(process) / "clear_refs").write_text(_RESET_PEAK)


def read_peak(process: int | str) -> int:
    """The peak of resident memory in bytes since the last reset."""
    for line in (_PROC / str(process) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in the status of the process")


def read_cpu(process: int | str) -> float:
    """The processor time of a process with all its threads, in seconds."""
    fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def list_children(parent: int) -> list[int]:
    """The processes that another has started."""
    return [
        int(path.parent.name) for path in _PROC.glob("[0-9]*/stat") if _read_parent(path) == parent
    ]


def _read_parent(stat: Path) -> int:
    try:
        # The name of the command, in parentheses, may hold anything.
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return -1
