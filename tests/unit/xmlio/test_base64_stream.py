"""Base64 in pieces: the same as at once, whatever the pieces are."""

import base64

import pytest

from server.xmlio.base64_stream import NotBase64, count_encoded, decode, encode

DATA = bytes(range(256)) * 3


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 64, 10_000])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 767, 768])
def test_encode_and_decode_in_pieces_give_the_same_bytes(size: int, length: int) -> None:
    data = DATA[:length]
    text = b"".join(encode(pieces(data, size)))
    assert text == base64.b64encode(data)
    assert count_encoded(length) == len(text)
    assert b"".join(decode(pieces(text, size))) == data


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize(
    "line_end", [b"\n", b"\r\n", b"&#13;\n", b"&#xD;\n", b"&#x0d;\t ", b"&#10;"]
)
def test_decode_text_in_lines_ignores_their_ends(size: int, line_end: bytes) -> None:
    text = line_end.join(pieces(base64.b64encode(DATA), 76)) + line_end
    assert b"".join(decode(pieces(text, size))) == DATA


@pytest.mark.parametrize("size", [1, 4, 10_000])
@pytest.mark.parametrize(
    "text", [b"QUJ", b"QUJD=", b"QUI=QUJD", b"QUJD&amp;", b"QU!D", b"QUJD&", b"&#65;UJD"]
)
def test_decode_what_is_no_base64_is_refused(size: int, text: bytes) -> None:
    with pytest.raises(NotBase64):
        list(decode(pieces(text, size)))
