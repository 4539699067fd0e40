"""Limits for what comes in, from the settings."""

from server.settings import Settings
from server.soap.multipart import PackageLimits
from server.soap.protocol import RequestLimits
from server.xmlio.safe_parsing import XmlLimits


def make_request_limits(settings: Settings) -> RequestLimits:
    """Of what comes in over HTTP."""
    limits = settings.limits
    package = PackageLimits(
        limits.mtom_parts, limits.envelope_bytes, limits.part_headers, limits.part_header_bytes
    )
    return RequestLimits(limits.request_bytes, package, make_xml_limits(settings))


def make_xml_limits(settings: Settings) -> XmlLimits:
    """Of XML."""
    return XmlLimits(settings.limits.xml_elements, settings.limits.xml_depth)
