"""The blob store of an installation: made from the settings, and checked at start."""

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from persistence.blobs import FolderBlobs, ObjectBlobs
from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import BadMasterKey, MasterKeys
from persistence.blobs.objects import ObjectStoreAccess
from persistence.blobs.sealing import SealedTexts
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current
from server.services.clock import read_clock
from server.services.web_access.totp_secrets import TotpSecrets
from server.settings import Settings
from server.settings_blobs import S3Settings

_CREDENTIALS = (
    ("access_key_id", "AWS_ACCESS_KEY_ID"),
    ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
)


class BadObjectStore(Exception):
    """The settings of the object store are of no use; the text is German."""


def make_blobs(settings: Settings, database: Database) -> FolderBlobs | ObjectBlobs:
    """The blob store; raises BadObjectStore."""
    return make_blobs_under(settings, make_data_keys(settings, database))


def make_blobs_under(settings: Settings, keys: DataKeys | None) -> FolderBlobs | ObjectBlobs:
    """The blob store under keys that others use, too; raises BadObjectStore."""
    folder = settings.blobs.folder
    if settings.blobs.kind == "s3":
        return ObjectBlobs(folder, read_access(settings.s3), keys)
    return FolderBlobs(folder, keys)


def make_data_keys(settings: Settings, database: Database) -> DataKeys | None:
    """The data keys; None where contents are not encrypted."""
    if not settings.blobs.encrypt:
        return None
    lifetime = timedelta(days=settings.blobs.data_key_days)
    return DataKeys(database, make_master_keys(settings), read_clock, lifetime)


def make_master_keys(settings: Settings) -> MasterKeys:
    """Where the master keys are read from."""
    return MasterKeys(settings.blobs.master_key)


def read_access(
    settings: S3Settings, environment: Mapping[str, str] = os.environ
) -> ObjectStoreAccess:
    """How to reach the object store; raises BadObjectStore."""
    for key, value in (("endpoint", settings.endpoint), ("bucket", settings.bucket)):
        if not value:
            raise BadObjectStore(f"s3.{key}: Die Angabe fehlt.")
    if not settings.endpoint.startswith(("https://", "http://")):
        raise BadObjectStore("s3.endpoint: Die Adresse muss mit https:// beginnen.")
    key_id, secret = _read_credentials(settings.credentials, environment)
    return ObjectStoreAccess(
        endpoint=settings.endpoint.rstrip("/"),
        bucket=settings.bucket,
        region=settings.region,
        prefix=f"{prefix}/" if (prefix := settings.prefix.strip("/")) else "",
        access_key_id=key_id,
        secret_access_key=secret,
        ca=_read_ca(settings.ca),
        is_path_style=settings.path_style,
        timeout_seconds=settings.timeout_seconds,
    )


def find_key_problems(settings: Settings) -> Iterator[str]:
    """What is wrong with the master key (German sentences)."""
    needed = _list_master_ids(settings)
    if not settings.blobs.encrypt:
        if needed:
            yield (
                "blobs.encrypt: Inhalte und zweite Faktoren sind verschlüsselt abgelegt; ohne "
                "Schlüssel sind sie nicht lesbar. Bitte auf true stellen."
            )
        return
    try:
        ring = make_master_keys(settings).read()
    except BadMasterKey as error:
        yield f"blobs.master_key: {error}"
        return
    for master_id in sorted(needed):
        if ring.find(master_id) is None:
            yield (
                f"blobs.master_key: Die Datenschlüssel brauchen den Hauptschlüssel {master_id}; "
                f"angegeben ist {ring.primary.id}."
            )


def seal_secrets(settings: Settings) -> int:
    """Encrypts the second factors that still stand plain in the database; returns how many.

    Raises SecretUnreadable where a key is missing that has just been there.
    """
    if not settings.blobs.encrypt:
        return 0
    database = Database(make_engine(settings.database.url))
    try:
        texts = SealedTexts(make_data_keys(settings, database))
        return TotpSecrets(database, texts).seal_plain()
    finally:
        database.engine.dispose()


def find_store_problems(settings: Settings) -> Iterator[str]:
    """Why the object store cannot be used (German sentences); asks it over the network."""
    if settings.blobs.kind != "s3":
        return
    try:
        blobs = ObjectBlobs(settings.blobs.folder, read_access(settings.s3))
    except BadObjectStore as error:
        yield str(error)
        return
    problem = blobs.find_problem()
    if problem:
        where = f"{settings.s3.endpoint}, Bucket {settings.s3.bucket}"
        yield f"s3: Der Objektspeicher ({where}) ist nicht verwendbar: {problem}"


def _list_master_ids(settings: Settings) -> set[str]:
    """The master keys that the data keys need; none before the tables are there."""
    path = settings.database.url.removeprefix("sqlite:///")
    if path != settings.database.url and not Path(path).is_file():
        return set()
    database = Database(make_engine(settings.database.url))
    try:
        if not is_schema_current(database.engine, DatabaseKind.XTA):
            return set()
        with database.reading() as stores:
            return {key.master_id for key in stores.data_keys.list_all()}
    finally:
        database.engine.dispose()


def _read_credentials(file: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    found = [environment.get(variable, "") for _, variable in _CREDENTIALS]
    if not all(found):
        values = _read_credentials_file(file)
        found = [str(values.get(key, "")) for key, _ in _CREDENTIALS]
    if not all(found):
        raise BadObjectStore(
            f"s3.credentials: In {file} fehlt access_key_id oder secret_access_key."
        )
    return found[0], found[1]


def _read_credentials_file(file: Path) -> dict[str, object]:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadObjectStore(
                f"s3.credentials: Andere dürfen {file} lesen; nötig sind die Rechte 0600."
            )
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadObjectStore(f"s3.credentials: {file} fehlt ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadObjectStore(f"s3.credentials: {file} ist kein gültiges TOML.") from None


def _read_ca(file: str) -> bytes | None:
    try:
        return Path(file).read_bytes() if file else None
    except OSError as error:
        raise BadObjectStore(f"s3.ca: {file} ist nicht lesbar ({error.strerror}).") from None
