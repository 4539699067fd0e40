"""Encrypted contents in a whole installation: at rest, damaged, with other keys, in S3."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from clients.xta import WirePart
from tests.support.blob_keys import damage
from tests.support.installation import (
    OSCI_ACTION,
    FaultView,
    Installation,
    make_installation,
    read_fault,
    read_sample,
    run_cli,
    serving,
)
from tests.support.s3 import BUCKET, KEY_ID, SECRET, S3Server, find_missing, running_s3

READER = "ags:16053000"
SECRET_TEXT = b"Musterschuldner, Kontonummer 4711. " * 8000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = make_installation(tmp_path_factory.mktemp("blobs") / "demo")
    with serving(made):
        yield made


@pytest.fixture
def unserved(tmp_path: Path) -> Installation:
    return make_installation(tmp_path / "demo")


def send(installation: Installation, content: bytes) -> str:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    part = WirePart(content, "application/octet-stream", "akte.bin")
    author.send(installation.outgoing(message_id, "jena", attachments=[part]))
    return message_id


def fetch_attachment(installation: Installation, message_id: str) -> bytes:
    fetched = installation.xta("jena").fetch(message_id)
    assert fetched is not None
    return fetched.attachments[0].content


def list_blobs(installation: Installation) -> list[Path]:
    folder = installation.folder / "daten" / "inhalte"
    return [path for path in folder.rglob("*") if path.is_file()]


def fetch_raw(installation: Installation, message_id: str) -> requests.Response:
    """getMessage as Jena."""
    request = read_sample("valid", "get-message.xml", READER=READER, MESSAGE_ID=message_id)
    return installation.post(
        installation.url("msgbox"),
        request,
        f"{OSCI_ACTION}MsgBoxFetchRequest",
        installation.certificate("jena"),
        headers={"Accept": "multipart/related"},
    )


def find_blob(installation: Installation, size: int) -> Path:
    """The newest file, which is the attachment of at least this size."""
    found = max(list_blobs(installation), key=lambda path: path.stat().st_mtime_ns)
    assert found.stat().st_size >= size
    return found


def test_init_turns_encryption_on_and_nothing_plain_lies_on_the_disk(
    served: Installation,
) -> None:
    message_id = send(served, SECRET_TEXT)
    stored = list_blobs(served)
    assert stored
    for path in stored:
        content = path.read_bytes()
        assert b"Musterschuldner" not in content
        assert b"<?xml" not in content
    assert fetch_attachment(served, message_id) == SECRET_TEXT
    assert (served.folder / "pki" / "inhalte.key").stat().st_mode & 0o777 == 0o600


def test_fetch_damaged_content_is_a_fault_and_the_message_stays(served: Installation) -> None:
    message_id = send(served, SECRET_TEXT)
    blob = find_blob(served, len(SECRET_TEXT))
    whole = blob.read_bytes()
    blob.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    fault = _read_multipart_or_plain_fault(fetch_raw(served, message_id))
    assert (fault.code, fault.soap_code) == ("9030", "Receiver")
    assert "beschädigt" in fault.text
    other = send(served, b"anderer Inhalt")
    assert fetch_attachment(served, other) == b"anderer Inhalt"
    assert message_id in served.xta("jena").list_message_ids()
    blob.write_bytes(whole)
    assert fetch_attachment(served, message_id) == SECRET_TEXT


def test_fetch_content_damaged_far_behind_breaks_the_answer_off(served: Installation) -> None:
    content = os.urandom(2_500_000)
    message_id = send(served, content)
    blob = find_blob(served, len(content))
    whole = blob.read_bytes()
    blob.write_bytes(damage(whole))
    broken_off = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
    with pytest.raises(broken_off):
        _ = fetch_raw(served, message_id).content
    assert message_id in served.xta("jena").list_message_ids()
    blob.write_bytes(whole)
    assert fetch_attachment(served, message_id) == content


def _read_multipart_or_plain_fault(response: requests.Response) -> FaultView:
    assert response.headers["Content-Type"].startswith("application/soap+xml")
    return read_fault(response)


def test_blobs_commands_status_check_and_both_rotations_while_it_is_served(
    unserved: Installation,
) -> None:
    config = str(unserved.config)
    with serving(unserved):
        message_id = send(unserved, SECRET_TEXT)
        before = run_cli("blobs", "status", "--config", config).stdout
        assert "1 Inhalte" not in before.splitlines()[-2]
        assert "unverschlüsselt: 0 Inhalte" in before
        assert "unversehrt" in run_cli("blobs", "check", "--config", config).stdout
        run_cli("blobs", "rotate", "--master", "--config", config)
        assert "neuesten" in run_cli("blobs", "rotate", "--rewrite", "--config", config).stdout
        assert fetch_attachment(unserved, message_id) == SECRET_TEXT
        second = send(unserved, b"nach der Rotation")
    status = run_cli("blobs", "status", "--config", config).stdout
    assert status.count("Datenschlüssel") == 2
    assert "abgelöst" in status
    (unserved.folder / "pki" / "inhalte.key.alt").unlink()
    with serving(unserved):
        assert fetch_attachment(unserved, message_id) == SECRET_TEXT
        assert fetch_attachment(unserved, second) == b"nach der Rotation"


def test_blobs_check_missing_content_is_named_and_ends_with_an_error(
    unserved: Installation,
) -> None:
    with serving(unserved):
        send(unserved, SECRET_TEXT)
    blob = find_blob(unserved, 1)
    blob.unlink()
    result = run_cli("blobs", "check", "--config", str(unserved.config), expected=1)
    assert blob.name in result.stderr
    assert "1 Inhalte fehlen oder sind beschädigt" in result.stderr


def test_switching_encryption_on_later_old_contents_stay_readable_and_are_rewritten(
    unserved: Installation,
) -> None:
    text = unserved.config.read_text(encoding="utf-8")
    unserved.config.write_text(text.replace("encrypt = true", "encrypt = false"), encoding="utf-8")
    with serving(unserved):
        plain = send(unserved, SECRET_TEXT)
    assert any(b"Musterschuldner" in path.read_bytes() for path in list_blobs(unserved))
    unserved.config.write_text(text, encoding="utf-8")
    with serving(unserved):
        assert fetch_attachment(unserved, plain) == SECRET_TEXT
        run_cli("blobs", "rotate", "--rewrite", "--config", str(unserved.config))
        assert fetch_attachment(unserved, plain) == SECRET_TEXT
    status = run_cli("blobs", "status", "--config", str(unserved.config)).stdout
    assert "unverschlüsselt: 0 Inhalte" in status


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda key: key.unlink(), "Der Hauptschlüssel fehlt"),
        (lambda key: key.chmod(0o640), "0600"),
        (lambda key: key.write_text("abc", encoding="utf-8"), "kein Hauptschlüssel"),
        (
            lambda key: key.write_text("A" * 43 + "=", encoding="utf-8"),
            "brauchen den Hauptschlüssel",
        ),
    ],
)
def test_config_check_bad_master_key_is_told(
    served: Installation, tmp_path: Path, spoil: object, told: str
) -> None:
    send(served, b"damit es einen Datenschluessel gibt")
    shutil.copytree(served.folder, tmp_path / "demo")
    assert callable(spoil)
    spoil(tmp_path / "demo" / "pki" / "inhalte.key")
    result = run_cli("config", "check", str(tmp_path / "demo" / "damtshilfe.toml"), expected=1)
    assert told in result.stderr


def test_config_check_encryption_switched_off_with_encrypted_contents_is_told(
    served: Installation, tmp_path: Path
) -> None:
    send(served, b"damit es einen Datenschluessel gibt")
    shutil.copytree(served.folder, tmp_path / "demo")
    config = tmp_path / "demo" / "damtshilfe.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("encrypt = true", "encrypt = false"), encoding="utf-8")
    result = run_cli("config", "check", str(config), expected=1)
    assert "Inhalte und zweite Faktoren sind verschlüsselt abgelegt" in result.stderr


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if find_missing():
        pytest.skip(find_missing())
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


def use_s3(installation: Installation, server: S3Server, prefix: str) -> None:
    """Puts the store into the settings, and the credentials into their file."""
    text = installation.config.read_text(encoding="utf-8")
    for old, new in (
        ('kind = "folder"', 'kind = "s3"'),
        ('endpoint = ""', f'endpoint = "http://127.0.0.1:{server.port}"'),
        ('bucket = ""', f'bucket = "{BUCKET}"'),
        ('prefix = ""', f'prefix = "{prefix}"'),
        ("timeout_seconds = 30", "timeout_seconds = 2"),
    ):
        assert old in text
        text = text.replace(old, new)
    installation.config.write_text(text, encoding="utf-8")
    file = installation.folder / "pki" / "s3.toml"
    file.write_text(f'access_key_id = "{KEY_ID}"\nsecret_access_key = "{SECRET}"\n')
    file.chmod(0o600)


def test_contents_in_s3_go_the_whole_way_and_nothing_plain_is_there(
    unserved: Installation, s3_server: S3Server
) -> None:
    prefix = str(uuid.uuid4())
    use_s3(unserved, s3_server, prefix)
    with serving(unserved):
        message_id = send(unserved, SECRET_TEXT)
        assert fetch_attachment(unserved, message_id) == SECRET_TEXT
    stored = s3_server.list_files(f"{prefix}/")
    assert len(stored) == 2
    assert not any(b"Musterschuldner" in path.read_bytes() for path in stored)
    assert list_blobs(unserved) == []
    assert "unversehrt" in run_cli("blobs", "check", "--config", str(unserved.config)).stdout


def test_s3_away_nothing_is_acknowledged_and_it_works_when_it_is_back(
    unserved: Installation, s3_server: S3Server
) -> None:
    use_s3(unserved, s3_server, str(uuid.uuid4()))
    bad = {"DAMTSHILFE_S3__ENDPOINT": "http://127.0.0.1:9"}
    with serving(unserved, bad, part="authority"), serving(unserved, bad, part="xta"):
        message_id = unserved.xta("potsdam").create_message_id()
        request = read_sample(
            "valid",
            "send-message.xml",
            AUTHOR="ags:12054000",
            READER=READER,
            MESSAGE_ID=message_id,
            SCHEMA="urn:beispiel:fremd",
            PAYLOAD="VGV4dA==",
        )
        action = "http://www.xta.de/XTA/SendMessage"
        fault = read_fault(unserved.post(unserved.url("send"), request, action))
        assert fault.code == "9030"
        assert "Objektspeicher" in fault.text
    with serving(unserved):
        assert message_id not in unserved.xta("jena").list_message_ids()
        assert unserved.post(unserved.url("send"), request, action).status_code == 200
        assert message_id in unserved.xta("jena").list_message_ids()


def test_serve_with_a_store_that_is_away_says_so_and_ends(unserved: Installation) -> None:
    text = unserved.config.read_text(encoding="utf-8")
    for old, new in (
        ('kind = "folder"', 'kind = "s3"'),
        ('endpoint = ""', 'endpoint = "http://127.0.0.1:9"'),
        ('bucket = ""', 'bucket = "inhalte"'),
        ("timeout_seconds = 30", "timeout_seconds = 1"),
    ):
        text = text.replace(old, new)
    unserved.config.write_text(text, encoding="utf-8")
    result = run_cli("serve", "--config", str(unserved.config), expected=1)
    assert "s3.credentials" in result.stderr
    file = unserved.folder / "pki" / "s3.toml"
    file.write_text('access_key_id = "a"\nsecret_access_key = "b"\n')
    file.chmod(0o600)
    result = run_cli("serve", "--config", str(unserved.config), expected=1)
    assert "Der Objektspeicher (http://127.0.0.1:9, Bucket inhalte)" in result.stderr
