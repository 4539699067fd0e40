"""Reads a PDF back: the text of a page, and where each of its characters stands."""

from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]

MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class PlacedCharacter:
    """A character and its box: millimetres from the left and from the top of the sheet."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Area:
    """A part of the sheet: millimetres from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def contains(self, character: PlacedCharacter) -> bool:
        """True where the whole character lies inside."""
        return (
            self.left <= character.left
            and character.right <= self.right
            and self.top <= character.top
            and character.bottom <= self.bottom
        )

    def touches(self, character: PlacedCharacter) -> bool:
        """True where any part of the character lies inside."""
        return (
            character.left < self.right
            and self.left < character.right
            and character.top < self.bottom
            and self.top < character.bottom
        )


def read_texts(pdf: bytes) -> list[str]:
    """The text of each page, with every run of spaces and line breaks as one space."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(text.replace("\ufffe", "").split()) for text in texts]


def read_characters(pdf: bytes, page: int = 0) -> list[PlacedCharacter]:
    """The visible characters of a page with their boxes."""
    opened = pypdfium2.PdfDocument(pdf)[page]
    height, text_page = opened.get_height(), opened.get_textpage()
    characters = []
    for index in range(text_page.count_chars()):
        text = text_page.get_text_range(index, 1)
        if text.strip() and text.isprintable():
            left, bottom, right, top = text_page.get_charbox(index)
            box = [value * MM_PER_POINT for value in (left, height - top, right, height - bottom)]
            characters.append(PlacedCharacter(text, *box))
    return characters


def read_area(pdf: bytes, area: Area) -> str:
    """The characters of the first page that lie in an area, without spaces."""
    return "".join(item.text for item in read_characters(pdf) if area.contains(item))
