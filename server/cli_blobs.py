"""The commands `damtshilfe blobs`: the store of the contents and its keys."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from persistence.blobs import BlobStoreUnavailable
from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import BadMasterKey, MasterKeys
from persistence.blobs.sealing import SealedTexts, SecretUnreadable
from persistence.database import Database
from server.cli_installation import CONFIG, fail, load, open_database
from server.running.blob_store import (
    BadObjectStore,
    make_blobs_under,
    make_data_keys,
    make_master_keys,
)
from server.services.blob_care import BlobCare, KeyUse, Progress
from server.services.web_access.totp_secrets import TotpSecrets
from server.settings import Settings

_MEBIBYTE = 1024 * 1024
# A line for so many blobs, and one at the end.
_STEP = 1000


@dataclass(frozen=True)
class _Parts:
    care: BlobCare
    keys: DataKeys | None
    masters: MasterKeys
    secrets: TotpSecrets


@click.group("blobs")
def blobs_group() -> None:
    """Commands about the blob store."""


@blobs_group.command("status", help="Zeigt Schlüssel und Bestand.")
@CONFIG
def status(config: Path) -> None:
    """Reads the database only."""
    with _open(config) as parts:
        uses = {use.key_id: use for use in parts.care.count_by_key()}
        if parts.keys:
            click.echo(f"Hauptschlüssel: {parts.masters.read().primary.id}")
            for key in parts.keys.list_all():
                state = "abgelöst" if key.retired else "für neue Inhalte"
                click.echo(
                    f"  Datenschlüssel {key.id} vom {key.created:%d.%m.%Y}, {state}, unter "
                    f"Hauptschlüssel {key.master_id}: {_render_use(uses[key.id])}"
                )
        else:
            click.echo("Die Verschlüsselung ist ausgeschaltet (blobs.encrypt).")
        click.echo(f"  unverschlüsselt: {_render_use(uses[None])}")
        click.echo(f"Ohne Nachricht, werden aufgeräumt: {parts.care.count_orphans()}")


@blobs_group.command("check", help="Liest alle Inhalte und prüft, ob sie unversehrt sind.")
@CONFIG
def check(config: Path) -> None:
    """Ends with an error where one is missing or damaged."""
    with _open(config) as parts:
        problems = _follow(parts.care.check(), "geprüft")
    if problems:
        fail([f"{problems} Inhalte fehlen oder sind beschädigt."])
    click.echo("Alle Inhalte sind unversehrt.")


@blobs_group.command("rotate", help="Macht einen neuen Datenschlüssel für neue Inhalte.")
@click.option(
    "--master", is_flag=True, help="Stattdessen: neuer Hauptschlüssel für alle Datenschlüssel."
)
@click.option(
    "--rewrite", is_flag=True, help="Auch alte Inhalte neu verschlüsseln; lässt sich fortsetzen."
)
@CONFIG
def rotate(config: Path, master: bool, rewrite: bool) -> None:
    """Every step can be repeated after a crash."""
    with _open(config) as parts:
        if parts.keys is None:
            fail(["Die Verschlüsselung ist ausgeschaltet (blobs.encrypt)."])
        if master:
            _rotate_master(parts.keys, parts.masters)
        if not master and not (rewrite and _has_begun(parts)):
            click.echo(f"Neuer Datenschlüssel: {parts.keys.renew().id}")
        unreadable = _renew_secrets(parts.secrets) if rewrite else 0
        problems = _follow(parts.care.rewrite(), "umgeschrieben") if rewrite else 0
    if problems:
        fail([f"{problems} Inhalte ließen sich nicht lesen und blieben, wie sie sind."])
    if unreadable:
        fail([f"{unreadable} zweite Faktoren ließen sich nicht lesen und blieben, wie sie sind."])
    if rewrite:
        click.echo("Alle Inhalte liegen unter dem neuesten Datenschlüssel.")


def _has_begun(parts: _Parts) -> bool:
    """True where a rewriting was broken off: the newest key has some blobs, others have too."""
    *uses, plain = parts.care.count_by_key()
    is_mixed = bool(plain.blobs) or any(use.blobs for use in uses[:-1])
    return bool(uses) and uses[-1].blobs > 0 and is_mixed


def _renew_secrets(secrets: TotpSecrets) -> int:
    """Shows how many were renewed; returns how many could not be read."""
    renewal = secrets.renew_all()
    click.echo(f"{renewal.renewed} zweite Faktoren umgeschrieben")
    return renewal.unreadable


def _rotate_master(keys: DataKeys, masters: MasterKeys) -> None:
    ring = masters.read()
    is_broken_off = any(key.master_id != ring.primary.id for key in keys.list_all())
    if not is_broken_off and masters.is_from_environment:
        fail(
            [
                "Der Hauptschlüssel kommt aus der Umgebung: bitte den neuen in "
                "DAMTSHILFE_MASTER_KEY angeben und den alten in DAMTSHILFE_MASTER_KEY_OLD."
            ]
        )
    if not is_broken_off:
        masters.replace_file()
    number = keys.rewrap()
    click.echo(f"Hauptschlüssel {masters.read().primary.id}: {number} Datenschlüssel umgehüllt.")
    if not masters.is_from_environment:
        click.echo(
            f"Bitte {masters.file} neu sichern; {masters.older_file} wird erst gelöscht, wenn "
            "keine Sicherung der Datenbank es mehr braucht."
        )


def _follow(steps: Iterable[Progress], word: str) -> int:
    """Shows how far it is and every problem; returns how many there were."""
    problems = 0
    last = Progress(0, 0)
    for last in steps:
        if last.problem:
            problems += 1
            click.echo(f"Fehler: {last.problem}", err=True)
        if last.done % _STEP == 0:
            click.echo(f"{last.done} von {last.total} {word}")
    click.echo(f"{last.done} von {last.total} {word}")
    return problems


def _render_use(use: KeyUse) -> str:
    return f"{use.blobs} Inhalte, {use.size / _MEBIBYTE:.1f} MiB"


@contextmanager
def _open(config: Path) -> Iterator[_Parts]:
    settings = load(config)
    try:
        with open_database(config) as database:
            yield _make_parts(settings, database)
    except (BadObjectStore, BadMasterKey) as error:
        fail([str(error)])
    except (BlobStoreUnavailable, SecretUnreadable) as error:
        fail([error.reason])


def _make_parts(settings: Settings, database: Database) -> _Parts:
    keys = make_data_keys(settings, database)
    return _Parts(
        BlobCare(database, make_blobs_under(settings, keys)),
        keys,
        make_master_keys(settings),
        TotpSecrets(database, SealedTexts(keys)),
    )
