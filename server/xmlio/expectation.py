"""What a value should have been, in German: types of XML Schema, patterns, bounds."""

import re
from collections.abc import Sequence

_MAX_LISTED = 12
_TEXT_LENGTH = 60

_WHOLE_NUMBER = "eine ganze Zahl"
_BUILT_IN = {
    "date": "ein Datum (JJJJ-MM-TT)",
    "dateTime": "Datum und Uhrzeit (JJJJ-MM-TTThh:mm:ss)",
    "time": "eine Uhrzeit (hh:mm:ss)",
    "gYear": "ein Jahr (JJJJ)",
    "gYearMonth": "Jahr und Monat (JJJJ-MM)",
    "gMonth": "ein Monat (--MM)",
    "gMonthDay": "Monat und Tag (--MM-TT)",
    "gDay": "ein Tag (---TT)",
    "duration": "eine Dauer wie P14D",
    "decimal": "eine Zahl wie 12.34",
    "float": "eine Zahl wie 12.34",
    "double": "eine Zahl wie 12.34",
    "integer": _WHOLE_NUMBER,
    "nonNegativeInteger": "eine ganze Zahl ab 0",
    "positiveInteger": "eine ganze Zahl ab 1",
    "nonPositiveInteger": "eine ganze Zahl bis 0",
    "negativeInteger": "eine ganze Zahl unter 0",
    "long": _WHOLE_NUMBER,
    "int": _WHOLE_NUMBER,
    "short": "eine ganze Zahl von -32768 bis 32767",
    "byte": "eine ganze Zahl von -128 bis 127",
    "unsignedLong": "eine ganze Zahl ab 0",
    "unsignedInt": "eine ganze Zahl ab 0",
    "unsignedShort": "eine ganze Zahl von 0 bis 65535",
    "unsignedByte": "eine ganze Zahl von 0 bis 255",
    "boolean": "true oder false",
    "base64Binary": "Base64",
    "hexBinary": "eine gerade Anzahl von Zeichen 0-9 und A-F",
    "anyURI": "eine URI",
    "language": "ein Sprachkürzel wie de",
    "QName": "ein XML-Name, auch mit Präfix",
    "Name": "ein XML-Name",
    "NCName": "ein XML-Name ohne Präfix",
    "ID": "ein XML-Name ohne Präfix, der im Dokument nur einmal vorkommt",
    "IDREF": "ein XML-Name ohne Präfix",
    "IDREFS": "XML-Namen ohne Präfix",
    "NMTOKEN": "ein Wort ohne Leerzeichen",
    "NMTOKENS": "Wörter ohne Sonderzeichen",
    "token": "Text ohne Zeilenumbruch",
    "normalizedString": "Text ohne Zeilenumbruch",
    "string": "Text",
}
# Types whose pattern is better explained by what they are for.
_BY_TYPE_NAME = {
    "iban": "eine IBAN ohne Leerzeichen, wie DE02120300000000202051",
    "bic": "ein BIC mit 8 oder 11 Zeichen, wie BYLADEM1001",
}
_NUMBER_WORDS = (
    "null", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf",
)  # fmt: skip
_RANGES = {
    "A-Za-z": "Buchstaben", "a-zA-Z": "Buchstaben", "A-Z": "Großbuchstaben",
    "a-z": "Kleinbuchstaben", "0-9": "Ziffern", "\\d": "Ziffern",
    "a-f": "Buchstaben a bis f", "A-F": "Buchstaben A bis F",
}  # fmt: skip
_RANGE = re.compile("|".join(map(re.escape, _RANGES)))
_ONE_CLASS = re.compile(
    r"(?:\[(?P<class>(?:\\.|[^\\\[\]^])+)\]|(?P<digit>\\d))(?P<count>\{\d+(?:,\d*)?\}|[+*])?"
)
_ESCAPED_CLASS = re.compile(r"\\[A-Za-z]")
_DATE = re.compile(r"-?\d{4,}-\d\d")


def describe_built_in(name: str) -> str:
    """A value of a type of XML Schema, by its local name."""
    return _BUILT_IN.get(name, f"ein Wert vom Typ „{name}“")


def describe_pattern(pattern: str, type_name: str = "") -> str:
    """What a pattern asks for; the pattern itself where nothing better is known."""
    known = _BY_TYPE_NAME.get(type_name.lower())
    match = _ONE_CLASS.fullmatch(pattern)
    if known or not match:
        return known or f"das Muster „{shorten(pattern)}“"
    return _describe_class(match["class"] or match["digit"], match["count"] or "{1}")


def describe_values(values: Sequence[str]) -> str:
    """One of these values."""
    listed = ", ".join(f"„{shorten(value)}“" for value in values[:_MAX_LISTED])
    more = len(values) - _MAX_LISTED
    if len(values) == 1:
        return listed
    return f"einer der Werte {listed}" + (f" und {more} weitere" if more > 0 else "")


def describe_bound(facet: str, bound: str) -> str:
    """A bound of a number, or of a date."""
    words = {
        "minInclusive": ("mindestens", "frühestens"),
        "maxInclusive": ("höchstens", "spätestens"),
        "minExclusive": ("mehr als", "später als"),
        "maxExclusive": ("weniger als", "früher als"),
    }[facet]
    return f"{words[bool(_DATE.match(bound))]} {bound}"


def count_things(number: str, singular: str, plural: str) -> str:
    """A number with its noun."""
    return f"{number} {singular if number == '1' else plural}"


def shorten(text: str) -> str:
    """Text as it may be quoted: one line, printable, not too long."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(plain.split())
    return line if len(line) <= _TEXT_LENGTH else f"{line[:_TEXT_LENGTH]} …"


def _describe_class(signs: str, count: str) -> str:
    kinds = list(dict.fromkeys(_RANGES[found] for found in _RANGE.findall(signs)))
    rest = _RANGE.sub("", signs)
    others = rest.replace("\\", "")
    if "-" in others[1:-1] or _ESCAPED_CLASS.search(rest):
        return f"{_count(count, 'Zeichen')} aus [{shorten(signs)}]"
    named = [*kinds, *(f"„{sign}“" for sign in dict.fromkeys(others))]
    if named in (["Ziffern"], ["Großbuchstaben"], ["Kleinbuchstaben"], ["Buchstaben"]):
        return _count(count, named[0])
    return f"{_count(count, 'Zeichen')}, erlaubt sind {', '.join(named)}"


def _count(count: str, noun: str) -> str:
    if count in ("+", "*"):
        return f"nur {noun}" if noun != "Zeichen" else "beliebig viele Zeichen"
    low, comma, high = count.strip("{}").partition(",")
    if high == low or not comma:
        return _count_exactly(low, noun)
    return f"{low} bis {high} {noun}" if high else f"mindestens {low} {noun}"


def _count_exactly(number: str, noun: str) -> str:
    if number == "1":
        return {"Ziffern": "eine Ziffer", "Zeichen": "ein Zeichen"}.get(noun, f"ein {noun[:-1]}")
    is_word = int(number) < len(_NUMBER_WORDS)
    return f"{_NUMBER_WORDS[int(number)] if is_word else number} {noun}"
