"""Limits for requests, from the settings."""

from server.bootstrap_limits import make_xml_limits
from server.settings import Settings
from server.soap.multipart import PackageLimits
from server.soap.protocol import RequestLimits


def make_request_limits(settings: Settings) -> RequestLimits:
    """Of what comes in over HTTP."""
    limits = settings.limits
    package = PackageLimits(
        limits.mtom_parts, limits.envelope_bytes, limits.part_headers, limits.part_header_bytes
    )
    return RequestLimits(limits.request_bytes, package, make_xml_limits(settings))
