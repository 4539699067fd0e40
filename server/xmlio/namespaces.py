"""Namespaces of the contracts, and names within them."""

from typing import Final

SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
WSA: Final = "http://www.w3.org/2005/08/addressing"
WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP11: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
WSDL_SOAP12: Final = "http://schemas.xmlsoap.org/wsdl/soap12/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XTA: Final = "http://xoev.de/transport/xta/211"
OSCI: Final = "http://www.osci.eu/ws/2008/05/transport"
OSCI_META: Final = "http://www.osci.eu/ws/2014/10/transport"
XOP: Final = "http://www.w3.org/2004/08/xop/include"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
DSIG11: Final = "http://www.w3.org/2009/xmldsig11#"
XAMTSHILFE: Final = "xAmtshilfe110"
XFINANZ: Final = "xFinanz320"
AMTSHILFE: Final = "urn:damtshilfe:amtshilfe:1"
FACHVERFAHREN: Final = "urn:damtshilfe:fachverfahren:1"
AUTHORITY: Final = "urn:damtshilfe:authority:1"


def name_in(namespace: str, local_name: str) -> str:
    """The name of an element in the form that lxml uses: `{namespace}local`."""
    return f"{{{namespace}}}{local_name}"
