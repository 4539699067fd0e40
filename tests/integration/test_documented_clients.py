"""The Python examples of docs/clients.md, run as they stand there against a demo."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import (
    REPOSITORY,
    Installation,
    make_installation,
    port_of,
    serving,
)

DOCUMENT = REPOSITORY / "docs" / "clients.md"
# The port of an installation that nobody has changed.
DOCUMENTED = "https://localhost:8443/"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo with an empty mailbox."""
    made = make_installation(tmp_path_factory.mktemp("documented") / "demo")
    with serving(made):
        yield made


def list_examples(heading: str) -> list[str]:
    """The Python blocks below a heading."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def run_examples(demo: Installation, heading: str) -> list[str]:
    """The lines that the blocks print, one after the other as one program."""
    examples = list_examples(heading)
    assert examples
    program = "\n".join(examples)
    assert DOCUMENTED in program
    port = port_of(demo.url("management"))
    result = subprocess.run(
        [sys.executable, "-c", program.replace(DOCUMENTED, f"https://localhost:{port}/")],
        cwd=demo.folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_documented_facade_examples_ask_look_up_and_check(demo: Installation) -> None:
    behoerden, einnahmearten, massnahmen, checked = run_examples(demo, "The façade")
    assert behoerden == str([demo.mandant("jena")["behoerde"]])
    assert "'hundesteuer': 'Hundesteuer'" in einnahmearten
    assert "'sachpfaendung'" in massnahmen
    assert checked == "True elektronisch"


def test_documented_xta_examples_send_receive_and_report(demo: Installation) -> None:
    fetched, report, refusal = run_examples(demo, "XTA with Python")
    assert fetched == "vollstreckungshilfeersuchen ['bescheid.pdf']"
    assert report.startswith("GREEN [('info', 'angenommen'), ")
    assert "('info', 'empfang-bestaetigt')" in report
    assert refusal.startswith("9101 CancelDeniedException 9101: ")
    inbox = demo.folder / "eingang"
    assert {path.name for path in inbox.iterdir()} == {"bescheid.pdf", "ersuchen.xml"}
    assert (inbox / "bescheid.pdf").read_bytes() == demo.attachment()
    assert (inbox / "ersuchen.xml").read_bytes() == demo.payload()


@pytest.mark.parametrize("heading", ["The façade", "XTA with Python"])
def test_documented_examples_are_short(heading: str) -> None:
    lengths = [len(example.splitlines()) for example in list_examples(heading)]
    assert max(lengths) <= 12


def test_documented_examples_need_only_what_an_installation_has(demo: Installation) -> None:
    paths = [
        path
        for heading in ("The façade", "XTA with Python")
        for example in list_examples(heading)
        for path in re.findall(r'Path\("([^"]+/[^"]+)"\)', example)
    ]
    assert paths
    assert [path for path in paths if not Path(demo.folder, path).is_file()] == []
