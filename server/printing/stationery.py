"""What a letter is set with: templates, letterhead, logo and footer, which need no code.

A file is looked for in the folder of the Mandant, then in that of the installation, then among
those that are shipped. The setter sees these files and no other.
"""

import base64
import re
import struct
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from server.domain.behoerde import PartyIdentifier
from server.domain.letterhead import Letterhead, Logo, LogoKind
from server.printing.typesetting import Typesetter

SHIPPED = Path(__file__).parent / "templates"
MAIN = "ersuchen.typ"
LETTERHEAD = "briefkopf.toml"
LOGO = "logo.svg"
LOGOS = (LOGO, "logo.png")
_MAX_LOGO_BYTES = 2 * 1024 * 1024
_MAX_LINES = {"vermerke": 4, "fuss": 3}
# Where a PNG says how many pixels wide and high it is.
_PNG_SIZE_AT = 16
_LOGO_HEADS = {
    "logo.svg": re.compile(rb"\s*(?:<\?xml|<!--|<svg)"),
    "logo.png": re.compile(rb"\x89PNG\r\n\x1a\n.{16}", re.DOTALL),
}
# Packages would be fetched from a server of their publisher.
_PACKAGE = re.compile(r'"@[a-z]')
_FOLDER_SIGN = re.compile(r"[^A-Za-z0-9._-]")
_TEXT_KEYS = ("name", "absenderzeile")
_LIST_KEYS = ("zeilen", "vermerke", "fuss")


