"""Requests that are wrong in one way or several: envelopes, packages, headers."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from lxml import etree

from tests.support.calls import make_calls
from tests.support.mtom import RawPart, include, package_type, part, root_part, write_package

CALLS = make_calls("urn:de:xta:messageid:fuzz:1")
ACTIONS = sorted({call.action for call in CALLS.values()})
SOAP_TYPE = "application/soap+xml; charset=utf-8"
# Text that has broken parsers before, beside whatever hypothesis thinks of.
NASTY = (
    "", " ", "\t\n", "0", "-1", "1e999", "NaN", "true", "x" * 300, "ä€𝄞", "\u202e", "]]>", "%00",
    "../../etc/passwd", "urn:x:1", "2026-02-30", "2026-01-01T00:00:00", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "-0001-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "1" * 50,
    "cid:a@test", "VGV4dA", "====", "PHg+", "'; DROP TABLE messages; --", "{}", "{0}", "%s",
)  # fmt: skip
NAMESPACES = sorted(
    {
        etree.QName(element).namespace or ""
        for call in CALLS.values()
        for element in etree.fromstring(call.content).iter("*")
    }
    | {"urn:beispiel:fremd"}
)
NAMES = sorted(
    {
        etree.QName(element).localname
        for call in CALLS.values()
        for element in etree.fromstring(call.content).iter("*")
    }
    | {"Fault", "Include", "Extension"}
)
ATTRIBUTES = ("type", "name", "listURI", "MsgBoxRequestID", "MsgPart", "ListForm", "maxListItems",
              "newEntry", "TestMsg", "contentType", "filename", "size", "lang", "unbekannt",
              "{http://www.w3.org/2003/05/soap-envelope}mustUnderstand",
              "{http://www.w3.org/2003/05/soap-envelope}role",
              "{http://www.w3.org/2001/XMLSchema-instance}type",
              "{http://www.w3.org/2001/XMLSchema-instance}nil")  # fmt: skip

texts = st.sampled_from(NASTY) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=30
)
header_values = st.sampled_from(NASTY[3:9]) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60
)


@dataclass(frozen=True)
class FuzzedRequest:
    """A request that is HTTP, whatever else it is."""

    port: str
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_chunked: bool = False


@st.composite
def envelope_requests(draw: st.DrawFn) -> FuzzedRequest:
    """A damaged envelope at its own port or at another, mostly with its own action."""
    call = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    content = draw(damage(_change_tree(draw, call.content)))
    action = draw(st.just(call.action) | st.just(call.action) | st.sampled_from(ACTIONS))
    port = draw(st.just(call.port) | st.just(call.port) | st.sampled_from(PORTS))
    return FuzzedRequest(port, content, {"Content-Type": f'{SOAP_TYPE}; action="{action}"'})


@st.composite
def package_requests(draw: st.DrawFn) -> FuzzedRequest:
    """A package whose parts, references or frame are not quite right."""
    content_ids = draw(st.lists(st.sampled_from(("a@test", "b@test", "c%40test", "")), max_size=4))
    references = draw(st.lists(st.sampled_from(("a@test", "b@test", "c@test", "")), max_size=4))
    call = CALLS["sendMessage"]
    elements = "".join(
        f'<xta:Attachment contentType="a/b">{include(item)}</xta:Attachment>' for item in references
    )
    envelope = call.content.decode().replace("</xta:Message>", f"</xta:Message>{elements}").encode()
    parts = [
        root_part(draw(damage(envelope)), draw(st.sampled_from(("", call.action)))),
        *(_draw_part(draw, content_id) for content_id in content_ids),
    ]
    content = write_package(draw(st.permutations(parts)))
    start = draw(st.sampled_from(("<root@test>", "<root@test>", "", "<a@test>", "<fehlt@test>")))
    content_type = package_type(start=start, action=draw(st.sampled_from(("", call.action))))
    return FuzzedRequest(
        draw(st.sampled_from(("send", "send", "amtshilfe", "authority", "management"))),
        draw(damage(content)),
        {"Content-Type": draw(st.just(content_type) | _damaged_text(content_type))},
        draw(st.booleans()),
    )


@st.composite
def header_requests(draw: st.DrawFn) -> FuzzedRequest:
    """A valid envelope under headers that say strange things about it."""
    call = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    with_action = f'{SOAP_TYPE}; action="{call.action}"'
    content_type = draw(st.sampled_from((SOAP_TYPE, "text/xml", package_type(), with_action)))
    headers = {"Content-Type": draw(st.just(content_type) | _damaged_text(content_type))}
    for name in ("SOAPAction", "Accept", "Accept-Encoding", "Content-Encoding", "Content-Language",
                 "X-Forwarded-For", "Expect-CT"):  # fmt: skip
        if draw(st.booleans()):
            known = st.sampled_from((call.action, "multipart/related"))
            headers[name] = draw(header_values | known)
    return FuzzedRequest(call.port, call.content, headers, draw(st.booleans()))


@st.composite
def damage(draw: st.DrawFn, content: bytes) -> bytes:
    """The bytes as they are (mostly), cut, changed, recoded, or with something put in."""
    kind = draw(st.integers(0, 9))
    place = draw(st.integers(0, len(content)))
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + draw(st.binary(max_size=8)) + content[place:]
    if kind == 2:
        return content[:place] + draw(st.binary(min_size=1, max_size=3)) + content[place + 1 :]
    if kind == 3:
        return draw(st.sampled_from(PREFIXES)) + content
    return content


PORTS = sorted({call.port for call in CALLS.values()})
PREFIXES = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b" ",
    b'<?xml version="1.0" encoding="UTF-16"?>',
    b'<?xml version="1.1"?>',
    b'<?xml version="1.0" encoding="unbekannt"?>',
    b'<!DOCTYPE a [<!ENTITY b "c">]>',
    b"<?php echo 1 ?>",
    b"<!-- -->",
)


def _draw_part(draw: st.DrawFn, content_id: str) -> RawPart:
    extra = draw(st.sampled_from(("", "Content-Transfer-Encoding: base64", "X: y", "kaputt")))
    made = part(content_id, draw(st.binary(max_size=200)), *filter(None, [extra]))
    return RawPart(made.headers[draw(st.integers(0, 2)) :], made.content)


@st.composite
def _damaged_text(draw: st.DrawFn, text: str) -> str:
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(header_values) + text[place + draw(st.integers(0, 5)) :]


def _change_tree(draw: st.DrawFn, content: bytes) -> bytes:
    root = etree.fromstring(content)
    for _ in range(draw(st.integers(0, 3))):
        elements = list(root.iter("*"))
        element = elements[draw(st.integers(0, len(elements) - 1))]
        _CHANGES[draw(st.integers(0, len(_CHANGES) - 1))](draw, element)
    encoding = draw(st.sampled_from(("UTF-8", "UTF-8", "UTF-16")))
    return bytes(etree.tostring(root, encoding=encoding))


def _remove(_draw: st.DrawFn, element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(_draw: st.DrawFn, element: etree._Element) -> None:
    if element.getparent() is not None:
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))


def _retext(draw: st.DrawFn, element: etree._Element) -> None:
    element.text = draw(texts)


def _rename(draw: st.DrawFn, element: etree._Element) -> None:
    namespace, name = draw(st.sampled_from(NAMESPACES)), draw(st.sampled_from(NAMES))
    element.tag = f"{{{namespace}}}{name}" if namespace else name


def _set_attribute(draw: st.DrawFn, element: etree._Element) -> None:
    element.set(draw(st.sampled_from(ATTRIBUTES)), draw(texts))


def _wrap(_draw: st.DrawFn, element: etree._Element) -> None:
    element.append(etree.fromstring(etree.tostring(element, with_tail=False)))


_CHANGES = (_remove, _repeat, _retext, _retext, _rename, _set_attribute, _set_attribute, _wrap)
