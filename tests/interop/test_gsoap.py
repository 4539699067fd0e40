"""A client that is not written in Python: gSOAP (C++), generated from the contract."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conversation import check_outcome, write_task
from tests.support.installation import Installation

PROGRAM = Path(__file__).parent / "gsoap" / "build" / "conversation"

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file(),
    reason="the client with gSOAP is not built here (make interop; "
    "Debian: apt-get install gsoap libgsoap-dev g++ libssl-dev pkg-config)",
)


@pytest.mark.parametrize("is_mtom", [False, True], ids=["without-mtom", "with-mtom"])
def test_gsoap_whole_conversation_succeeds(
    installation: Installation, tmp_path: Path, is_mtom: bool
) -> None:
    task = write_task(installation, tmp_path, is_mtom=is_mtom)
    lines = tmp_path / "task.txt"
    lines.write_text("".join(_flatten(json.loads(task.read_text("utf-8")))), encoding="utf-8")
    result = subprocess.run(
        [str(PROGRAM), str(lines)], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    check_outcome(result.stdout, task)


def _flatten(value: Any, name: str = "") -> Iterator[str]:
    """Lines `a.0.b=value`: neither gSOAP nor the standard library of C++ reads JSON."""
    if isinstance(value, bool):
        yield f"{name}={str(value).lower()}\n"
    elif isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            yield from _flatten(member, f"{name}.{key}".lstrip("."))
    else:
        yield f"{name}={value}\n"
