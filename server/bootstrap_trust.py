"""Builds the revocation list of this installation from the settings."""

from persistence.trust_database import TrustDatabase
from server.services.clock import read_clock
from server.services.own_revocation_list import OwnAuthority, OwnRevocationList
from server.settings import Settings


def make_own_list(settings: Settings, trust: TrustDatabase) -> OwnRevocationList:
    """The list of the CA of this installation."""
    server = settings.authority_server
    return OwnRevocationList(
        trust, OwnAuthority(server.ca_certificate, server.ca_key, server.crl), read_clock
    )
