"""A contract file as it is served: with the real addresses in it."""

from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from server.xmlio.contract_files import CONTRACT_ROOT
from server.xmlio.namespaces import WSDL_SOAP11, WSDL_SOAP12, XSD, name_in

CONTRACTS_PATH = "/contracts"


def render_wsdl(path: Path, public_url: str, canonical_base: str, base: str) -> bytes:
    """The WSDL with absolute addresses.

    Ports lie under `base` instead of `canonical_base`, schemas below `/contracts`.
    """
    tree = etree.parse(str(path), etree.XMLParser(no_network=True))
    for namespace in (WSDL_SOAP11, WSDL_SOAP12):
        for address in tree.iter(name_in(namespace, "address")):
            place = urlsplit(address.get("location", "")).path
            address.set("location", public_url + base + place.removeprefix(canonical_base))
    for name in ("import", "include"):
        for reference in tree.iter(name_in(XSD, name)):
            target = (path.parent / reference.get("schemaLocation", "")).resolve()
            relative = target.relative_to(CONTRACT_ROOT).as_posix()
            reference.set("schemaLocation", f"{public_url}{CONTRACTS_PATH}/{relative}")
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
