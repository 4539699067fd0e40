"""The wheel has everything that runs, also what the repository has not."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.installation import REPOSITORY

VENDOR = "server/web/static/vendor"


def copy_sources(target: Path) -> Path:
    """The committed files, without what `make` fetches."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (REPOSITORY / name).is_file() and not name.startswith(("tests/", "docs/", "bench/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, target / name)
    return target


def build(sources: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=sources,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.skipif(
    not (REPOSITORY / VENDOR / ".installed").is_file(),
    reason="Gestaltung fehlt (make test holt sie mit npm)",
)
def test_wheel_holds_pages_and_their_look(tmp_path: Path) -> None:
    sources = copy_sources(tmp_path)
    shutil.copytree(REPOSITORY / VENDOR, sources / VENDOR)
    result = build(sources)
    assert result.returncode == 0, result.stderr
    (wheel,) = (sources / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        f"{VENDOR}/kern/kern.min.css",
        f"{VENDOR}/kern/fonts/fira-sans.css",
        f"{VENDOR}/kern/fonts/fira-sans/FiraSans-Regular.woff2",
        f"{VENDOR}/kern/LICENSE.md",
        f"{VENDOR}/htmx.min.js",
        "server/web/static/damtshilfe.css",
        "server/web/templates/grundseite.html",
        "server/web/templates/pages/eingang.html",
        "persistence/migrations/xta/versions/0018_web_client.py",
        "wsdl/xta-2.1.1/xta.wsdl",
    } <= names


def test_wheel_without_npm_is_refused_with_the_reason(tmp_path: Path) -> None:
    sources = copy_sources(tmp_path)
    # The interpreter is named in full; nothing else has to be found.
    result = build(sources, PATH=str(tmp_path / "leer"))
    assert result.returncode != 0
    assert "npm fehlt" in result.stderr


def test_every_file_that_pages_name_is_there() -> None:
    if not (REPOSITORY / VENDOR / ".installed").is_file():
        pytest.skip("Gestaltung fehlt (make test holt sie mit npm)")
    css = (REPOSITORY / VENDOR / "kern/fonts/fira-sans.css").read_text(encoding="utf-8")
    fonts = [part.split('"')[0] for part in css.split('url("./')[1:]]
    assert len(fonts) == 10
    assert [
        name for name in fonts if not (REPOSITORY / VENDOR / "kern/fonts" / name).is_file()
    ] == []
