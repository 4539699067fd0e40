"""`damtshilfe init`: settings, certificates, databases, and the demo."""

import json
import re
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
from persistence.trust_database import TrustDatabase
from server.bootstrap import AMTSHILFE_BASE, XTA_BASE, XTA_PORTS
from server.bootstrap_authority import AUTHORITY_BASE, CRL_PATH, VERSION_1
from server.demo.data import (
    DEMO_MANDANTEN,
    DemoMandant,
    read_behoerden,
    read_gemeinden,
    read_regeln,
)
from server.demo.sample import make_attachment, make_ersuchen
from server.domain.behoerde import Behoerde
from server.domain.certificate import Holder
from server.domain.data_centre import DataCentre, MandantService
from server.domain.eintrag import Eintrag
from server.domain.local_time import find_local_day
from server.pki import Authority, write_private
from server.pki.revocation import CRL_LIFETIME, write_crl
from server.running.demo_users import DemoAuthority, add_demo_users
from server.running.installation_check import find_database_problems
from server.services.certificates import Certificates
from server.services.data_centres import DataCentres, check_centre
from server.services.mandant_certificates import MandantCertificates
from server.settings import Settings
from server.settings_file import load_settings, render_settings
from server.xmlio.ersuchen import MESSAGE_TYPE, MESSAGE_TYPE_LIST, SERVICE, write_ersuchen
from server.xmlio.namespaces import AMTSHILFE

CONFIG_NAME = "damtshilfe.toml"
DEFAULT_HOST = "localhost"
DEFAULT_WEB_PORT = 8445
_LOOPBACK = (DEFAULT_HOST, "127.0.0.1", "::1")
# A DNS name in ASCII, or an IPv4 address: it stands in URLs and in the certificate.
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I
)
_SERVER_CLIENT = "xta-server"
DEFAULT_CENTRE = "eigenes"


class AlreadyInstalled(Exception):
    """The folder or a database holds an installation already; the text is German."""


