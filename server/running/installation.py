"""`damtshilfe init`: settings, certificates, databases, and the demo."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from persistence.authority_database import AuthorityDatabase, DirectoryStore
from persistence.authority_tables import gemeinde, regel
from persistence.blobs.master_key import write_master_key
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.stores.gemeinden import to_gemeinde_row
from persistence.stores.regeln import to_regel_row
from server.bootstrap import AMTSHILFE_BASE, AUTHORITY_BASE, VERSION_1, XTA_BASE
from server.demo.data import (
    DEMO_MANDANTEN,
    DemoMandant,
    read_behoerden,
    read_gemeinden,
    read_regeln,
)
from server.demo.sample import make_attachment, make_ersuchen
from server.domain.behoerde import Behoerde
from server.domain.eintrag import Eintrag
from server.pki import Authority, CertificateInfo, write_private
from server.settings import Settings
from server.settings_file import load_settings, render_settings
from server.xmlio.ersuchen import MESSAGE_TYPE, MESSAGE_TYPE_LIST, SERVICE, write_ersuchen
from server.xmlio.namespaces import AMTSHILFE

CONFIG_NAME = "damtshilfe.toml"
_HOSTS = ("localhost", "127.0.0.1", "::1")
_SERVER_CLIENT = "xta-server"


class AlreadyInstalled(Exception):
    """The folder holds an installation already; the text is German."""


@dataclass(frozen=True)
class InstallationPlan:
    """What to install and where; ports of the XTA server and of the Authority-Server."""

    folder: Path
    port: int
    authority_port: int
    is_demo: bool


def install(plan: InstallationPlan, now: datetime) -> Path:
    """Makes the installation and returns the path of its settings; raises AlreadyInstalled."""
    config = plan.folder / CONFIG_NAME
    if config.exists() or (plan.folder / "pki").exists():
        raise AlreadyInstalled(f"In {plan.folder} liegt bereits eine Installation.")
    plan.folder.mkdir(parents=True, exist_ok=True)
    config.write_text(render_settings(_make_settings(plan)), encoding="utf-8")
    settings = load_settings(config, {})
    authority = _write_pki(plan.folder / "pki", now)
    write_master_key(settings.blobs.master_key)
    database = Database(make_engine(settings.database.url))
    directory = AuthorityDatabase(make_engine(settings.authority_server.database_url))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    upgrade_schema(directory.engine, DatabaseKind.AUTHORITY)
    _issue_client(plan.folder / "pki", _SERVER_CLIENT, authority, now, directory)
    if plan.is_demo:
        _DemoInstaller(plan.folder.resolve(), settings, authority, now).install(database, directory)
    database.engine.dispose()
    directory.engine.dispose()
    return config


def _make_settings(plan: InstallationPlan) -> Settings:
    return Settings.model_validate(
        {
            "server": {"port": plan.port, "public_url": f"https://localhost:{plan.port}"},
            "blobs": {"encrypt": True},
            "authority_server": {
                "port": plan.authority_port,
                "public_url": f"https://localhost:{plan.authority_port}",
            },
            "authority_client": {
                "url": f"https://localhost:{plan.authority_port}{AUTHORITY_BASE}/{VERSION_1}"
            },
        }
    )


def _write_pki(folder: Path, now: datetime) -> Authority:
    folder.mkdir(mode=0o700)
    authority = Authority.create("dAmtshilfe CA", now)
    server = authority.issue_server(_HOSTS, now)
    (folder / "ca.pem").write_bytes(authority.credential.pem_certificate())
    write_private(folder / "ca.key", authority.credential.pem_key())
    (folder / "server.pem").write_bytes(server.pem_certificate())
    write_private(folder / "server.key", server.pem_key())
    return authority


def _issue_client(
    folder: Path, name: str, authority: Authority, now: datetime, directory: AuthorityDatabase
) -> CertificateInfo:
    """A client certificate in `<name>.pem`, registered at the Authority-Server."""
    credential = authority.issue_client(name, now)
    write_private(folder / f"{name}.pem", credential.pem_both())
    with directory.writing() as store:
        store.add_participant(credential.info.fingerprint, name, credential.info.not_after)
    return credential.info


class _DemoInstaller:
    """Fills both databases and writes what a foreign client needs into demo.json."""

    def __init__(
        self, folder: Path, settings: Settings, authority: Authority, now: datetime
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._authority = authority
        self._now = now
        self._behoerden = read_behoerden()

    def install(self, database: Database, directory: AuthorityDatabase) -> None:
        self._fill_directory(directory)
        for mandant in DEMO_MANDANTEN:
            self._add_mandant(mandant, database, directory)
        sample = self._write_sample()
        text = json.dumps(self._describe(sample), ensure_ascii=False, indent=2)
        (self._folder / "demo.json").write_text(text + "\n", encoding="utf-8")

    def _fill_directory(self, directory: AuthorityDatabase) -> None:
        with directory.writing() as store:
            version = store.versions.open("Vorführung", self._now)
            for behoerde in self._behoerden.values():
                store.behoerden.add(Eintrag(behoerde), version)
            rows = map(to_gemeinde_row, read_gemeinden())
            store.versions.insert_rows(gemeinde, rows, version)
            store.versions.insert_rows(regel, map(to_regel_row, read_regeln()), version)
            for mandant in DEMO_MANDANTEN:
                if mandant.is_electronic:
                    self._add_encryption(mandant, store)

    def _add_encryption(self, mandant: DemoMandant, store: DirectoryStore) -> None:
        """A certificate for which others encrypt; its key stays with the Mandant."""
        credential = self._authority.issue_encryption(mandant.key, self._now)
        path = _encryption_path(self._folder, mandant)
        write_private(path, credential.pem_both())
        info = credential.info
        store.behoerden.add_certificate(
            self._behoerden[mandant.key].identifier,
            credential.der_certificate(),
            info.not_before,
            info.not_after,
        )

    def _add_mandant(
        self, mandant: DemoMandant, database: Database, directory: AuthorityDatabase
    ) -> None:
        behoerde = self._behoerden[mandant.key]
        info = _issue_client(
            self._folder / "pki", mandant.key, self._authority, self._now, directory
        )
        with database.writing() as stores:
            key = stores.mandanten.add(behoerde.identifier, behoerde.name, mandant.is_electronic)
            stores.mandanten.bind_certificate(key, info.fingerprint, info.subject, info.not_after)

    def _write_sample(self) -> dict[str, str]:
        folder = self._folder / "demo"
        folder.mkdir()
        asking, asked = DEMO_MANDANTEN[0], DEMO_MANDANTEN[1]
        ersuchen = make_ersuchen(self._behoerden[asking.key], self._behoerden[asked.key], asked)
        (folder / "ersuchen.xml").write_bytes(write_ersuchen(ersuchen))
        (folder / "bescheid.pdf").write_bytes(make_attachment(ersuchen))
        list_uri, list_version = MESSAGE_TYPE_LIST
        return {
            "payload": str(folder / "ersuchen.xml"),
            "attachment": str(folder / "bescheid.pdf"),
            "message_type": MESSAGE_TYPE,
            "message_type_list_uri": list_uri,
            "message_type_list_version": list_version,
            "schema": AMTSHILFE,
            "service": SERVICE,
        }

    def _describe(self, sample: dict[str, str]) -> dict[str, object]:
        server = self._settings.server.public_url
        return {
            "ports": {
                "management": f"{server}{XTA_BASE}/ManagementPort",
                "send": f"{server}{XTA_BASE}/SendXtaPort",
                "msgbox": f"{server}{XTA_BASE}/MsgBoxPort",
                "amtshilfe": f"{server}{AMTSHILFE_BASE}/{VERSION_1}",
                "authority": self._settings.authority_client.url,
            },
            "ca": str(self._folder / "pki" / "ca.pem"),
            "mandanten": [
                _describe_mandant(mandant, self._behoerden[mandant.key], self._folder)
                for mandant in DEMO_MANDANTEN
            ],
            "sample": sample,
        }


def _encryption_path(folder: Path, mandant: DemoMandant) -> Path:
    return folder / "pki" / f"{mandant.key}-verschluesselung.pem"


def _describe_mandant(mandant: DemoMandant, behoerde: Behoerde, folder: Path) -> dict[str, object]:
    return {
        "name": mandant.key,
        "behoerde": behoerde.name,
        "identifier": {
            "value": behoerde.identifier.value,
            "type": behoerde.identifier.type,
            "name": behoerde.identifier.name,
            "category": behoerde.identifier.category,
        },
        "certificate": str(folder / "pki" / f"{mandant.key}.pem"),
        "electronic": mandant.is_electronic,
        "encryption": str(_encryption_path(folder, mandant)) if mandant.is_electronic else "",
        "address": {**vars(mandant.address), "einnahmeart": mandant.einnahmeart},
    }
