"""What differs between SOAP 1.1 and SOAP 1.2."""

from http import HTTPStatus

import pytest

from server.soap.dialect import SOAP_11, SOAP_12, Dialect
from server.soap.wire_fault import WireFault, internal_error, malformed


@pytest.mark.parametrize(
    ("dialect", "fault", "setting", "status"),
    [
        (SOAP_12, malformed("x"), 400, "400 Bad Request"),
        (SOAP_12, malformed("x"), 500, "500 Internal Server Error"),
        (SOAP_12, internal_error(), 400, "500 Internal Server Error"),
        (SOAP_11, malformed("x"), 400, "500 Internal Server Error"),
    ],
)
def test_http_status_of_a_fault_follows_code_version_and_setting(
    dialect: Dialect, fault: WireFault, setting: int, status: str
) -> None:
    assert dialect.http_status(fault, HTTPStatus(setting)) == status
