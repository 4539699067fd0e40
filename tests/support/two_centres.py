"""Two data centres with one Authority-Server, as real processes: Potsdam at one, Jena at the other.

Each has a folder, a CA, a database and ports of its own. The Authority-Server is that of the
first one, called `mitte`; the other one is called `ost`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from persistence.authority_tables import mandant_service
from persistence.database import Database
from persistence.engine import make_engine
from persistence.tables import mandant, mandant_access_entry, mandant_certificate
from persistence.trust_database import TrustDatabase
from server.demo.data import DEMO_MANDANTEN
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder
from server.domain.data_centre import DataCentre, MandantService
from server.pki.exchange import read_certificate_der
from server.running.ports import find_free_ports
from server.services.certificates import Certificates
from server.services.clock import read_clock
from server.services.data_centres import DataCentres
from server.services.mandant_certificates import MandantCertificates
from server.settings import Settings
from server.settings_file import load_settings
from tests.support.installation import Installation, run_cli, serving

MITTE, OST = "mitte", "ost"
# Short, so that tests need not wait; the timeouts are those of a loopback.
FAST = {
    "DAMTSHILFE_DELIVERY__FIRST_RETRY_SECONDS": "1",
    "DAMTSHILFE_DELIVERY__LONGEST_RETRY_SECONDS": "2",
    "DAMTSHILFE_DELIVERY__POLL_SECONDS": "0.1",
    "DAMTSHILFE_DATA_CENTRE__FIRST_FOLLOW_SECONDS": "1",
    "DAMTSHILFE_DATA_CENTRE__LONGEST_FOLLOW_SECONDS": "2",
    "DAMTSHILFE_AUTHORITY_CLIENT__CACHE_SECONDS": "0",
    "DAMTSHILFE_SERVER__WORKERS": "1",
}


@dataclass(frozen=True)
class Centre:
    """One of the two: its installation, and what its processes get in their environment."""

    name: str
    installation: Installation
    environment: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        return load_settings(self.installation.config, self.environment)

    @contextmanager
    def serving(
        self, *parts: str, changes: Mapping[str, str] | None = None
    ) -> Iterator[list[Popen[bytes]]]:
        """These parts (xta, worker, authority), each a process, until the end of the block."""
        environment = {**self.environment, **(changes or {})}
        with ExitStack() as stack:
            yield [
                stack.enter_context(serving(self.installation, environment, part=part))
                for part in parts
            ]


@dataclass(frozen=True)
class TwoCentres:
    """Potsdam and Cochem are Mandanten of `mitte`, Jena is one of `ost`."""

    mitte: Centre
    ost: Centre
    trust: TrustDatabase = field(repr=False)

    @contextmanager
    def serving(self) -> Iterator[tuple[Popen[bytes], Popen[bytes]]]:
        """Both servers and the Authority-Server; gives the workers of `mitte` and `ost`."""
        with (
            self.mitte.serving("authority", "xta", "worker") as (_, _, worker),
            self.ost.serving("xta", "worker") as (_, other_worker),
        ):
            yield worker, other_worker


def make_two_centres(folder: Path, ost_mandanten: Sequence[str] = ("jena",)) -> TwoCentres:
    """Two installations that know each other; nothing runs yet.

    `ost_mandanten` have accounts at `ost`, whoever serves them by the directory.
    """
    installations = [_install(folder / name, name) for name in (MITTE, OST)]
    authorities = folder / "stellen.pem"
    authorities.write_bytes(b"".join(item.ca.read_bytes() for item in installations))
    mitte, ost = (
        Centre(name, item, _make_environment(installations[0], authorities))
        for name, item in zip((MITTE, OST), installations, strict=True)
    )
    keep_mandanten(mitte, ("potsdam", "cochem"))
    keep_mandanten(ost, ost_mandanten)
    trust = TrustDatabase(make_engine(mitte.settings.authority_server.database_url))
    _introduce(trust, mitte, ost)
    return TwoCentres(mitte, ost, trust)


def keep_mandanten(centre: Centre, names: Sequence[str]) -> None:
    """Leaves only these of the demo's Mandanten with their certificates.

    The others get an identifier that nobody asks for: the audit of their users keeps their rows.
    """
    others = [
        centre.installation.mandant(item.key)["identifier"]["value"]
        for item in DEMO_MANDANTEN
        if item.key not in names
    ]
    database = Database(make_engine(centre.settings.database.url))
    with database.engine.begin() as connection:
        keys = mandant.select().with_only_columns(mandant.c.key)
        keys = keys.where(mandant.c.identifier_value.in_(others))
        for table in (mandant_certificate, mandant_access_entry):
            connection.execute(table.delete().where(table.c.mandant_key.in_(keys)))
        forgotten = "entfernt:" + mandant.c.identifier_value
        is_other = mandant.c.identifier_value.in_(others)
        connection.execute(mandant.update().where(is_other).values(identifier_value=forgotten))
    database.engine.dispose()


def find_identifier(centre: Centre, name: str) -> PartyIdentifier:
    """The identifier of a Mandant of the demo."""
    return PartyIdentifier(**centre.installation.mandant(name)["identifier"])


def _install(folder: Path, name: str) -> Installation:
    port, authority_port, web_port = map(str, find_free_ports(3))
    ports = ("--port", port, "--authority-port", authority_port, "--web-port", web_port)
    run_cli("init", str(folder), "--demo", "--centre", name, *ports)
    return Installation(folder, json.loads((folder / "demo.json").read_text(encoding="utf-8")))


def _make_environment(directory: Installation, authorities: Path) -> dict[str, str]:
    """Both ask the same Authority-Server, and both trust both CAs."""
    return {
        **FAST,
        "DAMTSHILFE_TLS__CLIENT_CA": str(authorities),
        "DAMTSHILFE_DATA_CENTRE__SERVER_CA": str(authorities),
        "DAMTSHILFE_AUTHORITY_CLIENT__URL": directory.url("authority"),
        "DAMTSHILFE_AUTHORITY_CLIENT__SERVER_CA": str(directory.ca),
        "DAMTSHILFE_REVOCATION__SOURCES": "",
    }


def _introduce(trust: TrustDatabase, mitte: Centre, ost: Centre) -> None:
    """Registers `ost` and its certificate, and lets it serve Jena from the beginning."""
    here = MandantCertificates(Database(make_engine(mitte.settings.database.url)), read_clock)
    centres = DataCentres(trust, read_clock)
    url = ost.installation.url
    centres.register(
        DataCentre(OST, "Rechenzentrum ost", url("management"), url("send"), url("msgbox")),
        replaces=False,
    )
    pem = (ost.installation.folder / "pki" / "xta-server.pem").read_bytes()
    Certificates(trust, here, read_clock).register(read_certificate_der(pem), Holder(centre=OST))
    serve(trust, find_identifier(mitte, "jena"), OST)


def serve(trust: TrustDatabase, identifier: PartyIdentifier, centre: str) -> None:
    """From today on this data centre serves the Mandant, and nobody has served it before."""
    is_own = mandant_service.c.mandant_value == identifier.value
    with trust.engine.begin() as connection:
        connection.execute(mandant_service.delete().where(is_own))
    with trust.writing() as stores:
        stores.centres.add_service(MandantService(identifier, centre, read_clock().date()))
