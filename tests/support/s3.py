"""S3Proxy, a real S3-compatible server over a folder, for the tests of the object store.

`make test-packages` fetches it (Maven: org.gaul:s3proxy); without it the tests skip and say so.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from persistence.blobs.objects import ObjectStoreAccess
from server.running.ports import find_free_ports, is_listening

_VERSION = "2.6.0"
_JAR = (
    Path.home()
    / ".m2/repository/org/gaul/s3proxy"
    / _VERSION
    / f"s3proxy-{_VERSION}-jar-with-dependencies.jar"
)
_START_SECONDS = 60
KEY_ID, SECRET, BUCKET = "tester", "geheim-fuer-tests", "inhalte"


def find_missing() -> str:
    """What is missing to run it, or nothing."""
    if shutil.which("java") is None:
        return "java fehlt (Debian: openjdk-17-jdk-headless)"
    return "" if _JAR.is_file() else "S3Proxy fehlt (make test-packages)"


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket, whose objects are the files of `folder`."""

    port: int
    folder: Path

    def access(
        self, port: int | None = None, prefix: str = "", seconds: int = 5
    ) -> ObjectStoreAccess:
        """How to reach it, directly or by another port of this machine."""
        endpoint = f"http://127.0.0.1:{port or self.port}"
        return ObjectStoreAccess(
            endpoint, BUCKET, "us-east-1", prefix, KEY_ID, SECRET, timeout_seconds=seconds
        )

    def list_files(self, prefix: str) -> list[Path]:
        """The objects below a prefix that ends with /."""
        return sorted(path for path in (self.folder / prefix).rglob("*") if path.is_file())


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """The server on a free port of the loopback address."""
    (port,) = find_free_ports(1)
    objects = folder / "objekte"
    (objects / BUCKET).mkdir(parents=True)
    config = folder / "s3proxy.conf"
    config.write_text(
        f"s3proxy.endpoint=http://127.0.0.1:{port}\n"
        "s3proxy.authorization=aws-v4\n"
        f"s3proxy.identity={KEY_ID}\ns3proxy.credential={SECRET}\n"
        "jclouds.provider=filesystem-nio2\n"
        "jclouds.identity=ordner\njclouds.credential=ordner\n"
        f"jclouds.filesystem.basedir={objects}\n",
        encoding="utf-8",
    )
    with (folder / "s3proxy.log").open("wb") as log:
        process = subprocess.Popen(
            ["java", "-Xmx256m", "-jar", str(_JAR), "--properties", str(config)],
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, port)
            yield S3Server(port, objects / BUCKET)
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while not is_listening("127.0.0.1", port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("S3Proxy does not start")
        time.sleep(0.1)
