"""Files on another machine over SFTP (OpenSSH or alike): the host key is known or nothing goes."""

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import paramiko


@dataclass(frozen=True)
class SftpAccess:
    """Where and as whom; `host_keys` are lines of known_hosts, with or without the host's name.

    `password` opens the account, or the key where there is one. `timeout_seconds` holds for each
    step of a connection, not for all of it.
    """

    host: str
    port: int
    user: str
    directory: str
    host_keys: tuple[str, ...]
    key_file: Path | None = None
    password: str = ""
    timeout_seconds: float = 30


def read_host_key(line: str) -> paramiko.PKey:
    """The key of a line; raises ValueError (German)."""
    words = line.split()
    start = next((i for i, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-"))), None)
    if start is not None and len(words) > start + 1:
        name, text = words[start], words[start + 1]
        entry = paramiko.hostkeys.HostKeyEntry.from_line(f"host {name} {text}")
        if entry is not None and entry.key is not None:
            return entry.key
    raise ValueError(f"„{line}“ ist kein Eintrag, wie ihn ssh-keyscan liefert")


@contextmanager
def connect(access: SftpAccess) -> Iterator["SftpFiles"]:
    """The files below the directory, for as long as the block takes.

    Raises OSError for whatever goes wrong with the connection, with a German text.
    """
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    bracketed = access.host if access.port == paramiko.config.SSH_PORT else None
    name = bracketed or f"[{access.host}]:{access.port}"
    for line in access.host_keys:
        key = read_host_key(line)
        client.get_host_keys().add(name, key.get_name(), key)
    try:
        sftp = _open(client, access)
        yield SftpFiles(sftp, access.directory)
    except paramiko.BadHostKeyException as error:
        raise ConnectionError(
            f"{access.host} hat einen anderen Schlüssel als hinterlegt: {error.key.fingerprint}"
        ) from error
    except (paramiko.SSHException, EOFError) as error:
        raise ConnectionError(_describe(error, access)) from error
    finally:
        client.close()


def _open(client: paramiko.SSHClient, access: SftpAccess) -> paramiko.SFTPClient:
    timeout = access.timeout_seconds
    client.connect(
        access.host,
        access.port,
        access.user,
        password=None if access.key_file else access.password,
        key_filename=str(access.key_file) if access.key_file else None,
        passphrase=(access.password or None) if access.key_file else None,
        timeout=timeout,
        banner_timeout=timeout,
        auth_timeout=timeout,
        channel_timeout=timeout,
        allow_agent=False,
        look_for_keys=False,
    )
    sftp = client.open_sftp()
    channel = sftp.get_channel()
    if channel is not None:
        channel.settimeout(timeout)
    return sftp


def _describe(error: Exception, access: SftpAccess) -> str:
    if isinstance(error, paramiko.AuthenticationException):
        return f"{access.host} lässt {access.user} mit diesen Angaben nicht ein"
    if "known_hosts" in str(error):
        return f"{access.host} weist sich mit einem Schlüssel aus, der nicht hinterlegt ist"
    return f"Verbindung zu {access.host} abgebrochen: {error or type(error).__name__}"


class SftpFiles:
    """Files below a directory of the other machine; paths are relative. Everything raises OSError.

    SFTP has no agreed way to flush a file to the disk; what was closed is as safe as the other
    machine makes it.
    """

    def __init__(self, sftp: paramiko.SFTPClient, directory: str) -> None:
        self._sftp = sftp
        self._directory = directory.rstrip("/") or "/"

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder."""
        return self._ask(lambda: self._sftp.stat(self._to_remote(path))) is not None

    def make_folder(self, path: str) -> None:
        """Makes a folder; its parent is there."""
        if not self.exists(path):
            self._sftp.mkdir(self._to_remote(path))

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Writes a file; raises OSError also where the other side has not all of it."""
        size = 0
        with self._sftp.open(self._to_remote(path), "wb") as file:
            file.set_pipelined(True)
            for chunk in chunks:
                file.write(chunk)
                size += len(chunk)
        if self._sftp.stat(self._to_remote(path)).st_size != size:
            raise OSError(f"{path} ist drüben nicht {size} Bytes groß")

    def rename(self, path: str, target: str) -> None:
        """Renames in one step; a file replaces a file."""
        self._sftp.posix_rename(self._to_remote(path), self._to_remote(target))

    def remove(self, path: str) -> None:
        """Removes a file, or a folder with its files."""
        remote = self._to_remote(path)
        found = self._ask(lambda: self._sftp.lstat(remote))
        if found is None:
            return
        if not stat.S_ISDIR(found.st_mode or 0):
            self._sftp.remove(remote)
            return
        for name in self._sftp.listdir(remote):
            self.remove(f"{path}/{name}")
        self._sftp.rmdir(remote)

    def list_names(self, path: str) -> tuple[str, ...]:
        """The names in a folder; none where there is none."""
        try:
            return tuple(self._sftp.listdir(self._to_remote(path)))
        except FileNotFoundError:
            return ()

    def read(self, path: str, limit: int) -> bytes:
        """The beginning of a file."""
        with self._sftp.open(self._to_remote(path), "rb") as file:
            return bytes(file.read(limit))

    def find_changed(self, path: str) -> datetime:
        """When the file was changed."""
        return datetime.fromtimestamp(self._sftp.stat(self._to_remote(path)).st_mtime or 0, UTC)

    def _ask(self, ask: Callable[[], paramiko.SFTPAttributes]) -> paramiko.SFTPAttributes | None:
        try:
            return ask()
        except FileNotFoundError:
            return None

    def _to_remote(self, path: str) -> str:
        return f"{self._directory}/{path}"
