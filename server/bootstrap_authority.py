"""Builds the Authority-Server from the settings, and what it shares with the XTA server."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from clients.revocation import fetch_list
from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.engine import make_engine
from persistence.trust_database import TrustDatabase
from server.bootstrap_requests import make_request_limits
from server.bootstrap_trust import make_issuing, make_own_list
from server.services.authority import Authority
from server.services.client_certificates import ClientCertificates
from server.services.clock import read_clock
from server.services.data_centres import DataCentres
from server.services.directory_cache import DirectoryCache
from server.services.directory_care import DirectoryCare
from server.services.participants import Participants
from server.services.revocations import RevocationRules, Revocations
from server.services.shipped_ortsteile import read_shipped_ortsteile
from server.services.zustaendigkeit import ZustaendigkeitFinder
from server.settings import Settings
from server.soap.application import make_port
from server.soap.authority.centre_port import CentrePort
from server.soap.authority.pflege import PflegePort
from server.soap.authority.port import AuthorityPort
from server.soap.dialect import SOAP_12
from server.soap.fault_detail import fehler_writer
from server.soap.gateway import Gateway, Port, ServedFile
from server.soap.protocol import PortSettings
from server.xmlio.contract_files import (
    AUTHORITY_WSDL,
    ENVELOPE_SCHEMAS,
)
from server.xmlio.namespaces import AUTHORITY
from server.xmlio.wsdl_contract import read_contract

AUTHORITY_BASE = "/authority"
CRL_PATH = f"{AUTHORITY_BASE}/sperrliste.crl"
VERSION_1 = "1"


def build_authority_server(settings: Settings) -> Gateway:
    """The Authority-Server with its port."""
    database = open_directory(settings)
    authority = make_authority(settings, database)
    trust = TrustDatabase(database.engine)
    participants = Participants(trust, read_clock, authority.identify)
    certificates = ClientCertificates(
        participants.identify, make_revocations(settings, settings.authority_server.public_url)
    )
    port_settings = PortSettings(
        contract=read_contract(AUTHORITY_WSDL, ENVELOPE_SCHEMAS),
        port_type="AuthorityPortType",
        dialects=(SOAP_12,),
        write_detail=fehler_writer(AUTHORITY),
        authenticate=certificates.identify,
        is_dispatched_by_action=False,
        limits=make_request_limits(settings),
        sender_fault_status=HTTPStatus(settings.server.sender_fault_status),
    )
    care = PflegePort(DirectoryCare(database, read_clock))
    centres = DataCentres(trust, read_clock)
    handlers = {
        **AuthorityPort(authority).handlers(),
        **care.handlers(),
        **CentrePort(centres, participants).handlers(),
    }
    app = make_port(port_settings, handlers)
    port = Port(VERSION_1, app, AUTHORITY_WSDL, AUTHORITY_BASE, (AUTHORITY_BASE,))
    crl = ServedFile(settings.authority_server.crl, "application/pkix-crl")
    return Gateway([port], settings.authority_server.public_url, {CRL_PATH: crl})


def make_authority(settings: Settings, database: AuthorityDatabase) -> Authority:
    """The use cases of the Authority-Server."""
    cache = DirectoryCache(
        database, settings.authority_server.ort_similarity, read_shipped_ortsteile()
    )
    return Authority(database, ZustaendigkeitFinder(database, cache), read_clock)


def open_directory(settings: Settings) -> AuthorityDatabase:
    """The database of the Authority-Server."""
    server = settings.authority_server
    return AuthorityDatabase(make_engine(server.database_url, server.threads))


def make_revocations(settings: Settings, own_url: str = "") -> Revocations:
    """Lists of the settings; a server asks none of itself over the wire."""
    revocation = settings.revocation
    rules = RevocationRules(
        [url for url in revocation.sources if not (own_url and url.startswith(f"{own_url}/"))],
        settings.tls.client_ca,
        revocation.cache,
        timedelta(minutes=revocation.refresh_minutes),
        timedelta(hours=revocation.soft_fail_hours),
    )
    client = settings.authority_client

    def fetch(url: str) -> bytes:
        return fetch_list(url, client.certificate, client.server_ca, revocation.timeout_seconds)

    return Revocations(rules, fetch, read_clock)


def build_certificate_tasks(
    settings: Settings, database: Database
) -> tuple[Callable[[], bool], ...]:
    """What the worker does about certificates: the own list, and what was asked for."""
    trust = TrustDatabase(open_directory(settings).engine)
    renew = make_own_list(settings, trust).renew
    if not settings.authority_server.sign_requests:
        return (renew,)
    return renew, make_issuing(settings, database, trust).issue_due
