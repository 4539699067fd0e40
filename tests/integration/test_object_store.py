"""An object store that is slow, loses connections or is away (a real S3-compatible server)."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from persistence.blobs import BlobStoreUnavailable, ObjectBlobs
from persistence.blobs.objects import ObjectStoreAccess
from server.domain.content import InlineContent
from server.errors import Faults
from server.running.ports import find_free_ports
from tests.support.relay import Cut, relaying
from tests.support.s3 import S3Server, find_missing, running_s3

pytestmark = pytest.mark.skipif(bool(find_missing()), reason=find_missing())

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with running_s3(tmp_path_factory.mktemp("s3")) as running:
        yield running


def test_keep_store_away_is_a_temporary_fault_and_nothing_stays(tmp_path: Path) -> None:
    (port,) = find_free_ports(1)
    access = ObjectStoreAccess(
        f"http://127.0.0.1:{port}", "b", "r", "", "k", "s", timeout_seconds=1
    )
    blobs = ObjectBlobs(tmp_path, access)
    with pytest.raises(BlobStoreUnavailable) as raised:
        blobs.keep(InlineContent(b"inhalt"))
    assert raised.value.fault == Faults.STORAGE_UNAVAILABLE
    assert list((tmp_path / "eingang").iterdir()) == []
    assert blobs.find_problem() != ""


@pytest.mark.parametrize("size", [MEBIBYTE, 12 * MEBIBYTE])
def test_keep_connection_cut_in_the_upload_leaves_no_object_and_a_repeat_succeeds(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    data = os.urandom(size)
    with relaying(server.port) as relay:
        access = server.access(relay.port, f"schnitt-{size}/", seconds=3)
        blobs = ObjectBlobs(tmp_path, access)
        relay.arm(*(Cut(MEBIBYTE // 2, is_in_upload=True) for _ in range(50)))
        with pytest.raises(BlobStoreUnavailable):
            blobs.keep(InlineContent(data))
        assert relay.lost > 0
        assert [
            name
            for batch in ObjectBlobs(tmp_path, server.access(prefix=access.prefix)).list_names()
            for name in batch
        ] == []
    healed = ObjectBlobs(tmp_path, server.access(prefix=access.prefix))
    assert healed.find(healed.keep(InlineContent(data))).read() == data


def test_keep_one_lost_connection_is_made_good_by_the_library(
    server: S3Server, tmp_path: Path
) -> None:
    with relaying(server.port) as relay:
        blobs = ObjectBlobs(tmp_path, server.access(relay.port, "einmal/"))
        relay.arm(Cut(100_000, is_in_upload=True))
        ref = blobs.keep(InlineContent(b"x" * MEBIBYTE))
        assert relay.lost == 1
        assert blobs.find(ref).read() == b"x" * MEBIBYTE


def test_read_store_gone_half_way_is_a_temporary_fault(server: S3Server, tmp_path: Path) -> None:
    with relaying(server.port) as relay:
        blobs = ObjectBlobs(tmp_path, server.access(relay.port, "lesen/", seconds=2))
        found = blobs.find(blobs.keep(InlineContent(os.urandom(4 * MEBIBYTE))))
        chunks = found.read_chunks(256 * 1024)
        next(chunks)
        relay.close()
        relay.arm(*(Cut(1, is_in_upload=True) for _ in range(50)))
        with pytest.raises(BlobStoreUnavailable):
            list(chunks)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bucket": "gibt-es-nicht"}, "NoSuchBucket|404|[Nn]ot found"),
        ({"secret_access_key": "falsch"}, "403|SignatureDoesNotMatch|Forbidden"),
        ({"access_key_id": "fremd"}, "403|InvalidAccessKeyId|Forbidden"),
    ],
)
def test_find_problem_wrong_settings_are_told(
    server: S3Server, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    access = ObjectStoreAccess(**{**vars(server.access()), **change})
    assert re.search(told, ObjectBlobs(tmp_path, access).find_problem())
    assert ObjectBlobs(tmp_path, server.access()).find_problem() == ""


_UPLOAD = """
import sys
from pathlib import Path
from persistence.blobs import ObjectBlobs
from tests.support.s3 import S3Server
server = S3Server(int(sys.argv[1]), Path(sys.argv[2]))
blobs = ObjectBlobs(Path(sys.argv[3]), server.access(prefix="gross/", seconds=60))
def keep(blocks):
    writer = blobs.stage()
    for _ in range(blocks):
        writer.write(bytes(1024 * 1024))
    ref = blobs.keep(writer.finish())
    assert sum(map(len, blobs.find(ref).read_chunks(262144))) == blocks * 1024 * 1024
    blobs.delete([ref.name])
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
keep(30)
before = peak()
keep(150)
print(peak() - before)
"""


def test_keep_and_read_take_as_much_memory_for_150_mib_as_for_30(
    server: S3Server, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _UPLOAD, str(server.port), str(server.folder), str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert int(result.stdout) < 24 * 1024, "KiB more"
