"""A client that is not written in Python: Apache CXF (Java), generated from the contract."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conversation import check_outcome, write_task
from tests.support.installation import Installation

PROGRAM = Path(__file__).parent / "java" / "target" / "conversation.jar"
MTOM = 'multipart/related; type="application/xop+xml"'
PLAIN = "application/soap+xml"
# The message and its two attachments.
CONTENTS = 3

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None or not PROGRAM.is_file(),
    reason="the client with Apache CXF is not built here (make interop; "
    "Debian: apt-get install openjdk-17-jdk-headless maven)",
)


@dataclass(frozen=True)
class Run:
    """One conversation: its task, what the client printed, and whether it was with MTOM."""

    task: Path
    output: str
    is_mtom: bool

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """What went over the wire, of author and reader."""
        author, reader = json.loads(self.output)["exchanges"]
        return [*author, *reader]

    def find_exchanges(self, action: str) -> list[dict[str, Any]]:
        """The exchanges whose wsa:Action ends so."""
        return [item for item in self.exchanges if item["action"].endswith(f"/{action}")]


@pytest.fixture(scope="module", params=[False, True], ids=["without-mtom", "with-mtom"])
def run(
    installation: Installation,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Run:
    """The whole conversation."""
    task = write_task(installation, tmp_path_factory.mktemp("cxf"), is_mtom=request.param)
    result = subprocess.run(
        ["java", "-jar", str(PROGRAM), str(task)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return Run(task, result.stdout, request.param)


def test_cxf_whole_conversation_succeeds(run: Run) -> None:
    check_outcome(run.output, run.task)


def test_cxf_policies_of_served_wsdl_switch_addressing_on(run: Run) -> None:
    """The client itself says nothing about WS-Addressing."""
    assert run.exchanges
    for exchange in run.exchanges:
        assert {"Addressing", "HttpsToken"} <= set(exchange["assertions"])
        assert exchange["action"]
        assert exchange["isRelated"] is True


def test_cxf_requests_and_answers_are_packages_only_with_mtom(run: Run) -> None:
    expected = MTOM if run.is_mtom else PLAIN
    for exchange in run.exchanges:
        for message in (exchange["request"], exchange["response"]):
            assert message["contentType"].startswith(expected)


def test_cxf_contents_are_parts_of_their_own_only_with_mtom(run: Run) -> None:
    expected = CONTENTS if run.is_mtom else 0
    sent = run.find_exchanges("SendMessage")
    fetched = [
        *run.find_exchanges("MsgBoxFetchRequest"),
        *run.find_exchanges("MsgBoxGetNextMsgRequest"),
    ]
    assert [item["request"]["parts"] for item in sent] == [expected] * 3
    assert [item["response"]["parts"] for item in fetched] == [expected] * 2
