"""Builds the parts of content encryption from the settings."""

from persistence.blobs import Blobs
from persistence.database import Database
from persistence.reader_key_files import ReaderKeyFiles
from server.domain.encryption_rule import EncryptionRule, EncryptionRules
from server.services.clock import read_clock
from server.services.content_encryption import ContentEncryption, EncryptedCopies
from server.services.directory import Directory
from server.services.opening import Opening
from server.services.reader_keys import ReaderKeys
from server.settings import Settings
from server.xmlio.content_encryption import ContentDecryption
from server.xmlio.safe_parsing import XmlLimits


def make_opening(settings: Settings) -> Opening:
    """What opens contents for readers whose keys are held here."""
    limits = XmlLimits(settings.limits.xml_elements, settings.limits.xml_depth)
    keys = ReaderKeys(ReaderKeyFiles(settings.encryption.keys))
    return Opening(keys, ContentDecryption(limits))


def make_encrypted_copies(
    settings: Settings, database: Database, blobs: Blobs, directory: Directory
) -> EncryptedCopies:
    """What encrypts for readers at other data centres."""
    encryption = settings.encryption
    by_centre = {name: EncryptionRule(rule) for name, rule in encryption.by_centre.items()}
    rules = EncryptionRules(EncryptionRule(encryption.data_centres), by_centre)
    return EncryptedCopies(
        database, blobs, ContentEncryption(directory, read_clock, rules), read_clock
    )
