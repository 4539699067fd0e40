"""Builds what case workers do with messages in the Web-Client."""

from server.bootstrap_parts import MessageParts, MessageServices
from server.services.cancelling import Cancelling
from server.services.message_texts import MessageTexts
from server.services.message_views import MessageDesk, MessageViews
from server.services.replying import MatterSources, ReplyDesk, Replying
from server.services.web_access.audit import Audit


def make_message_views(parts: MessageParts, services: MessageServices) -> MessageViews:
    """Messages: opened, confirmed, withdrawn."""
    desk = MessageDesk(
        services.mailbox,
        Cancelling(parts.database, parts.clock),
        Audit(parts.database, parts.clock),
    )
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
        desk=ReplyDesk(services.sending, Audit(parts.database, parts.clock)),
        sources=MatterSources(parts.directory, parts.inspector, parts.massnahmenkataloge),
    )
