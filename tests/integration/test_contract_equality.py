"""Our contract of XTA 2.1.1 against the published one, where that is at hand."""

import subprocess
import sys

import pytest

from tests.support.installation import REFERENCE_WSDL, REPOSITORY, SHARED

TOOL = SHARED / "tools" / "contract_diff.py"
NAMESPACES = [
    "http://xoev.de/transport/xta/211",
    "http://www.osci.eu/ws/2008/05/transport",
    "http://www.osci.eu/ws/2014/10/transport",
    "http://xoev.de/schemata/basisdatentypen/1_1",
]


@pytest.mark.skipif(not TOOL.exists(), reason="the reference contract is not at hand here")
def test_xta_contract_compared_with_the_reference_has_no_difference() -> None:
    result = subprocess.run(
        [sys.executable, str(TOOL), str(REFERENCE_WSDL.parent), str(REPOSITORY), *NAMESPACES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 missing or different" in result.stdout
