"""The output `sftp` towards a real OpenSSH server."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from clients.sftp import SftpFiles
from server.printing.options import BadOutputOptions
from server.printing.output import OutputSetup, OutputUnavailable
from server.printing.outputs.sftp import SftpOutput
from server.printing.plugin_contract import (
    OutputPluginContract,
    RepeatedContent,
    crashing_in,
    make_batch,
)
from server.running.ports import find_free_ports
from tests.support.print_shop import PrintShop
from tests.support.relay import Cut, relaying
from tests.support.sshd import SshServer, is_installed, make_key, running_sshd

pytestmark = pytest.mark.skipif(not is_installed(), reason="sshd (openssh-server) fehlt")


class SftpRig(PrintShop):
    """The plugin on our side, the shop at the folder that the server serves."""

    def __init__(self, server: SshServer, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir()
        self.options: dict[str, object] = {
            "host": "127.0.0.1",
            "port": server.port,
            "user": server.user,
            "directory": str(folder),
            "host_keys": [server.host_key],
            "key_file": str(server.key_file),
            "timeout_seconds": 20,
        }

    def make(self, **changes: object) -> SftpOutput:
        return SftpOutput(OutputSetup("druckerei", {**self.options, **changes}))

    def crashing(self, step: int) -> AbstractContextManager[None]:
        return crashing_in(SftpFiles, ("make_folder", "write", "rename", "remove"), step)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        port = self.options["port"]
        (self.options["port"],) = find_free_ports(1)
        yield
        self.options["port"] = port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with running_sshd(tmp_path_factory.mktemp("ssh") / "sshd") as running:
        yield running


@pytest.fixture
def rig(server: SshServer, tmp_path: Path) -> SftpRig:
    return SftpRig(server, tmp_path / "druckerei")


class TestSftpContract(OutputPluginContract):
    @pytest.fixture
    def rig(self, server: SshServer, tmp_path: Path) -> SftpRig:
        return SftpRig(server, tmp_path / "druckerei")


def test_submit_unknown_host_key_is_refused(rig: SftpRig, tmp_path: Path) -> None:
    other = make_key(tmp_path / "fremd", "ecdsa")
    with pytest.raises(OutputUnavailable, match="hinterlegt"):
        rig.make(host_keys=[other]).submit(make_batch())
    assert list(rig.folder.iterdir()) == []


def test_submit_changed_host_key_is_refused(rig: SftpRig, tmp_path: Path) -> None:
    other = make_key(tmp_path / "neu")
    with pytest.raises(OutputUnavailable, match="einen anderen Schlüssel als hinterlegt"):
        rig.make(host_keys=[other]).submit(make_batch())
    assert list(rig.folder.iterdir()) == []


def test_submit_line_of_known_hosts_is_a_host_key(rig: SftpRig, server: SshServer) -> None:
    line = f"[127.0.0.1]:{server.port} {server.host_key}"
    rig.make(host_keys=[line]).check()


def test_submit_wrong_key_is_told(rig: SftpRig, tmp_path: Path) -> None:
    make_key(tmp_path / "falsch")
    with pytest.raises(OutputUnavailable, match="mit diesen Angaben nicht ein"):
        rig.make(key_file=str(tmp_path / "falsch")).submit(make_batch())


def test_submit_cut_upload_is_replaced_at_the_next_attempt(rig: SftpRig, server: SshServer) -> None:
    batch = make_batch(RepeatedContent(3_000_000), RepeatedContent(5000))
    with relaying(server.port) as relay:
        relay.arm(Cut(after_upload=1_500_000))
        with pytest.raises(OutputUnavailable):
            rig.make(port=relay.port).submit(batch)
        assert relay.lost == 1
        assert rig.list_received() == []
        assert (rig.folder / f".{batch.batch_id}.neu").is_dir()
        rig.make(port=relay.port).submit(batch)
    assert [item.sha256 for item in rig.list_received()] == [
        letter.content.sha256 for letter in batch.letters
    ]
    assert not (rig.folder / f".{batch.batch_id}.neu").exists()


def test_submit_missing_directory_is_told(rig: SftpRig) -> None:
    with pytest.raises(OutputUnavailable, match=r"127\.0\.0\.1:/gibt/es/nicht"):
        rig.make(directory="/gibt/es/nicht").submit(make_batch())


def test_submit_key_with_passphrase_of_a_file(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    public = make_key(tmp_path / "key", passphrase="sehr geheim")
    with server.key_file.with_name("authorized").open("a") as authorized:
        authorized.write(f"\n{public}\n")
    (tmp_path / "kennwort").write_text("sehr geheim\n")
    (tmp_path / "kennwort").chmod(0o600)
    output = rig.make(key_file=str(tmp_path / "key"), password_file=str(tmp_path / "kennwort"))
    output.check()


def test_sftp_output_all_wrong_options_are_told_without_secrets(rig: SftpRig) -> None:
    options = {"host": "", "user": "a", "host_keys": ["murks"], "password": "sehr-geheim"}
    with pytest.raises(BadOutputOptions) as caught:
        SftpOutput(OutputSetup("druckerei", options))
    assert caught.value.problems == [
        "host: darf nicht leer sein",
        "host_keys.0: „murks“ ist kein Eintrag, wie ihn ssh-keyscan liefert",
        "password: diesen Schlüssel gibt es nicht",
    ]
    assert "geheim" not in str(caught.value)


def test_sftp_output_readable_key_file_is_refused(rig: SftpRig, tmp_path: Path) -> None:
    make_key(tmp_path / "offen")
    (tmp_path / "offen").chmod(0o644)
    with pytest.raises(BadOutputOptions, match="Rechte 0600"):
        rig.make(key_file=str(tmp_path / "offen"))


def test_sftp_output_without_login_is_refused(rig: SftpRig) -> None:
    del rig.options["key_file"]
    with pytest.raises(BadOutputOptions, match="es fehlt key_file, password_file"):
        rig.make()
