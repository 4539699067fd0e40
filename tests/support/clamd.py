"""A real clamd with one signature: that of the EICAR test file."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In two pieces, so that no scanner finds it in this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"


def is_installed() -> bool:
    return shutil.which("clamd") is not None


@contextmanager
def running_clamd(folder: Path) -> Iterator[Path]:
    """The path of the socket of a clamd that runs until the end of the block."""
    database = folder / "signatures"
    database.mkdir(parents=True)
    (database / "eicar.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
    path = folder / "clamd.sock"
    config = folder / "clamd.conf"
    config.write_text(
        f"DatabaseDirectory {database}\nLocalSocket {path}\nForeground yes\n"
        "OfficialDatabaseOnly no\nStreamMaxLength 100M\n"
    )
    log = folder / "clamd.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["clamd", "--config-file", str(config)], stdout=output, stderr=output
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while not path.exists():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield path
        finally:
            process.terminate()
            process.wait(30)
