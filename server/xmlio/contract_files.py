"""Where the contract files lie: the folders `wsdl/` and `xsd/` beside the packages."""

from pathlib import Path

CONTRACT_ROOT = Path(__file__).resolve().parents[2]
WSDL_FOLDER = CONTRACT_ROOT / "wsdl"
XSD_FOLDER = CONTRACT_ROOT / "xsd"

XTA_WSDL = WSDL_FOLDER / "xta-2.1.1" / "xta.wsdl"
AMTSHILFE_WSDL = WSDL_FOLDER / "amtshilfe-1" / "amtshilfe.wsdl"
AUTHORITY_WSDL = WSDL_FOLDER / "authority-1" / "authority.wsdl"
SOAP12_ENVELOPE_XSD = XSD_FOLDER / "w3c" / "soap-envelope-1.2.xsd"
SOAP11_ENVELOPE_XSD = XSD_FOLDER / "w3c" / "soap-envelope-1.1.xsd"
