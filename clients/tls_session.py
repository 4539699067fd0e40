"""HTTPS with a client certificate, as all our clients use it."""

from pathlib import Path

import requests


def make_session(certificate: Path, server_ca: Path) -> requests.Session:
    """A session that shows the certificate (with its key, PEM) and trusts this CA alone."""
    session = requests.Session()
    # Otherwise REQUESTS_CA_BUNDLE of the environment would replace the CA.
    session.trust_env = False
    session.verify = str(server_ca)
    session.cert = str(certificate)
    return session
