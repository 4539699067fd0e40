"""Names of files: from strangers into ours, without harm."""

import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# 255 bytes are allowed for a name; the rest is for what the connector appends.
_NAME_BYTES = 200
_SUFFIX_BYTES = 20
_FORBIDDEN = frozenset('<>:"|?*')
# Names that Windows keeps for devices, whatever their ending.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))]
)
_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
_LEFT_BY_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})


def is_hidden(name: str) -> bool:
    """True for files that no program shows, and for those that systems leave behind."""
    return name.startswith(".") or name.lower() in _LEFT_BY_SYSTEMS


def is_temporary(name: str) -> bool:
    """True for names under which programs write what is not complete."""
    return name.lower().endswith(_TEMPORARY) or name.startswith(("~", ".~"))


def is_transmittable(name: str) -> bool:
    """True for names that XML can carry: readable as UTF-8, without control characters."""
    return all(char >= " " and char != "\x7f" and is_xml_character(char) for char in name)


def is_xml_character(char: str) -> bool:
    """True for the characters of XML 1.0 (production Char)."""
    if char < " ":
        return char in "\t\n\r"
    return not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff"


def to_safe_name(original: str, fallback: str) -> str:
    """A name of one file: no path, no device, no hidden file, no sign that misleads, NFC."""
    composed = unicodedata.normalize("NFC", original)
    last = composed.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(_replace(char) for char in last)
    trimmed = _shorten(" ".join(kept.split()).lstrip(". ").rstrip(". "))
    if not trimmed.strip("_"):
        return fallback
    return f"_{trimmed}" if trimmed.partition(".")[0].strip().lower() in _DEVICES else trimmed


def number_names(originals: Iterable[str]) -> list[str]:
    """A safe name for each; those that Windows would take for the same are numbered."""
    names: list[str] = []
    taken: set[str] = set()
    for position, original in enumerate(originals, start=1):
        path = PurePosixPath(to_safe_name(original, f"Anlage-{position}"))
        name = find_free_name(
            path.stem, path.suffix, lambda candidate: candidate.casefold() in taken
        )
        taken.add(name.casefold())
        names.append(name)
    return names


def find_free_name(stem: str, suffix: str, is_taken: Callable[[str], bool]) -> str:
    """Stem and suffix, with a number between them where that is taken: `bescheid-2.pdf`."""
    candidate, number = f"{stem}{suffix}", 1
    while is_taken(candidate):
        number += 1
        candidate = f"{stem}-{number}{suffix}"
    return candidate


def _replace(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        # Signs without a shape, such as those that turn the direction of writing.
        return ""
    return "_" if char in _FORBIDDEN or category in ("Cc", "Cs", "Cn", "Co") else char


def _shorten(name: str) -> str:
    if len(name.encode()) <= _NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _SUFFIX_BYTES:
        return _cut(name, _NAME_BYTES)
    return _cut(stem, _NAME_BYTES - len(suffix.encode()) - 1) + "." + suffix


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore").rstrip(". ")
