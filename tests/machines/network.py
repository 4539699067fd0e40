"""Machines as network namespaces of Linux, joined by a bridge.

The namespaces have no names: each lives as long as a process in it. So nothing is left behind,
however a run ends. This process moves into the first one, which has the bridge; nothing is changed
in the network of the system.
"""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FRONT = "10.77.0.1"
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_TOOLS = {
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "nginx": "nginx-light",
}


@dataclass(frozen=True)
class Machine:
    """A network namespace with a host name, an address, and a process that keeps it."""

    name: str
    address: str
    keeper: int

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """A process on this machine; it ends with this one."""
        return subprocess.Popen(
            [*self._entrance(), *command], preexec_fn=end_with_parent, **options
        )

    def run(self, *command: str) -> None:
        """A command on this machine, to its end."""
        run(*self._entrance(), *command)

    def _entrance(self) -> list[str]:
        return ["nsenter", "--target", str(self.keeper), "--net", "--uts", "--"]


def find_reason_to_skip() -> str:
    """Why no machines can be made here; empty where they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool, package in _TOOLS.items():
        if not shutil.which(tool):
            return f"{tool} is not installed (Debian: apt-get install {package})"
    if not STREAM_MODULE.exists():
        return "nginx has no stream module (Debian: apt-get install libnginx-mod-stream)"
    trial = "ip link add bridge type bridge && ip link add one type veth peer name two"
    made = subprocess.run(
        ["unshare", "--net", "--uts", "sh", "-c", trial], capture_output=True, check=False
    )
    return "" if made.returncode == 0 else "this system does not let root make network namespaces"


def enter_network() -> None:
    """Moves this process into a namespace of its own with a bridge; it has the address FRONT.

    Before any thread is started: a thread that is there already stays outside.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "bridge", "type", "bridge")
    run("ip", "address", "add", f"{FRONT}/24", "dev", "bridge")
    run("ip", "link", "set", "bridge", "up")


@contextmanager
def running_machines(number: int) -> Iterator[tuple[Machine, ...]]:
    """Machines at the bridge until the end of the block."""
    keepers: list[subprocess.Popen[bytes]] = []
    machines: list[Machine] = []
    try:
        for index in range(1, number + 1):
            name = f"machine-{index}"
            keepers.append(_start_keeper(name))
            machines.append(_connect(name, f"10.77.0.{10 + index}", keepers[-1].pid))
        yield tuple(machines)
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.wait()


def _start_keeper(name: str) -> subprocess.Popen[bytes]:
    script = f"hostname {name} && echo ready && exec sleep infinity"
    keeper = subprocess.Popen(
        ["unshare", "--net", "--uts", "sh", "-c", script],
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent,
    )
    assert keeper.stdout is not None
    assert keeper.stdout.readline() == b"ready\n"
    return keeper


def _connect(name: str, address: str, keeper: int) -> Machine:
    machine = Machine(name, address, keeper)
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(keeper))
    run("ip", "link", "set", name, "master", "bridge", "up")
    machine.run("ip", "link", "set", "lo", "up")
    machine.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    machine.run("ip", "link", "set", "eth0", "up")
    return machine


def run(*command: str) -> None:
    """Runs a command to its end; raises with what it said."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")


def end_with_parent() -> None:
    """In the child: nothing outlives a run that was killed (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
