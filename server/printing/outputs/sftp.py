"""The output `sftp`: batches are laid into a directory of the print shop's machine."""

from contextlib import AbstractContextManager
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from clients.sftp import SftpAccess, SftpFiles, connect, read_host_key
from server.printing.options import (
    OutputOptions,
    Seconds,
    SecretFile,
    Text,
    read_options,
    read_secret,
    require_at_most_one,
)
from server.printing.output import OutputSetup
from server.printing.outputs.drop import Drop


def _require_host_key(line: str) -> str:
    read_host_key(line)
    return line


def _require_one(keys: tuple[str, ...]) -> tuple[str, ...]:
    if not keys:
        raise ValueError("mindestens ein Schlüssel muss hinterlegt sein")
    return keys


HostKey = Annotated[str, AfterValidator(_require_host_key)]


class SftpOptions(OutputOptions):
    """Options: where, as whom, and which host keys are the right ones.

    One of key_file, password_file and password_env says how to log in; beside key_file the other
    two hold its passphrase.
    """

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Text
    directory: Text = "."
    host_keys: Annotated[tuple[HostKey, ...], AfterValidator(_require_one)]
    key_file: SecretFile | None = None
    password_file: SecretFile | None = None
    password_env: str = ""
    timeout_seconds: Seconds = 30

    @model_validator(mode="after")
    def _require_login(self) -> Self:
        passwords = {"password_file": self.password_file, "password_env": self.password_env}
        require_at_most_one(passwords)
        if not (self.key_file or any(passwords.values())):
            raise ValueError("es fehlt key_file, password_file oder password_env")
        return self


class SftpOutput(Drop):
    """Hands over as `drop` says; each call opens a connection of its own."""

    def __init__(self, setup: OutputSetup) -> None:
        self._options = read_options(SftpOptions, setup)
        place = f"{self._options.host}:{self._options.directory}"
        super().__init__(setup.name, self._open, place)

    def _open(self) -> AbstractContextManager[SftpFiles]:
        options = self._options
        password = read_secret(self.name, options.password_file, options.password_env)
        access = SftpAccess(
            options.host,
            options.port,
            options.user,
            options.directory,
            options.host_keys,
            options.key_file,
            password,
            options.timeout_seconds,
        )
        return connect(access)
