"""Whatever is damaged in an attachment, it is refused with a reason or becomes part of a letter.

`make fuzz` runs many cases, each time others; `make test` runs a few, always the same.
"""

import os
import zlib

import pikepdf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.printing.attachment_guard import find_print_problem
from server.printing.attachments import append_pages
from server.printing.proof import is_readable
from server.printing.sheet import PRINTABLE
from tests.support.letter_attachments import (
    change,
    make_blank,
    make_form,
    make_picture,
    make_text,
    make_written,
)

CASES = int(os.environ.get("FUZZ_CASES", "600"))
IS_LONG = "FUZZ_CASES" in os.environ
A4 = (595, 842)


def write_packed(content: bytes) -> bytes:
    """The same file with its objects in streams."""
    mode = pikepdf.ObjectStreamMode.generate
    return change(content, lambda _: None, object_stream_mode=mode)


SEEDS = [
    make_form(),
    make_text(),
    make_written("a-2b"),
    make_written("a-1b", 2),
    make_picture(pikepdf.Name.FlateDecode, zlib.compress(bytes(64))),
    write_packed(make_form()),
    write_packed(make_written("1.7", 3)),
]
SEEDS += [change(seed, lambda _: None, qdf=True) for seed in SEEDS[:5]]
# Words of the structure, exchanged for one another.
WORDS = sorted(
    {b"/Page", b"/Pages", b"/Catalog", b"/Kids", b"/Count", b"/Contents", b"/Resources", b"/Font",
     b"/XObject", b"/Length", b"/Filter", b"/FlateDecode", b"/LZWDecode", b"/MediaBox", b"/Parent",
     b"/Type", b"/Annots", b"/Rect", b"/FT", b"/V", b"endobj", b"endstream", b"stream", b" obj",
     b"xref", b"trailer", b"startxref", b"<<", b">>", b"[", b"]", b" R", b"null", b"true", b"-1",
     b"0", b"99999999999", b"1e400", b"()", b"/Root", b"/Size", b"/Prev", b"/W"}
)  # fmt: skip


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A file with bytes or words changed, moved, doubled or taken away."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(5, len(content)))
        length = draw(st.sampled_from((0, 1, 4, 40, 400)))
        content = content[:place] + draw(_replacements(content)) + content[place + length :]
    words = st.sampled_from(WORDS)
    for _ in range(draw(st.integers(0, 3))):
        content = content.replace(draw(words), draw(words), draw(st.sampled_from((1, 3, -1))))
    return content + draw(st.sampled_from((b"", b"\n%%EOF\n")))


@st.composite
def _replacements(draw: st.DrawFn, content: bytes) -> bytes:
    start = draw(st.integers(0, len(content)))
    copied = content[start : start + draw(st.sampled_from((4, 40, 400)))]
    return draw(st.binary(max_size=4) | st.sampled_from(WORDS) | st.just(copied))


@settings(
    max_examples=CASES,
    derandomize=not IS_LONG,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(content=damaged_files())
def test_attachment_that_is_damaged_is_refused_or_printed(content: bytes) -> None:
    problem = find_print_problem("a.pdf", content)
    if problem:
        assert problem.startswith("Die Anlage „a.pdf“ ")
        # Nothing here is large: whatever ends the check has brought a reader down.
        assert "zu aufwendig" not in problem
        return
    bundle = append_pages(make_blank(A4), [("a.pdf", content)], PRINTABLE)
    assert bundle.pages > 1
    assert is_readable(bundle.pdf)
