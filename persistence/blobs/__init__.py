"""The blob store: payloads, encrypted at rest, in a folder or an S3-compatible store."""

from persistence.blobs.content import BlobContent, BlobWriter, StagedBlob
from persistence.blobs.failures import (
    BlobDamaged,
    BlobKeyMissing,
    BlobMissing,
    BlobStoreUnavailable,
    BlobUnreadable,
)
from persistence.blobs.store import Blobs, FolderBlobs, ObjectBlobs

__all__ = [
    "BlobContent",
    "BlobDamaged",
    "BlobKeyMissing",
    "BlobMissing",
    "BlobStoreUnavailable",
    "BlobUnreadable",
    "BlobWriter",
    "Blobs",
    "FolderBlobs",
    "ObjectBlobs",
    "StagedBlob",
]
