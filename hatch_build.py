"""Copies what the Web-Client needs of npm packages into `server/web/static/vendor`.

`make` runs it as a program; hatchling runs it when it builds a wheel, so that the wheel has what
the repository has not. The versions are those of package-lock.json.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
TARGET = Path("server/web/static/vendor")
STAMP = TARGET / ".installed"
_KERN = Path("node_modules/@kern-ux/native")
_HTMX = Path("node_modules/htmx.org")
_FILES = {
    _KERN / "dist/kern.min.css": "kern/kern.min.css",
    _KERN / "dist/fonts/fira-sans.css": "kern/fonts/fira-sans.css",
    _KERN / "LICENSE.md": "kern/LICENSE.md",
    _HTMX / "dist/htmx.min.js": "htmx.min.js",
    _HTMX / "LICENSE": "htmx.LICENSE",
}
_FONT = re.compile(r'url\("\./(fira-sans/[^"]+)"\)')
MISSING_NPM = (
    "npm fehlt (Debian: apt-get install npm): Ohne npm hat der Web-Client weder Gestaltung noch "
    "Schriften."
)


class NpmMissing(Exception):
    """The packages cannot be fetched; the text is German."""


def install_vendor(root: Path) -> None:
    """Fetches the packages and copies the files; raises NpmMissing."""
    npm = shutil.which("npm")
    if npm is None:
        raise NpmMissing(MISSING_NPM)
    subprocess.run(  # noqa: S603
        [npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=root, check=True
    )
    shutil.rmtree(root / TARGET, ignore_errors=True)
    for source, name in _FILES.items():
        _copy(root / source, root / TARGET / name)
    fonts = (root / _KERN / "dist/fonts/fira-sans.css").read_text(encoding="utf-8")
    for name in _FONT.findall(fonts):
        _copy(root / _KERN / "dist/fonts" / name, root / TARGET / "kern/fonts" / name)
    (root / STAMP).touch()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class VendorHook(BuildHookInterface[Any]):
    """Run by hatchling before it builds."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches what is missing; an editable installation leaves that to `make`."""
        root = Path(self.root)
        if version != "editable" and not (root / STAMP).is_file():
            install_vendor(root)


if __name__ == "__main__":
    try:
        install_vendor(ROOT)
    except NpmMissing as error:
        print(error)
    except subprocess.CalledProcessError as error:
        sys.exit(f"npm ci endete mit {error.returncode}.")
