"""Drawings that strangers send: what in an SVG acts, comes from elsewhere, or costs without end.

What is allowed is listed, all else is refused: a drawing is set into letters and shown by browsers.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from lxml import etree

from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_LIMITS = XmlLimits(elements=20_000, depth=40)
# So many elements a drawing has at most when each `use` is a copy of what it names.
_MAX_DRAWN = 50_000
_MAX_CHAIN = 100
_ROOT = f"{{{_SVG}}}svg"
_IMAGE = f"{{{_SVG}}}image"
_STYLE = f"{{{_SVG}}}style"
_METADATA = f"{{{_SVG}}}metadata"
_ALLOWED = frozenset(
    f"{{{_SVG}}}{name}"
    for name in (
        *("svg", "g", "defs", "symbol", "use", "image", "style", "title", "desc", "metadata"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("linearGradient", "radialGradient", "stop", "clipPath", "mask"),
    )
)
# What drawing programs note for themselves; nobody draws it.
_NOTES = ("http://sodipodi.", "http://www.inkscape.org/", "http://ns.adobe.com/")
_REFUSALS = {
    "script": "enthält ein Skript",
    "foreignObject": "enthält fremde Inhalte (foreignObject)",
    "text": "enthält Text in einer Schrift, die beim Drucken fehlen kann; bitte wandeln Sie Text "
    "in Pfade um",
}
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_PIXELS = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_PLACE = re.compile(r"#\S+")
_ADDRESS = re.compile(r"url\((?!\s*[\"']?\s*#)|@import|@font-face|\\", re.IGNORECASE)
_REFERENCE = re.compile(r"url\(\s*[\"']?\s*#([^)\"'\s]+)", re.IGNORECASE)
_IN_STYLES = re.compile(r"url\(|@import|@font-face|\\", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(?:px|pt|pc|mm|cm|in)?\s*")
_VIEW_BOX = re.compile(r"[\s,]+")
_VIEW_BOX_NUMBERS = 4


class SvgRefused(Exception):
    """A drawing that is not taken; the text is the end of a German sentence."""


def check_svg(content: bytes) -> tuple[bytes, ...]:
    """Raises SvgRefused; returns the pictures (PNG) in it, which the caller has to check."""
    try:
        root = parse_document(content, _LIMITS)
    except XmlRejected as error:
        raise SvgRefused(f"ist kein einfaches SVG: {error.reason}") from None
    if root.tag != _ROOT:
        raise SvgRefused("ist kein SVG")
    _require_size(root)
    pictures: list[bytes] = []
    for element in root.iter(etree.Element):
        _require_allowed(element)
        pictures.extend(_read_picture(element))
    _require_few(root)
    return tuple(pictures)


def _require_size(root: etree._Element) -> None:
    sides = [_read_length(root.get(name, "")) for name in ("width", "height")]
    box = _VIEW_BOX.split(root.get("viewBox", "").strip())
    if len(box) == _VIEW_BOX_NUMBERS:
        sides += [_read_length(item) for item in box[2:]]
    if sum(side > 0 for side in sides) < 2:  # noqa: PLR2004 -- both sides
        raise SvgRefused("sagt nicht, wie breit und hoch es ist (width und height, oder viewBox)")


def _read_length(text: str) -> float:
    found = _LENGTH.fullmatch(text)
    return float(found[1]) if found else 0.0


def _require_allowed(element: etree._Element) -> None:
    name = etree.QName(element)
    if element.tag not in _ALLOWED and not _is_note(element, name.namespace or ""):
        unknown = f"enthält ein Element, das nicht erlaubt ist: {name.localname}"
        raise SvgRefused(_REFUSALS.get(name.localname, unknown))
    for key, value in element.attrib.items():
        _require_harmless(str(key), str(value))
    if element.tag == _STYLE and _IN_STYLES.search("".join(map(str, element.itertext()))):
        raise SvgRefused("verweist in seinen Stilen auf anderes")


def _is_note(element: etree._Element, namespace: str) -> bool:
    if namespace in (_SVG, _XHTML, ""):
        return False
    return namespace.startswith(_NOTES) or any(
        parent.tag == _METADATA for parent in element.iterancestors()
    )


def _require_harmless(key: str, value: str) -> None:
    qualified = etree.QName(key)
    name = qualified.localname
    if qualified.namespace and key not in _HREFS:
        return
    if name.lower().startswith("on"):
        raise SvgRefused("enthält ein Skript")
    if key in _HREFS and not (_PLACE.fullmatch(value.strip()) or _PIXELS.fullmatch(value.strip())):
        raise SvgRefused("verweist auf anderes als sich selbst")
    if name in ("filter", "marker-start", "marker-mid", "marker-end") or _ADDRESS.search(value):
        raise SvgRefused("enthält Effekte oder Verweise, die nicht erlaubt sind")


def _read_picture(element: etree._Element) -> Iterator[bytes]:
    if element.tag != _IMAGE:
        return
    href = next(filter(None, (element.get(key) for key in _HREFS)), "")
    found = _PIXELS.fullmatch(href.strip())
    if found is None:
        raise SvgRefused("enthält ein Bild, das kein eingebettetes PNG ist")
    try:
        yield base64.b64decode(found[1])
    except binascii.Error:
        raise SvgRefused("enthält ein beschädigtes Bild") from None


def _require_few(root: etree._Element) -> None:
    """Copies of copies grow beyond all limits: what is drawn is counted before it is drawn."""
    if _Count(root).of(root, ()) > _MAX_DRAWN:
        raise SvgRefused("hat zu viele Teile")


class _Count:
    """Counts elements as often as they are drawn."""

    def __init__(self, root: etree._Element) -> None:
        self._named = {key: element for element in root.iter() if (key := element.get("id"))}
        self._counted: dict[etree._Element, int] = {}

    def of(self, element: etree._Element, around: tuple[etree._Element, ...]) -> int:
        """The element with what is in it and what it names; `around` are those that lead to it."""
        if element in around or len(around) > _MAX_CHAIN:
            raise SvgRefused("enthält sich selbst oder ist zu tief verschachtelt")
        if element not in self._counted:
            within = (*around, element)
            named = (self._named.get(name) for name in _list_references(element))
            parts = [*element, *(item for item in named if item is not None)]
            self._counted[element] = 1 + sum(self.of(part, within) for part in parts)
        return self._counted[element]


def _list_references(element: etree._Element) -> Iterator[str]:
    for key, value in element.attrib.items():
        if key in _HREFS and _PLACE.fullmatch(str(value).strip()):
            yield str(value).strip()[1:]
        yield from _REFERENCE.findall(str(value))
