"""The use cases of capturing, as pages ask them."""

from dataclasses import dataclass

from server.services.capture.address_check import AddressCheck
from server.services.capture.attachments import DraftAttachments
from server.services.capture.bank_release import BankReleases
from server.services.capture.dispatch import Dispatch
from server.services.capture.drafts import Drafts
from server.services.capture.preview import Preview
from server.services.capture.recipients import Recipients
from server.services.capture.refilling import Refilling
from server.services.capture.vocabulary import Vocabularies


@dataclass(frozen=True)
class Capture:
    """All of them together."""

    address_check: AddressCheck
    drafts: Drafts
    attachments: DraftAttachments
    releases: BankReleases
    recipients: Recipients
    vocabularies: Vocabularies
    preview: Preview
    dispatch: Dispatch
    refilling: Refilling
