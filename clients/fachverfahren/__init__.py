"""What a Fachverfahren uses: a client for the façade, and a connector that exchanges files."""

from clients.fachverfahren.client import Attachment, FachverfahrenAccess, FachverfahrenClient

__all__ = ["Attachment", "FachverfahrenAccess", "FachverfahrenClient"]
