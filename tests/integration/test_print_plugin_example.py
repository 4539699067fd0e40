"""The plugin of docs/print-plugins.md, installed as another package would be."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installation import REPOSITORY, make_installation, run_cli

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the package and its entry point, where Python looks for packages."""
    text = (REPOSITORY / "docs" / "print-plugins.md").read_text(encoding="utf-8")
    plugin, contract = BLOCK.findall(text)
    folder = tmp_path / "site"
    about = folder / "kommune_druck-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "kommune_druck.py").write_text(plugin, encoding="utf-8")
    (folder / "test_kommune_druck.py").write_text(contract, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kommune-druck\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[damtshilfe.print_output]\nzip = kommune_druck:ZipOutput\n"
    )
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    return folder


@pytest.mark.usefixtures("site")
def test_documented_plugin_is_an_output_of_an_installation(tmp_path: Path) -> None:
    installation = make_installation(tmp_path / "demo")
    with installation.config.open("a", encoding="utf-8") as file:
        file.write('[printing.outputs.kommune]\nplugin = "zip"\noptions = { folder = "zip" }\n')
    told = run_cli("print", "outputs", "--config", str(installation.config)).stdout
    assert "zip" in told.splitlines()[0]
    assert "kommune (zip): lässt sich nicht prüfen" in told


def test_documented_plugin_is_thirty_lines_beside_its_imports(site: Path) -> None:
    text = (site / "kommune_druck.py").read_text(encoding="utf-8")
    body = text[text.index("\nclass ") :]
    assert len([line for line in body.splitlines() if line.strip()]) <= 30


def test_documented_plugin_keeps_the_contract(site: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "test_kommune_druck.py"],
        cwd=site,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert " passed" in result.stdout
