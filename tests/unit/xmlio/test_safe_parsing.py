"""Safe parsing: what is refused, and how early."""

import time

import pytest

from server.xmlio.safe_parsing import (
    XmlLimits,
    XmlProblem,
    XmlRejected,
    is_utf8,
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


def test_scan_document_tells_root_and_encoding() -> None:
    outline = scan_document(read_sample("valid", "ersuchen.xml"), LIMITS)
    assert outline.root == "{urn:damtshilfe:amtshilfe:1}vollstreckungshilfeersuchen"
    assert outline.encoding == "UTF-8"
    assert scan_document(b"<a/>", LIMITS).root == "a"


@pytest.mark.parametrize("path", sorted((SAMPLES / "valid").glob("*.xml")), ids=lambda p: p.name)
def test_is_utf8_valid_samples_are(path: object) -> None:
    content = path.read_bytes()  # type: ignore[attr-defined]
    assert is_utf8(content, scan_document(content, LIMITS))
