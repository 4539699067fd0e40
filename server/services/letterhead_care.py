"""An authority sets what stands on its letters: looked at before it counts, and taken back."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from persistence.database import Database
from server.domain.ersuchen import Akteur
from server.domain.letterhead import Letterhead, Logo, LogoKind, NewLetterhead, OwnLetterhead
from server.domain.web_user import Actor
from server.printing.attachment_guard import CheckUnavailable, draw_logo
from server.printing.attachments import HEAD_MARK
from server.printing.letter import LetterStyle
from server.printing.logo import PNG_START, find_png_problem
from server.printing.logo_pdf import LogoRefused
from server.printing.stationery import Stationery
from server.printing.template_check import (
    MAX_NOTES_FRANKED,
    SampleFailed,
    draw_sample,
    find_stationery_problems,
)
from server.services.authority_data import AuthorityData
from server.services.clock import Clock
from server.services.letterheads import Letterheads
from server.services.web_access.audit import make_entry
from server.xmlio.svg import SvgRefused, check_svg

MAX_LOGO_BYTES = 2 * 1024 * 1024
MAX_LINE = 160
_MAX_LINES = {"zeilen": 4, "vermerke": 4, "fuss": 3}
_NAMES = {
    "name": "Name",
    "absenderzeile": "Rücksendeangabe",
    "zeilen": "Zeilen des Briefkopfs",
    "vermerke": "Vermerke",
    "fuss": "Fußzeilen",
}


class LetterheadRefused(Exception):
    """It cannot be printed; `field` names what is wrong (as in Letterhead, or `logo`), if known.

    The text is German.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class LetterheadChanged(Exception):
    """Somebody else was faster; the text is German."""

    def __init__(self, own: OwnLetterhead | None) -> None:
        by = own.changed_by if own else "Jemand"
        super().__init__(
            f"{by} hat den Briefkopf inzwischen geändert. Ihre Eingaben stehen noch hier: "
            "Speichern Sie noch einmal, um sie zu behalten."
        )


@dataclass(frozen=True)
class LetterheadView:
    """What is printed now; `own` is None where it is what the installation prints.

    `max_notes` is how many Vermerke have room.
    """

    letterhead: Letterhead
    has_logo: bool
    own: OwnLetterhead | None
    max_notes: int

    @property
    def revision(self) -> str:
        """What a change names; empty where nothing was set."""
        return self.own.revision if self.own else ""


@dataclass(frozen=True)
class LetterheadForm:
    """What was typed and uploaded; without a file the own logo stays, unless it is dropped."""

    letterhead: Letterhead
    file: bytes = b""
    drops_logo: bool = False


class LetterheadCare:
    """Shows and changes the letterhead of the actor's Mandant."""

    def __init__(
        self,
        database: Database,
        letterheads: Letterheads,
        style: LetterStyle,
        authority: AuthorityData,
        clock: Clock,
    ) -> None:
        self._database = database
        self._letterheads = letterheads
        self._style = style
        self._authority = authority
        self._clock = clock

    def show(self, actor: Actor) -> LetterheadView:
        """What is printed on the next letter."""
        own, present = self._find_own(actor), self._find_present(actor)
        most = MAX_NOTES_FRANKED if self._style.is_franked_by_service else _MAX_LINES["vermerke"]
        return LetterheadView(present.letterhead, bool(present.logo), own, most)

    def find_logo(self, actor: Actor) -> bytes | None:
        """The logo as SVG; None where there is none."""
        present = self._find_present(actor)
        return present.files[present.logo] if present.logo else None

    def draw_sample(self, actor: Actor, form: LetterheadForm) -> bytes:
        """A letter as PDF as it would look; keeps nothing. Raises LetterheadRefused."""
        stationery = self._try(actor, self._read(actor, form))
        try:
            return draw_sample(stationery, self._style, self._make_sender(actor))
        except SampleFailed as error:
            raise LetterheadRefused(str(error)) from error

    def change(self, actor: Actor, form: LetterheadForm, revision: str) -> None:
        """Counts from the next letter; raises LetterheadRefused and LetterheadChanged."""
        new = self._read(actor, form)
        self._try(actor, new)
        before = self._find_present(actor).letterhead
        moment, mandant = self._clock(), actor.own_mandant
        with self._database.writing() as stores:
            stores.mandanten.find_for_change(mandant.key)
            present = stores.letterheads.find(mandant.key)
            if (present.revision if present else "") != revision:
                raise LetterheadChanged(present)
            name = actor.user.name
            stores.letterheads.save(mandant.key, new, uuid.uuid4().hex, moment, name)
            text = _describe(before, new, present.logo if present else None)
            subject = str(mandant.identifier)
            stores.audit.add(make_entry(actor, moment, "briefkopf-geaendert", subject, text))

    def reset(self, actor: Actor) -> bool:
        """Prints what the installation prints; False where nothing was set."""
        mandant = actor.own_mandant
        with self._database.writing() as stores:
            if not stores.letterheads.remove(mandant.key):
                return False
            subject = str(mandant.identifier)
            entry = make_entry(actor, self._clock(), "briefkopf-zurueckgesetzt", subject)
            stores.audit.add(entry)
            return True

    def _find_own(self, actor: Actor) -> OwnLetterhead | None:
        with self._database.reading() as stores:
            return stores.letterheads.find(actor.mandant_key)

    def _find_present(self, actor: Actor) -> Stationery:
        return self._letterheads.find_for(actor.own_mandant.identifier)

    def _read(self, actor: Actor, form: LetterheadForm) -> NewLetterhead:
        _require_texts(form.letterhead)
        if form.file:
            return NewLetterhead(form.letterhead, read_logo(form.file))
        own = None if form.drops_logo else self._find_own(actor)
        return NewLetterhead(form.letterhead, own.logo if own else None)

    def _try(self, actor: Actor, new: NewLetterhead) -> Stationery:
        general = self._letterheads.find_general(actor.own_mandant.identifier)
        stationery = general.change(new.letterhead, new.logo)
        problems = " ".join(find_stationery_problems(stationery, self._style))
        if problems:
            raise LetterheadRefused(problems)
        return stationery

    def _make_sender(self, actor: Actor) -> Akteur | None:
        """The authority as the directory knows it; the one of the sample where it does not."""
        behoerde = self._authority.show(actor).behoerde
        if behoerde is None:
            return None
        return Akteur(behoerde.identifier, behoerde.name, behoerde.anschrift, "AZ 1")


