"""What files a message of the Web-Client may carry, told by their ending and how they begin."""

from pathlib import PurePath

from server.domain.content import Content

# By their ending: what a clerk attaches and every Behoerde can open.
_TYPES = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
}
_HEAD_REACH = 1024

FORMATS = "PDF, JPEG oder PNG"
# As a field for files says it to the browser.
ENDINGS = ",".join(_TYPES)


class AttachmentRefused(Exception):
    """The file is not taken; the text is German and says what to do."""


def check_kind(name: str, content: Content) -> str:
    """The content type; raises AttachmentRefused."""
    known = _TYPES.get(PurePath(name).suffix.lower())
    if known is None:
        raise AttachmentRefused(
            f"„{name}“ ist von einer Art, die nicht angenommen wird. Bitte hängen Sie {FORMATS} an."
        )
    content_type, mark = known
    head = next(content.read_chunks(_HEAD_REACH), b"")
    # Readers look for the mark of a PDF in the first KiB.
    is_right = mark in head if mark == b"%PDF-" else head.startswith(mark)
    if not is_right:
        raise AttachmentRefused(
            f"„{name}“ ist nicht, was die Endung sagt; erwartet wird {FORMATS}. Bitte öffnen und "
            "speichern Sie die Datei neu."
        )
    return content_type
