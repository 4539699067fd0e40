"""A client that is not written in Python: node's `soap`, generated from the served WSDL."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.installation import Installation

FOLDER = Path(__file__).parent

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (FOLDER / "node_modules" / "soap").is_dir(),
    reason="node or its package soap is not installed here (make interop)",
)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_facade_five_operations_with_node_soap_succeed(
    installation: Installation, version: str
) -> None:
    result = subprocess.run(
        ["node", "facade_client.js", str(installation.folder / "demo.json"), version],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["behoerden"] == [installation.mandant("jena")["behoerde"]]
    assert answer["receivedId"] == answer["messageId"] == answer["confirmedId"]
    assert answer["isAttachmentEqual"] is True
    assert answer["status"] == "gruen"
    assert answer["codes"] == [
        "angenommen",
        "elektronisch-zugestellt",
        "abgeholt",
        "empfang-bestaetigt",
    ]
    assert "9070" in answer["fault"]
