"""Drawings from strangers: what draws is taken, what acts or leads elsewhere is not."""

import base64

import pytest

from server.xmlio.svg import SvgRefused, check_svg
from tests.support.letter_kinds import make_logo

DATA = base64.b64encode(make_logo()).decode()


def draw(content: str, head: str = 'viewBox="0 0 60 30"') -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {head}>{content}</svg>".encode()


@pytest.mark.parametrize(
    "content",
    [
        '<g fill="#20407a"><path d="M0 0h9"/><circle r="4"/></g>',
        '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>'
        '<rect width="9" height="9" fill="url(#a)" style="stroke: url( \'#a\' )"/>',
        '<style>.a{fill:red}</style><rect class="a"/>',
        '<symbol id="s"><rect/></symbol><use xlink:href="#s"/><use href="#s"/>',
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>',
        '<i:namedview xmlns:i="http://www.inkscape.org/namespaces/inkscape"/>'
        r'<path xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:file="C:\a.svg" d="M0 0"/>',
    ],
    ids=["shapes", "gradient", "style", "use", "metadata", "inkscape"],
)
def test_check_svg_takes_what_draws(content: str) -> None:
    assert check_svg(draw(content)) == ()


def test_check_svg_returns_the_pictures_in_it() -> None:
    picture = f'<image width="9" height="9" href="data:image/png;base64,{DATA}"/>'
    assert check_svg(draw(picture)) == (make_logo(),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<script>alert(1)</script>", "Skript"),
        ('<rect onload="alert(1)"/>', "Skript"),
        ('<script xmlns="http://www.w3.org/1999/xhtml">1</script>', "Skript"),
        ('<metadata><script xmlns="http://www.w3.org/1999/xhtml"/></metadata>', "Skript"),
        ("<foreignObject/>", "foreignObject"),
        ('<a href="https://x.example"><rect/></a>', "nicht erlaubt ist: a"),
        ("<animate/>", "nicht erlaubt ist: animate"),
        ('<set attributeName="href" to="x"/>', "nicht erlaubt ist: set"),
        ("<text>Stadt</text>", "in Pfade um"),
        ("<filter/>", "nicht erlaubt ist: filter"),
        ('<pattern id="p"/>', "nicht erlaubt ist: pattern"),
        ('<g filter="url(#f)"/>', "Effekte"),
        ('<use href="https://x.example/a.svg#b"/>', "verweist auf anderes"),
        ('<use xlink:href="javascript:alert(1)"/>', "verweist auf anderes"),
        ('<image href="file:///etc/passwd"/>', "verweist auf anderes"),
        ('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', "verweist auf anderes"),
        ("<image/>", "kein eingebettetes PNG"),
        ('<image href="data:image/png;base64,a"/>', "beschädigtes Bild"),
        ('<rect fill="url(https://x.example/a)"/>', "nicht erlaubt"),
        (r'<rect style="fill:\75rl(x)"/>', "nicht erlaubt"),
        ("<style>@import 'x.css';</style>", "Stilen"),
        ("<style>.a{fill:url(#a)}</style>", "Stilen"),
        ("<rect xmlns='http://www.w3.org/1998/Math/MathML'/>", "nicht erlaubt ist: rect"),
    ],
)
def test_check_svg_refuses_what_acts_or_leads_elsewhere(content: str, reason: str) -> None:
    with pytest.raises(SvgRefused, match=reason):
        check_svg(draw(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg", "wohlgeformt"),
        (b"", "wohlgeformt"),
        (b"<svg/>", "ist kein SVG"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "ist kein SVG"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "DTD"),
        (draw("", ""), "wie breit und hoch"),
        (draw("", 'width="100%" height="100%"'), "wie breit und hoch"),
        (draw("", 'viewBox="0 0 0 0"'), "wie breit und hoch"),
    ],
)
def test_check_svg_refuses_what_is_no_drawing(content: bytes, reason: str) -> None:
    with pytest.raises(SvgRefused, match=reason):
        check_svg(content)


@pytest.mark.parametrize("kind", ["use", "mask"])
def test_check_svg_refuses_copies_of_copies_without_drawing_them(kind: str) -> None:
    def name(number: int) -> str:
        if kind == "mask":
            return f'<g mask="url(#a{number})"/>'
        return f'<use href="#a{number}"/>'

    levels = "".join(f'<g id="a{n}">{name(n + 1) * 10}</g>' for n in range(20))
    with pytest.raises(SvgRefused, match="zu viele Teile"):
        check_svg(draw(levels + '<rect id="a20"/>'))


@pytest.mark.parametrize(
    "content",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        "".join(f'<g id="a{n}"><use href="#a{n + 1}"/></g>' for n in range(5000)),
    ],
    ids=["itself", "each other", "long chain"],
)
def test_check_svg_refuses_circles_and_long_chains(content: str) -> None:
    with pytest.raises(SvgRefused, match="enthält sich selbst oder ist zu tief"):
        check_svg(draw(content))
