"""Safe parsing: what is refused, and how early."""

import time

import pytest

from server.xmlio.safe_parsing import (
    XmlLimits,
    XmlProblem,
    XmlRejected,
    is_utf8,
    outline_of,
    parse_document,
    scan_document,
)
from tests.support.installation import SAMPLES, read_sample

LIMITS = XmlLimits()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("doctype.xml", XmlProblem.HAS_DOCTYPE),
        ("doctype-utf-16.xml", XmlProblem.HAS_DOCTYPE),
        ("external-dtd.xml", XmlProblem.HAS_DOCTYPE),
        ("external-entity.xml", XmlProblem.HAS_DOCTYPE),
        ("entity-expansion.xml", XmlProblem.HAS_DOCTYPE),
        ("deep-nesting.xml", XmlProblem.TOO_DEEP),
        ("many-elements.xml", XmlProblem.TOO_MANY_ELEMENTS),
    ],
)
def test_parse_document_evil_sample_is_rejected_at_once(name: str, problem: XmlProblem) -> None:
    started = time.monotonic()
    with pytest.raises(XmlRejected) as caught:
        parse_document(read_sample("evil", name), LIMITS)
    assert caught.value.problem == problem
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"<a>", b"<a></b>", b"<a/><b/>", b"\xff\xfe<", b"<a>&x;</a>", b"<x:a/>"],
)
def test_parse_document_broken_content_is_not_well_formed(content: bytes) -> None:
    with pytest.raises(XmlRejected) as caught:
        parse_document(content, LIMITS)
    assert caught.value.problem == XmlProblem.NOT_WELL_FORMED


@pytest.mark.parametrize("encoding", ["utf-7", "unsinn", "ucs-4"])
def test_parse_document_unknown_encoding_is_rejected(encoding: str) -> None:
    with pytest.raises(XmlRejected):
        parse_document(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode(), LIMITS)


def test_parse_document_large_text_node_is_accepted() -> None:
    text = b"A" * 12_000_000
    root = parse_document(b"<a>" + text + b"</a>", LIMITS)
    assert len(root.text or "") == len(text)


def test_parse_document_comments_and_instructions_are_dropped() -> None:
    root = parse_document(b"<a><!-- c --><?p i?><b/></a>", LIMITS)
    assert [child.tag for child in root] == ["b"]


@pytest.mark.parametrize("depth", [63, 64, 65, 300])
@pytest.mark.parametrize("start", ["", "<!-- c -->"], ids=["plain", "scanned"])
def test_parse_document_depth_is_limited_whichever_way_it_goes(depth: int, start: str) -> None:
    content = f"{start}{'<a>' * depth}{'</a>' * depth}".encode()
    if depth <= LIMITS.depth:
        assert parse_document(content, LIMITS).tag == "a"
        return
    with pytest.raises(XmlRejected) as caught:
        parse_document(content, LIMITS)
    assert caught.value.problem == XmlProblem.TOO_DEEP


@pytest.mark.parametrize("number", [20_000, 20_001])
def test_parse_document_number_of_elements_is_limited_exactly(number: int) -> None:
    content = b"<a>" + b"<b></b>" * (number - 1) + b"</a>"
    if number <= LIMITS.elements:
        assert len(parse_document(content, LIMITS)) == number - 1
        return
    with pytest.raises(XmlRejected) as caught:
        parse_document(content, LIMITS)
    assert caught.value.problem == XmlProblem.TOO_MANY_ELEMENTS


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE a><a/>".encode("utf-16-le"),
        "<!DOCTYPE a><a/>".encode("utf-16"),
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-',
        b"\xef\xbb\xbf<!DOCTYPE a><a/>",
        b"<?p i?><!DOCTYPE a><a/>",
        b"<!-- c --> <!DOCTYPE a><a/>",
    ],
)
def test_parse_document_hidden_doctype_is_rejected(content: bytes) -> None:
    with pytest.raises(XmlRejected):
        parse_document(content, LIMITS)


def test_parse_document_doctype_as_text_is_no_doctype() -> None:
    root = parse_document(b"<a><![CDATA[<!DOCTYPE a>]]></a>", LIMITS)
    assert root.text == "<!DOCTYPE a>"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"<a/>", "utf-8"),
        (b'<?xml version="1.0"?><a/>', "utf-8"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "iso-8859-1"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), "utf-16"),
        ("<a/>".encode("utf-16"), "utf-16"),
    ],
)
def test_outline_of_tells_root_and_encoding(content: bytes, encoding: str) -> None:
    outline = outline_of(parse_document(content, LIMITS), content)
    assert (outline.root, outline.encoding.lower()) == ("a", encoding)


def test_scan_document_tells_root_and_encoding() -> None:
    outline = scan_document(read_sample("valid", "ersuchen.xml"), LIMITS)
    assert outline.root == "{urn:damtshilfe:amtshilfe:1}vollstreckungshilfeersuchen"
    assert outline.encoding == "UTF-8"
    assert scan_document(b"<a/>", LIMITS).root == "a"


@pytest.mark.parametrize("path", sorted((SAMPLES / "valid").glob("*.xml")), ids=lambda p: p.name)
def test_is_utf8_valid_samples_are(path: object) -> None:
    content = path.read_bytes()  # type: ignore[attr-defined]
    assert is_utf8(content, scan_document(content, LIMITS))
