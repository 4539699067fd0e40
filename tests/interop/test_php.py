"""A client that is not written in Python: PHP's SoapClient, built from the served WSDL."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.interop.conversation import check_outcome, write_task
from tests.support.installation import Installation

PROGRAM = Path(__file__).parent / "php" / "conversation.php"


def _has_soap() -> bool:
    if shutil.which("php") is None:
        return False
    modules = subprocess.run(
        ["php", "-m"], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    return {"soap", "openssl"} <= set(modules.split())


pytestmark = pytest.mark.skipif(
    not _has_soap(),
    reason="php with its modules soap and openssl is not installed here "
    "(Debian: apt-get install php-cli php-soap; make interop says what is missing)",
)


def test_php_soapclient_whole_conversation_without_mtom_succeeds(
    installation: Installation, tmp_path: Path
) -> None:
    task = write_task(installation, tmp_path, is_mtom=False)
    result = subprocess.run(
        ["php", str(PROGRAM), str(task)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    check_outcome(result.stdout, task)
