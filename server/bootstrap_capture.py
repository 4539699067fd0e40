"""Builds the use cases of capturing."""

from server.bootstrap_letters import make_letter_style, make_letterheads
from server.bootstrap_parts import MessageParts, MessageServices
from server.services.capture.address_check import AddressCheck
from server.services.capture.attachments import DraftAttachments
from server.services.capture.bank_release import BankReleases
from server.services.capture.dispatch import CaptureParts, Dispatch
from server.services.capture.drafts import Drafts
from server.services.capture.preview import Preview
from server.services.capture.recipients import Recipients
from server.services.capture.refilling import Refilling
from server.services.capture.services import Capture
from server.services.capture.vocabulary import Vocabularies
from server.settings import Settings


def make_capture(settings: Settings, parts: MessageParts, services: MessageServices) -> Capture:
    """The use cases of capturing; they send as the ports do."""
    database, clock = parts.database, parts.clock
    drafts = Drafts(database, clock)
    letterheads = make_letterheads(settings.printing, database)
    style = make_letter_style(settings.printing, letterheads)
    capture_parts = CaptureParts(
        Vocabularies(parts.codelisten, parts.massnahmenkataloge, clock),
        Recipients(parts.directory),
        DraftAttachments(
            database,
            parts.blobs,
            services.scanning,
            drafts,
            container_bytes=settings.limits.container_bytes,
        ),
        BankReleases(database, clock),
        Preview(parts.codelisten, parts.massnahmenkataloge, style),
    )
    dispatch = Dispatch(
        database,
        clock,
        parts.directory,
        capture_parts,
        checking=services.checking,
        sending=services.sending,
    )
    return Capture(
        AddressCheck(parts.directory),
        drafts,
        capture_parts.attachments,
        capture_parts.releases,
        capture_parts.recipients,
        capture_parts.vocabularies,
        capture_parts.preview,
        dispatch,
        Refilling(database, parts.blobs, parts.inspector, drafts),
    )
