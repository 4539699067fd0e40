"""The claim of a PDF to be PDF/A, when a letter may keep it, and what it says of its grey.

Whether a file is what it claims is not checked here. The claim is kept only where all that is put
behind a letter claims it too and prints by the colours of the letter's own output intent: pages of
a PDF/A-1, -2 or -3 without embedded files are allowed in a PDF/A-2 (ISO 19005-2).
"""

import pikepdf

_NAMESPACE = b"http://www.aiim.org/pdfa/ns/id/"
_PARTS = frozenset({"1", "2", "3"})
_PRINTING_COLOURS = 4


def claims_pdf_a(pdf: pikepdf.Pdf) -> bool:
    """True where a file claims to be PDF/A and none of its colours is meant for a press (CMYK)."""
    return read_pdf_a_part(pdf) in _PARTS and not _is_for_a_press(pdf)


def read_pdf_a_part(pdf: pikepdf.Pdf) -> str:
    """The part of PDF/A that a file claims to keep; empty where it claims none."""
    # Most files claim nothing; to read all they say of themselves takes long.
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream) or _NAMESPACE not in metadata.read_bytes():
        return ""
    # Not entered as a context, which would write it anew.
    return str(pdf.open_metadata().get("pdfaid:part") or "")


def drop_pdf_a_claim(pdf: pikepdf.Pdf) -> None:
    """Takes the claim away with the metadata it stands in; title and author stand elsewhere too."""
    if "/Metadata" in pdf.Root:
        del pdf.Root.Metadata


def use_plain_grey(pdf: pikepdf.Pdf) -> None:
    """Black and grey of the pages are those of the device where they had a profile of their own.

    The output intent says what they are (ISO 19005-2, 6.2.4.3). A printer prints them with black
    alone, and nobody who reads the pages has to work out what the profile makes of them.
    """
    if "/OutputIntents" not in pdf.Root:
        return
    for page in pdf.pages:
        resources = page.obj.get("/Resources", pikepdf.Dictionary())
        spaces = resources.get("/ColorSpace", pikepdf.Dictionary())
        for name, space in spaces.items():
            if _is_grey_with_profile(space):
                spaces[name] = pikepdf.Name.DeviceGray


def _is_grey_with_profile(space: pikepdf.Object) -> bool:
    return isinstance(space, pikepdf.Array) and space[0] == "/ICCBased" and space[1].N == 1


def _is_for_a_press(pdf: pikepdf.Pdf) -> bool:
    for intent in pdf.Root.get("/OutputIntents", ()):
        profile = intent.get("/DestOutputProfile")
        if profile is not None and int(profile.get("/N", 0)) == _PRINTING_COLOURS:
            return True
    return False