class InstallationRefused(Exception):
    """Nothing was installed; `problems` are German sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class InstallationPlan:
    """What to install and where; ports of XTA server, Authority-Server and Web-Client.

    `centre` is the short name under which the Authority-Server knows this data centre. The
    URLs of the databases are empty where they are files in the folder. `host_name` is where others
    reach both servers.
    """

    folder: Path
    port: int
    authority_port: int
    is_demo: bool
    centre: str = DEFAULT_CENTRE
    database_url: str = ""
    authority_database_url: str = ""
    host_name: str = DEFAULT_HOST
    web_port: int = DEFAULT_WEB_PORT


def install(plan: InstallationPlan, now: datetime) -> Path:
    """Makes the installation and returns the path of its settings.

    Raises AlreadyInstalled, DataCentreRefused, and InstallationRefused where a database cannot
    be used or the host name is none; then nothing was written.
    """
    if not _HOST.fullmatch(plan.host_name):
        raise InstallationRefused(
            [f"--host-name: „{plan.host_name}“ ist weder ein Rechnername noch eine IPv4-Adresse."]
        )
    config = plan.folder / CONFIG_NAME
    if config.exists() or (plan.folder / "pki").exists():
        raise AlreadyInstalled(f"In {plan.folder} liegt bereits eine Installation.")
    drafted = _make_settings(plan)
    centre = _make_centre(plan.centre, drafted.server.public_url)
    check_centre(centre)
    problems = find_database_problems(drafted)
    if problems:
        raise InstallationRefused(problems)
    if plan.is_demo and plan.database_url:
        _require_empty(plan.database_url)
    plan.folder.mkdir(parents=True, exist_ok=True)
    # It may hold the password of the database.
    write_private(config, render_settings(drafted).encode())
    settings = load_settings(config, {})
    authority = _write_pki(plan.folder / "pki", plan.host_name, now)
    write_master_key(settings.blobs.master_key)
    database = Database(make_engine(settings.database.url))
    directory = AuthorityDatabase(make_engine(settings.authority_server.database_url))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    upgrade_schema(directory.engine, DatabaseKind.AUTHORITY)
    register = _Register(plan, authority, Databases(database, directory), now)
    register.add_centre(centre)
    if plan.is_demo:
        _DemoInstaller(plan.folder.resolve(), settings, authority, register).install()
    database.engine.dispose()
    directory.engine.dispose()
    return config


def _require_empty(url: str) -> None:
    database = Database(make_engine(url))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    with database.reading() as stores:
        has_mandanten = bool(stores.mandanten.list_all())
    database.engine.dispose()
    if has_mandanten:
        raise AlreadyInstalled(
            "Die Datenbank enthält schon Mandanten; die Vorführung braucht eine leere."
        )


def _make_settings(plan: InstallationPlan) -> Settings:
    databases = {"url": plan.database_url} if plan.database_url else {}
    directory = {"database_url": plan.authority_database_url} if plan.authority_database_url else {}
    xta_server = f"https://{plan.host_name}:{plan.port}"
    authority_server = f"https://{plan.host_name}:{plan.authority_port}"
    return Settings.model_validate(
        {
            "database": databases,
            "server": {"port": plan.port, "public_url": xta_server},
            "blobs": {"encrypt": True},
            # Nobody who tries it wants to wait for the next cut-off.
            "printing": {"cut_offs": (), "news_days": 0} if plan.is_demo else {},
            "authority_server": {
                "port": plan.authority_port,
                "public_url": authority_server,
                **directory,
            },
            "authority_client": {"url": f"{authority_server}{AUTHORITY_BASE}/{VERSION_1}"},
            "data_centre": {"name": plan.centre},
            "revocation": {"sources": [f"{authority_server}{CRL_PATH}"]},
            "web": {
                "port": plan.web_port,
                "public_url": f"https://{plan.host_name}:{plan.web_port}",
            },
        }
    )


def _make_centre(name: str, url: str) -> DataCentre:
    """The data centre whose XTA server has this URL."""
    management, send, msgbox = (f"{url}{XTA_BASE}/{port}" for port in XTA_PORTS)
    return DataCentre(name, f"Rechenzentrum {name}", management, send, msgbox)


def _write_pki(folder: Path, host_name: str, now: datetime) -> Authority:
    folder.mkdir(mode=0o700)
    authority = Authority.create("dAmtshilfe CA", now)
    server = authority.issue_server(tuple(dict.fromkeys((host_name, *_LOOPBACK))), now)
    (folder / "ca.pem").write_bytes(authority.credential.pem_certificate())
    write_private(folder / "ca.key", authority.credential.pem_key())
    (folder / "server.pem").write_bytes(server.pem_certificate())
    write_private(folder / "server.key", server.pem_key())
    (folder / "ca.crl").write_bytes(write_crl(authority, (), now, CRL_LIFETIME))
    return authority


@dataclass(frozen=True)
class Databases:
    """Those of the XTA server and of the Authority-Server."""

    xta: Database
    directory: AuthorityDatabase


class _Register:
    """Enters this data centre, its certificate, and its Mandanten at the Authority-Server."""

    def __init__(
        self, plan: InstallationPlan, authority: Authority, databases: Databases, now: datetime
    ) -> None:
        self._folder = plan.folder / "pki"
        self._centre = plan.centre
        self._authority = authority
        self.databases = databases
        self.now = now
        trust = TrustDatabase(databases.directory.engine)
        here = MandantCertificates(databases.xta, lambda: now)
        self._centres = DataCentres(trust, lambda: now)
        self._certificates = Certificates(trust, here, lambda: now)

    def add_centre(self, centre: DataCentre) -> None:
        """The data centre and its client certificate."""
        self._centres.register(centre, replaces=False)
        self._issue(_SERVER_CLIENT, Holder(centre=self._centre))

    def add_mandant(self, behoerde: Behoerde, mandant: DemoMandant) -> None:
        """A Mandant that this data centre serves, and its client certificate."""
        with self.databases.xta.writing() as stores:
            stores.mandanten.add(behoerde.identifier, behoerde.name, mandant.is_electronic)
        today = find_local_day(self.now)
        self._centres.serve(MandantService(behoerde.identifier, self._centre, today))
        self._issue(mandant.key, Holder(behoerde.identifier))

    def _issue(self, name: str, holder: Holder) -> None:
        credential = self._authority.issue_client(name, self.now)
        write_private(self._folder / f"{name}.pem", credential.pem_both())
        self._certificates.register(credential.der_certificate(), holder)


class _DemoInstaller:
    """Fills both databases and writes what a foreign client needs into demo.json."""

    def __init__(
        self, folder: Path, settings: Settings, authority: Authority, register: _Register
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._authority = authority
        self._register = register
        self._behoerden = read_behoerden()

    def install(self) -> None:
        self._fill_directory(self._register.databases.directory)
        for mandant in DEMO_MANDANTEN:
            self._register.add_mandant(self._behoerden[mandant.key], mandant)
        facts = {**self._describe(self._write_sample()), "web": self._add_users()}
        text = json.dumps(facts, ensure_ascii=False, indent=2)
        (self._folder / "demo.json").write_text(text + "\n", encoding="utf-8")

    def _add_users(self) -> dict[str, object]:
        """Users of the Web-Client for the authorities that have a mailbox."""
        database = self._register.databases.xta
        with database.reading() as stores:
            mandanten = {item.identifier: item for item in stores.mandanten.list_all()}
        authorities = tuple(
            DemoAuthority(item.key, found.key, found.name)
            for item in DEMO_MANDANTEN
            if item.is_electronic
            for found in (mandanten[self._behoerden[item.key].identifier],)
        )
        users = add_demo_users(database, lambda: self._register.now, authorities)
        url, ca = self._settings.web.public_url, self._folder / "pki" / "ca.pem"
        return {"url": url, "ca": str(ca), **users}

    def _fill_directory(self, directory: AuthorityDatabase) -> None:
        with directory.writing() as store:
            version = store.versions.open("Vorführung", self._register.now)
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
        credential = self._authority.issue_encryption(mandant.key, self._register.now)
        path = _encryption_path(self._folder, mandant)
        write_private(path, credential.pem_both())
        info = credential.info
        store.behoerden.add_certificate(
            self._behoerden[mandant.key].identifier,
            credential.der_certificate(),
            info.not_before,
            info.not_after,
        )

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
        management, send, msgbox = XTA_PORTS
        return {
            "ports": {
                "management": f"{server}{XTA_BASE}/{management}",
                "send": f"{server}{XTA_BASE}/{send}",
                "msgbox": f"{server}{XTA_BASE}/{msgbox}",
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
