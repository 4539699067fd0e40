"""The sheet after DIN 5008 form B: where its areas lie, in millimetres; how many a letter takes."""

from dataclasses import dataclass

MM_PER_POINT = 25.4 / 72
A4_WIDTH, A4_HEIGHT = 210.0, 297.0


@dataclass(frozen=True)
class Area:
    """A part of the sheet: millimetres from its left and from its top."""

    left: float
    top: float
    right: float
    bottom: float

    def contains(self, other: "Area") -> bool:
        """True where the whole other area lies inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )

    def touches(self, other: "Area") -> bool:
        """True where a part of the other area lies inside."""
        return (
            other.left < self.right
            and self.left < other.right
            and other.top < self.bottom
            and self.top < other.bottom
        )


# The window, and what lies in it: above the return line and notes, below the address.
WINDOW = Area(20, 45, 105, 90)
# Return line and notes, 17.7 mm; the address 27.3 mm.
NOTES, ADDRESS = Area(20, 45, 105, 62.7), Area(20, 62.7, 105, 90)
# With franking by the print service: 13 mm below 53 mm stay free.
FRANKED_NOTES, FRANKING, FRANKED_ADDRESS = (
    Area(20, 45, 105, 53),
    Area(20, 53, 105, 66),
    Area(20, 66, 105, 90),
)
# What lines of the address may take, five millimetres within the window.
ADDRESS_WIDTH_POINTS = 80 / MM_PER_POINT
# Where foreign pages are put when sheets bear marks: print services want these margins free.
PRINTABLE = Area(14, 7, 207.5, 290)
WHOLE = Area(0, 0, A4_WIDTH, A4_HEIGHT)


@dataclass(frozen=True)
class WindowAreas:
    """The areas of the window as a letter uses them."""

    notes: Area
    address: Area
    franking: Area | None


def choose_window(*, is_franked_by_service: bool) -> WindowAreas:
    """With or without a free zone for the franking mark of a print service."""
    if is_franked_by_service:
        return WindowAreas(FRANKED_NOTES, FRANKED_ADDRESS, FRANKING)
    return WindowAreas(NOTES, ADDRESS, None)


def count_sheets(pages: int, *, is_duplex: bool) -> int:
    """How many sheets of paper so many pages take; both sides are used where that is wanted."""
    return (pages + 1) // 2 if is_duplex else pages
