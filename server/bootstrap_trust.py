"""Builds the revocation list of this installation, and what signs its certificates."""

from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.services.certificate_issuing import CertificateIssuing
from server.services.clock import read_clock
from server.services.own_revocation_list import OwnAuthority, OwnRevocationList
from server.settings import Settings


def make_own_list(settings: Settings, trust: TrustDatabase) -> OwnRevocationList:
    """The list of the CA of this installation."""
    server = settings.authority_server
    return OwnRevocationList(
        trust, OwnAuthority(server.ca_certificate, server.ca_key, server.crl), read_clock
    )


def make_issuing(
    settings: Settings, database: Database, trust: TrustDatabase
) -> CertificateIssuing:
    """What signs the certificates that were asked for in the Web-Client."""
    load_authority = make_own_list(settings, trust).load_authority
    return CertificateIssuing(database, trust, load_authority, read_clock)
