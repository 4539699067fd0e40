"""The Web-Client as it runs (gunicorn, TLS), before a database that is there already.

A process of its own: `python -m bench.web_process FOLDER URL PORT`, with the certificate in FOLDER.
"""

import sys
from pathlib import Path

from server.running.parts import Part, run_part
from server.settings import Settings


def make_settings(folder: Path, url: str, port: int) -> Settings:
    """Settings that differ from the usual ones in where things are."""
    certificate, key = folder / "server.pem", folder / "server.key"
    web = {"enabled": True, "port": port, "certificate": certificate, "key": key}
    return Settings.model_validate({"database": {"url": url}, "web": web})


def main() -> None:
    """Serves until SIGTERM."""
    folder, url, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    run_part(Part.WEB, make_settings(folder, url, port))


if __name__ == "__main__":
    main()
