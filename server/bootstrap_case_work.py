"""Builds what case workers do with messages in the Web-Client."""

from server.bootstrap_parts import MessageParts, MessageServices
from server.services.cancelling import Cancelling
from server.services.message_texts import MessageTexts
from server.services.message_views import MessageDesk, MessageViews
from server.services.replying import MatterSources, Replying


def make_message_views(parts: MessageParts, services: MessageServices) -> MessageViews:
    """Messages: opened, confirmed, withdrawn."""
    desk = MessageDesk(services.mailbox, Cancelling(parts.database, parts.clock))
    return MessageViews(
        parts.database,
        parts.blobs,
        parts.clock,
        opening=services.opening,
        texts=MessageTexts(parts.inspector, parts.codelisten, parts.massnahmenkataloge),
        desk=desk,
    )


def make_replying(parts: MessageParts, services: MessageServices) -> Replying:
    """The messages that follow an Ersuchen."""
    return Replying(
        parts.database,
        parts.blobs,
        parts.clock,
        sending=services.sending,
        sources=MatterSources(parts.directory, parts.inspector, parts.massnahmenkataloge),
    )
