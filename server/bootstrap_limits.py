"""Limits for XML, from the settings."""

from server.settings import Settings
from server.xmlio.safe_parsing import XmlLimits


def make_xml_limits(settings: Settings) -> XmlLimits:
    """Of XML."""
    return XmlLimits(settings.limits.xml_elements, settings.limits.xml_depth)
