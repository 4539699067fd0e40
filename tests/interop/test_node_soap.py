"""node's `soap`, generated from the served WSDL: the façade, and XTA without and with MTOM."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.interop.conversation import check_outcome, write_task
from tests.support.installation import Installation

FOLDER = Path(__file__).parent

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (FOLDER / "node_modules" / "soap").is_dir(),
    reason="node or its package soap is not installed here (make interop)",
)


def run_node(program: str, *arguments: str) -> str:
    """What the program prints."""
    result = subprocess.run(
        ["node", program, *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("is_mtom", [False, True], ids=["inline", "mtom"])
def test_conversation_with_node_soap_succeeds(
    installation: Installation, tmp_path: Path, is_mtom: bool
) -> None:
    task = write_task(installation, tmp_path, is_mtom=is_mtom)
    output = run_node("xta_client.js", str(task))
    check_outcome(output, task)
    outcome = json.loads(output)
    beside_envelope = {outcome[step]["besideEnvelope"] for step in ("fetched", "fetchedNext")}
    assert beside_envelope == {3 if is_mtom else 0}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_facade_five_operations_with_node_soap_succeed(
    installation: Installation, version: str
) -> None:
    demo = str(installation.folder / "demo.json")
    answer = json.loads(run_node("facade_client.js", demo, version))
    assert answer["behoerden"] == [installation.mandant("jena")["behoerde"]]
    assert answer["receivedId"] == answer["messageId"] == answer["confirmedId"]
    assert answer["isAttachmentEqual"] is True
    assert answer["isTest"] is True
    assert answer["status"] == "gruen"
    assert answer["codes"] == [
        "angenommen",
        "elektronisch-zugestellt",
        "abgeholt",
        "empfang-bestaetigt",
    ]
    assert "9070" in answer["fault"]
