"""The same content has the same digest, whatever its bytes."""

import pytest
from lxml import etree

from server.domain.content import InlineContent
from server.xmlio.content_digest import digest_content
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.installation import read_sample

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
ERSUCHEN = read_sample("valid", "ersuchen.xml")


def digest(content: bytes) -> str:
    return INSPECTOR.digest_content(InlineContent(content))


def rewrite(content: bytes) -> bytes:
    """The same message as another program would write it."""
    root = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
    root.insert(0, etree.Comment("noch einmal"))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def test_digest_content_is_the_same_for_other_bytes_that_say_the_same() -> None:
    assert rewrite(ERSUCHEN) != ERSUCHEN
    assert digest(rewrite(ERSUCHEN)) == digest(ERSUCHEN)


def test_digest_content_does_not_count_the_day_of_the_message() -> None:
    root = etree.fromstring(ERSUCHEN)
    day = root.find("{*}datum")
    assert day is not None
    day.text = "2026-12-24"
    assert digest(etree.tostring(root)) == digest(ERSUCHEN)


@pytest.mark.parametrize("name", ["aktenzeichen", "betrag", "name"])
def test_digest_content_is_another_where_a_text_is(name: str) -> None:
    root = etree.fromstring(ERSUCHEN)
    element = root.find(f".//{{*}}{name}")
    assert element is not None
    element.text = "1.00" if name == "betrag" else "anders"
    assert digest(etree.tostring(root)) != digest(ERSUCHEN)


def test_digest_content_leaves_the_message_as_it_is() -> None:
    root = etree.fromstring(ERSUCHEN)
    before = etree.tostring(root)
    digest_content(root, etree.XPath("*"))
    assert etree.tostring(root) == before


def test_digest_content_of_a_payload_without_profile_is_that_of_its_bytes() -> None:
    content = InlineContent(b"Text")
    assert INSPECTOR.digest_content(content) == content.sha256


def test_digest_content_volatile_path_to_no_element_counts_nothing() -> None:
    root = etree.fromstring("<a b='1'>x</a>")
    assert digest_content(root, etree.XPath("@b | text() | /*")) == digest_content(root, None)
