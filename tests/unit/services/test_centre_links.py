"""Clients of data centres are kept as long as nothing changes."""

from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.data_centre import DataCentre
from server.services.centre_links import CentreLinks, LinkAccess
from server.xmlio.contract_files import XTA_WSDL

OST = DataCentre("ost", "Ost", "https://localhost:1/m", "https://localhost:1/s", "https://b")


@pytest.fixture
def access(tmp_path: Path) -> LinkAccess:
    for name in ("client.pem", "ca.pem"):
        (tmp_path / name).write_text("eins")
    return LinkAccess(XTA_WSDL, tmp_path / "client.pem", tmp_path / "ca.pem", 1)


def test_connect_same_data_centre_gives_the_same_client(access: LinkAccess) -> None:
    links = CentreLinks(access)
    assert links.connect(OST) is links.connect(replace(OST))


def test_connect_endpoint_or_files_changed_gives_a_new_client(access: LinkAccess) -> None:
    links = CentreLinks(access)
    clients = [links.connect(OST), links.connect(replace(OST, send="https://localhost:2/s"))]
    for path in (access.certificate, access.server_ca):
        path.write_text("etwas anderes")
        clients.append(links.connect(OST))
    assert len(set(map(id, clients))) == 4


def test_connect_without_certificate_fails(access: LinkAccess) -> None:
    access.certificate.unlink()
    with pytest.raises(OSError, match=r"client\.pem"):
        CentreLinks(access).connect(OST)
