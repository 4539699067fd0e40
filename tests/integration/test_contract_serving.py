"""Contract files are served with the real addresses, and without a client certificate."""

from pathlib import Path

import pytest
import requests
import zeep
from zeep.transports import Transport

from tests.support.installation import Installation

XTA_PATHS = [
    f"{base}/{port}"
    for base in ("/xta/2.1.1", "/services/XTAService")
    for port in ("ManagementPort", "SendXtaPort", "MsgBoxPort")
]


def get(installation: Installation, path: str) -> requests.Response:
    base = installation.url("amtshilfe").removesuffix("/amtshilfe/1")
    return requests.get(base + path, verify=str(installation.ca), timeout=30)


@pytest.mark.parametrize("path", [*XTA_PATHS, "/amtshilfe/1"])
def test_wsdl_is_loaded_by_zeep_without_a_certificate(
    installation: Installation, path: str
) -> None:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(installation.ca)
    base = installation.url("amtshilfe").removesuffix("/amtshilfe/1")
    client = zeep.Client(f"{base}{path}?wsdl", transport=Transport(session=session))
    addresses = {
        port.binding_options["address"]
        for service in client.wsdl.services.values()
        for port in service.ports.values()
    }
    assert base + path in addresses
    assert all(address.startswith(base) for address in addresses)


def test_wsdl_of_the_authority_server_bears_its_own_address(installation: Installation) -> None:
    url = installation.url("authority")
    text = requests.get(f"{url}?wsdl", verify=str(installation.ca), timeout=30).text
    assert f'location="{url}"' in text


@pytest.mark.parametrize(
    "path",
    [
        "/contracts/xsd/xta-2.1.1/xta-datentypen.xsd",
        "/contracts/xsd/w3c/soap-envelope-1.2.xsd",
        "/contracts/wsdl/xta-2.1.1/xta.wsdl",
    ],
)
def test_contract_file_is_readable(installation: Installation, path: str) -> None:
    response = get(installation, path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/xml")


@pytest.mark.parametrize(
    "path",
    [
        "/contracts/xsd/../pyproject.toml",
        "/contracts/xsd/%2e%2e/pyproject.toml",
        "/contracts/server/cli.py",
        "/contracts/xsd",
        "/contracts/xsd/fehlt.xsd",
        "/",
        "/xta/2.1.1/AnderesPort",
    ],
)
def test_other_path_is_not_found(installation: Installation, path: str) -> None:
    assert get(installation, path).status_code == 404


def test_port_without_wsdl_query_answers_405(installation: Installation) -> None:
    response = get(installation, "/xta/2.1.1/ManagementPort")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert "?wsdl" in response.text


def test_served_address_of_the_paths_of_deployed_clients_works(
    installation: Installation,
) -> None:
    client = installation.xta("potsdam")
    facts = {
        **installation.facts,
        "ports": {
            name: url.replace("/xta/2.1.1/", "/services/XTAService/")
            for name, url in installation.facts["ports"].items()
        },
    }
    alias = Installation(Path(installation.folder), facts).xta("potsdam")
    alias.check_account_active()
    assert client.create_message_id() != alias.create_message_id()