class TemplatesInvalid(Exception):
    """The folder of the templates cannot be used; `problems` names every mistake, in German."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Stationery:
    """The files that the setter sees, by name, and the letterhead."""

    files: Mapping[str, bytes]
    letterhead: Letterhead = field(default_factory=Letterhead)

    @property
    def logo(self) -> str:
        """The name of the file of the logo; empty where there is none."""
        return LOGO if LOGO in self.files else ""

    @cached_property
    def typesetter(self) -> Typesetter:
        """Sets with these files."""
        return Typesetter(self.files, MAIN)

    def change(self, letterhead: Letterhead, logo: Logo | None) -> "Stationery":
        """The same templates with another letterhead; without a logo, the present one stays."""
        if logo is None:
            return Stationery(self.files, letterhead)
        return Stationery({**self.files, LOGO: _draw_logo(logo)}, letterhead)


class StationerySource(Protocol):
    """Knows with which stationery an authority writes."""

    def find_for(self, identifier: PartyIdentifier | None) -> Stationery:
        """The stationery of an authority, known here or not; with None of the installation."""


class StationeryFolders:
    """All stationery of an installation, read and checked once."""

    def __init__(self, folder: Path | None = None) -> None:
        """Reads the folder; raises TemplatesInvalid with every mistake it finds."""
        problems: list[str] = []
        shipped = _read_files(SHIPPED, problems)
        own = _read_folder(folder, problems) if folder else {}
        self._general = _make(own, shipped, folder or SHIPPED, problems)
        self._mandanten = {
            path.name: _make(_read_folder(path, problems), {**shipped, **own}, path, problems)
            for path in _list_folders(folder)
        }
        if problems:
            raise TemplatesInvalid(problems)

    def find_for(self, identifier: PartyIdentifier | None) -> Stationery:
        """The stationery of an authority: its own, or that of the installation."""
        if identifier is None:
            return self._general
        return self._mandanten.get(name_folder(identifier), self._general)

    def list_all(self) -> Iterator[tuple[str, Stationery]]:
        """Every stationery with the name of its folder; empty for that of the installation."""
        yield "", self._general
        yield from self._mandanten.items()


def name_folder(identifier: PartyIdentifier) -> str:
    """The folder of a Mandant: its Kennung, with `_` for what no name of a file should have.

    >>> name_folder(PartyIdentifier("ags:12054000", "xoev"))
    'xoev_ags_12054000'
    """
    return _FOLDER_SIGN.sub("_", str(identifier))


def _list_folders(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _read_folder(folder: Path, problems: list[str]) -> dict[str, bytes]:
    if not folder.is_dir():
        problems.append(f"Den Ordner für Briefvorlagen {folder} gibt es nicht.")
        return {}
    files = _read_files(folder, problems)
    problems.extend(_find_problems(folder, files))
    return files


def _read_files(folder: Path, problems: list[str]) -> dict[str, bytes]:
    files = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            problems.append(f"{path}: ist nicht lesbar ({error.strerror}).")
    return files


def _find_problems(folder: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in files.items():
        if name.endswith(".typ"):
            yield from _find_template_problems(folder / name, content)
        elif name in LOGOS:
            yield from _find_logo_problems(folder / name, content)
        elif name != LETTERHEAD:
            yield (
                f"{folder / name}: Erwartet werden nur *.typ, {', '.join(LOGOS)} und {LETTERHEAD}."
            )


def _find_template_problems(path: Path, content: bytes) -> Iterator[str]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        yield f"{path}: Die Vorlage ist nicht in UTF-8 kodiert."
        return
    if _PACKAGE.search(text):
        yield f"{path}: Eine Vorlage darf keine Pakete (@…) einbinden."


def _find_logo_problems(path: Path, content: bytes) -> Iterator[str]:
    if len(content) > _MAX_LOGO_BYTES:
        yield f"{path}: Das Logo ist größer als 2 MiB."
    if not _LOGO_HEADS[path.name].match(content):
        yield f"{path}: Das Logo ist keine {path.suffix[1:].upper()}-Datei."


def _make(
    own: Mapping[str, bytes], below: Mapping[str, bytes], folder: Path, problems: list[str]
) -> Stationery:
    """Own files hide those below; an own logo hides one of the other kind."""
    has_logo = any(name in own for name in LOGOS)
    kept = {name: c for name, c in below.items() if not (has_logo and name in LOGOS)}
    files = {**kept, **own}
    # One of the folder below is read there too, with its mistakes.
    heard = problems if LETTERHEAD in own else []
    letterhead = _read_letterhead(files.get(LETTERHEAD, b""), folder / LETTERHEAD, heard)
    visible = {name: c for name, c in files.items() if name not in (LETTERHEAD, *LOGOS)}
    logo = _find_logo(files)
    return Stationery({**visible, LOGO: logo} if logo else visible, letterhead)


def _find_logo(files: Mapping[str, bytes]) -> bytes:
    pixels = files.get("logo.png", b"")
    if not _LOGO_HEADS["logo.png"].match(pixels):
        return files.get(LOGO, b"")
    return _draw_logo(Logo(LogoKind.PNG, pixels))


def _draw_logo(logo: Logo) -> bytes:
    """The logo as SVG: templates know one kind only, so pixels are packed into it."""
    if logo.kind is LogoKind.SVG:
        return logo.content
    width, height = read_png_size(logo.content)
    size = f'width="{width}" height="{height}"'
    data = base64.b64encode(logo.content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
        f'<image {size} href="data:image/png;base64,{data}"/></svg>'
    ).encode()


def read_png_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, as its head says."""
    width, height = struct.unpack_from(">II", content, _PNG_SIZE_AT)
    return width, height


def _read_letterhead(content: bytes, path: Path, problems: list[str]) -> Letterhead:
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: Kein gültiges TOML in UTF-8: {error}.")
        return Letterhead()
    found = list(_find_letterhead_problems(values))
    problems.extend(f"{path}: {problem}" for problem in found)
    if found:
        return Letterhead()
    lists = {key: tuple(values.get(key, ())) for key in _LIST_KEYS}
    return Letterhead(values.get("name", ""), values.get("absenderzeile", ""), **lists)


def _find_letterhead_problems(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        if key in _TEXT_KEYS:
            if not isinstance(value, str):
                yield f"{key} muss ein Text sein."
        elif key in _LIST_KEYS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                yield f"{key} muss eine Liste von Texten sein."
        else:
            known = ", ".join((*_TEXT_KEYS, *_LIST_KEYS))
            yield f"Den Schlüssel {key} gibt es nicht; möglich sind {known}."
    for key, most in _MAX_LINES.items():
        lines = values.get(key, ())
        if isinstance(lines, list) and len(lines) > most:
            yield f"{key} darf höchstens {most} Zeilen haben."
