"""How wide texts are in the font of the letter, by its own metrics."""

import json
from functools import lru_cache

import typst

FONT = "Libertinus Serif"
_SIZE = 100
# Latin with all its additions, Greek, Cyrillic, punctuation and signs of currency.
_BLOCKS = (range(0x20, 0x7F), range(0xA0, 0x530), range(0x1E00, 0x2000), range(0x2010, 0x20C0))
_QUERY = f"""
#set text(font: "{FONT}", size: {_SIZE}pt)
#context [#metadata(
  json(bytes(sys.inputs.characters)).map(c => measure(text(c)).width.pt())
) <widths>]
"""


def measure_text(text: str) -> float:
    """The width as a share of the size of type; a little more than when letters are kerned.

    A character that is not in the table counts as wide as the size of type.
    """
    widths = _measure_characters()
    return sum(widths.get(character, 1.0) for character in text)


@lru_cache(maxsize=1)
def _measure_characters() -> dict[str, float]:
    characters = [chr(code) for block in _BLOCKS for code in block]
    answer = typst.query(
        _QUERY.encode(),
        "<widths>",
        field="value",
        one=True,
        ignore_system_fonts=True,
        sys_inputs={"characters": json.dumps(characters)},
    )
    widths = json.loads(answer)
    # A combining mark takes no room beside its letter; a space alone is measured with its own.
    return {c: width / _SIZE for c, width in zip(characters, widths, strict=True)}
