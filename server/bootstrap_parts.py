"""What the XTA server, the worker and the Web-Client build alike: parts, and their use cases."""

from datetime import timedelta

from clients.authority import AuthorityClient, AuthorityServerAccess
from clients.authority_cache import CachedAuthority, CacheLimits
from clients.scanner import ScannerAccess, ScannerClient
from persistence.database import Database
from persistence.engine import make_engine
from server.bootstrap_authority import make_revocations
from server.bootstrap_centres import make_links, make_peers
from server.bootstrap_encryption import make_opening
from server.bootstrap_limits import make_xml_limits
from server.running.blob_store import make_blobs_under, make_data_keys
from server.services.admission import Admission
from server.services.answering import Answering
from server.services.checking import Checking
from server.services.client_certificates import ClientCertificates
from server.services.clock import Clock, read_clock
from server.services.codelisten import Codelisten
from server.services.directory import Directory
from server.services.duplicates import Duplicates
from server.services.mailbox import Mailbox
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.message_rules import MessageRules
from server.services.reader_places import ReaderPlaces
from server.services.reporting import Reporting
from server.services.routes import Routes
from server.services.scanning import Scanning
from server.services.sending import Door, Sending
from server.services.serving_centres import ServingCentres
from server.services.standard_massnahmen import read_standard_massnahmen
from server.services.tenancy import Tenancy
from server.settings import Settings
from server.xmlio.contract_files import AUTHORITY_WSDL
from server.xmlio.payloads import PayloadInspector
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.shipped_codelisten import read_shipped_codelisten


class MessageParts:
    """What servers and worker have in common; built once in each process.

    Tests bring a database, a clock and a directory of their own.
    """

    def __init__(
        self,
        settings: Settings,
        threads: int,
        *,
        database: Database | None = None,
        clock: Clock = read_clock,
        directory: Directory | None = None,
    ) -> None:
        self.clock = clock
        self.database = database or Database(make_engine(settings.database.url, threads))
        self.data_keys = make_data_keys(settings, self.database)
        self.blobs = make_blobs_under(settings, self.data_keys)
        self.directory = directory or Directory(_make_authority_client(settings))
        self.centres = ServingCentres(self.directory, settings.data_centre.name)
        self.places = ReaderPlaces(self.database, self.directory, clock, self.centres)
        self.links = make_links(settings.data_centre)
        self.codelisten = Codelisten(self.database, clock, read_shipped_codelisten())
        self.massnahmenkataloge = Massnahmenkataloge(self.database, read_standard_massnahmen())
        self.inspector = PayloadInspector(
            SchemaCatalogue(settings.schemas.directory), make_xml_limits(settings)
        )


class MessageServices:
    """The use cases that ports and pages share."""

    def __init__(self, settings: Settings, parts: MessageParts) -> None:
        self.scanning = make_scanning(settings)
        self.opening = make_opening(settings)
        tenancy = Tenancy(parts.database, parts.clock)
        peers = make_peers(settings.data_centre, tenancy, parts.directory)
        admission = Admission(
            parts.database,
            parts.inspector,
            self.scanning,
            MessageRules(parts.codelisten, parts.massnahmenkataloge),
            container_bytes=settings.limits.container_bytes,
            require_author=peers.require_author,
        )
        self.routes = Routes(
            parts.database,
            parts.directory,
            parts.inspector,
            parts.clock,
            places=parts.places,
        )
        revocations = make_revocations(settings)
        self.mandanten_only = ClientCertificates(tenancy.identify, revocations)
        self.with_peers = ClientCertificates(peers.identify, revocations)
        self.reporting = Reporting(parts.database, parts.clock)
        self.sending = Sending(
            parts.database,
            parts.blobs,
            parts.inspector,
            parts.clock,
            door=Door(admission, self.routes, _make_duplicates(settings, parts)),
        )
        self.checking = Checking(admission, self.sending, self.routes, parts.inspector)
        self.answering = Answering(
            parts.directory, parts.inspector, parts.clock, admission=admission
        )
        self.mailbox = Mailbox(
            parts.database,
            parts.blobs,
            parts.clock,
            max_list_items=settings.mailbox.max_list_items,
            iterator_lifetime=timedelta(hours=settings.mailbox.iterator_hours),
            opening=self.opening,
        )


def _make_duplicates(settings: Settings, parts: MessageParts) -> Duplicates:
    window = timedelta(days=settings.delivery.duplicate_window_days)
    return Duplicates(parts.database, parts.inspector, window)


def make_scanning(settings: Settings) -> Scanning:
    """The scanner of the settings, or none."""
    return Scanning(_make_scanner(settings), holds=settings.scanner.when_down == "hold")


def _make_scanner(settings: Settings) -> ScannerClient | None:
    scanner = settings.scanner
    if not (scanner.socket or scanner.host):
        return None
    access = ScannerAccess(scanner.socket, scanner.host, scanner.port, scanner.timeout_seconds)
    return ScannerClient(access)


def _make_authority_client(settings: Settings) -> CachedAuthority:
    client = settings.authority_client
    access = AuthorityServerAccess(
        client.url, AUTHORITY_WSDL, client.certificate, client.server_ca, client.timeout_seconds
    )
    stale = timedelta(hours=client.stale_hours).total_seconds()
    return CachedAuthority(AuthorityClient(access), CacheLimits(client.cache_seconds, stale))
