"""Where the contract files lie: the folders `wsdl/` and `xsd/` beside the packages."""

from collections.abc import Mapping
from pathlib import Path

from server.xmlio.namespaces import SOAP11, SOAP12

CONTRACT_ROOT = Path(__file__).resolve().parents[2]
WSDL_FOLDER = CONTRACT_ROOT / "wsdl"
XSD_FOLDER = CONTRACT_ROOT / "xsd"

XTA_WSDL = WSDL_FOLDER / "xta-2.1.1" / "xta.wsdl"
AMTSHILFE_WSDL = WSDL_FOLDER / "amtshilfe-1" / "amtshilfe.wsdl"
AUTHORITY_WSDL = WSDL_FOLDER / "authority-1" / "authority.wsdl"
ENVELOPE_SCHEMAS: Mapping[str, Path] = {
    SOAP11: XSD_FOLDER / "w3c" / "soap-envelope-1.1.xsd",
    SOAP12: XSD_FOLDER / "w3c" / "soap-envelope-1.2.xsd",
}
