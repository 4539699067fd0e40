"""Content-Type as clients write it, and as nobody should."""

import pytest

from server.soap.content_type import ContentType, parse_content_type

QUOTED = (
    'Multipart/Related; type="application/xop+xml"; boundary="--=_x;y"; '
    'start-info="application/soap+xml; action=\\"urn:a\\""'
)


@pytest.mark.parametrize(
    ("text", "media_type", "actions"),
    [
        ("", "", set()),
        ("text/xml", "text/xml", set()),
        ("application/soap+xml;action=urn:x", "application/soap+xml", {"urn:x"}),
        (QUOTED, "multipart/related", {"urn:a"}),
        ('application/xop+xml; type="application/soap+xml; action=\\"urn:b\\""',
         "application/xop+xml", {"urn:b"}),
        (";;;=", "", set()),
        ('"', '"', set()),
        ("a/b; c*=utf-8''%e4; c*0=\"x\"; c*1=\"y\"", "", set()),
    ],
)  # fmt: skip
def test_parse_content_type_finds_media_type_and_actions(
    text: str, media_type: str, actions: set[str]
) -> None:
    found = parse_content_type(text)
    assert found.media_type == media_type
    assert set(found.find_actions()) - {""} == actions


def test_parse_content_type_keeps_what_is_quoted() -> None:
    found = parse_content_type(QUOTED)
    assert found.parameters["boundary"] == "--=_x;y"
    assert isinstance(found, ContentType)