def read_logo(content: bytes) -> Logo:
    """The logo in a file, its kind by its content; raises LetterheadRefused.

    Of a PDF what it shows is kept, with lines where the drawing holds nothing but what an SVG may,
    else with pixels.
    """
    if len(content) > MAX_LOGO_BYTES:
        raise LetterheadRefused("Das Logo ist größer als 2 MB.", "logo")
    if content.startswith(HEAD_MARK):
        return _read_pdf(content)
    is_png = content.startswith(PNG_START)
    problem = find_png_problem(content) if is_png else _find_svg_problem(content)
    if problem:
        raise _refuse_logo(problem)
    return Logo(LogoKind.PNG if is_png else LogoKind.SVG, content)


def _read_pdf(content: bytes) -> Logo:
    try:
        drawing = draw_logo(content)
    except LogoRefused as error:
        raise _refuse_logo(str(error)) from None
    except CheckUnavailable as error:
        text = "Das PDF lässt sich zurzeit nicht prüfen. Bitte versuchen Sie es später noch einmal."
        raise LetterheadRefused(text, "logo") from error
    if len(drawing.svg) <= MAX_LOGO_BYTES and _find_svg_problem(drawing.svg) is None:
        return Logo(LogoKind.SVG, drawing.svg)
    problem = find_png_problem(drawing.png)
    if problem is None and len(drawing.png) > MAX_LOGO_BYTES:
        problem = "wird beim Drucken zu groß; bitte verwenden Sie eine einfachere Fassung"
    if problem:
        raise _refuse_logo(problem)
    return Logo(LogoKind.PNG, drawing.png)


def _refuse_logo(problem: str) -> LetterheadRefused:
    return LetterheadRefused(f"Das Logo {problem}.", "logo")


def _find_svg_problem(content: bytes) -> str | None:
    if b"<" not in content[:1024]:
        return "ist weder eine PNG-, noch eine SVG-, noch eine PDF-Datei"
    try:
        pictures = check_svg(content)
    except SvgRefused as error:
        return str(error).rstrip(".")
    found = next(filter(None, map(find_png_problem, pictures)), None)
    return f"enthält ein Bild, das sich nicht drucken lässt: Es {found}" if found else None


def _require_texts(letterhead: Letterhead) -> None:
    for name, value in asdict(letterhead).items():
        lines = (value,) if isinstance(value, str) else value
        if len(lines) > _MAX_LINES.get(name, 1):
            raise LetterheadRefused(f"Höchstens {_MAX_LINES[name]} Zeilen.", name)
        if any(len(line) > MAX_LINE or not line.isprintable() for line in lines):
            raise LetterheadRefused(
                f"Höchstens {MAX_LINE} Zeichen in einer Zeile, keine Steuerzeichen.", name
            )


def _describe(before: Letterhead, new: NewLetterhead, old_logo: Logo | None) -> str:
    """What changed, for the audit."""
    return "; ".join(_list_changes(asdict(before), asdict(new.letterhead), new.logo, old_logo))


def _list_changes(
    old: dict[str, Any], new: dict[str, Any], logo: Logo | None, old_logo: Logo | None
) -> Iterator[str]:
    for name, value in new.items():
        if value != old[name]:
            text = value if isinstance(value, str) else " · ".join(value)
            yield f"{_NAMES[name]}: {text or 'wie vorgegeben'}"
    if logo != old_logo:
        yield f"Logo: {_name_logo(logo)}"


def _name_logo(logo: Logo | None) -> str:
    if logo is None:
        return "wie vorgegeben"
    digest = hashlib.sha256(logo.content).hexdigest()
    return f"{logo.kind.upper()}, {len(logo.content)} Bytes, SHA-256 {digest}"
