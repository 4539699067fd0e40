"""Who is asked: the responsible Behoerde by the directory, or the one that somebody chose."""

from dataclasses import dataclass

from server.domain.anschrift import Anschrift
from server.domain.auskunft import Auskunft
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.draft import Draft, Step, StepValues
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.directory import Directory, DirectoryUnavailable

# The type of identifiers that are typed; those of the directory bring their own.
TYPED_TYPE = "xoev"
OTHER = "andere"
_SEPARATOR = "|"
_DIRECTORY_AWAY = (
    "Das Verzeichnis ist zurzeit nicht erreichbar; wer zuständig ist, lässt sich nicht prüfen. "
    "Bitte versuchen Sie es in einigen Minuten noch einmal. Der Entwurf ist gespeichert."
)
_NOT_FOUND = "Das Verzeichnis kennt keine Behörde mit der Kennung „{value}“."
_NO_CLAIM = "Wer zuständig ist, hängt von der Einnahmeart ab: Bitte erfassen Sie eine Forderung."
_NO_ADDRESS = (
    "Wer zuständig ist, sagt die Anschrift des ersten Schuldners; sie fehlt. Bitte wählen Sie die "
    "Behörde selbst."
)
_OPEN = "Bitte wählen Sie, welche Behörde ersucht wird."


@dataclass(frozen=True)
class Recipient:
    """The asked Behoerde; None where that is open, and `problem` (German) says why.

    `auskunft` is what the directory says about the address of the first debtor.
    """

    behoerde: Behoerde | None = None
    auskunft: Auskunft | None = None
    is_chosen: bool = False
    problem: str = ""

    @property
    def candidates(self) -> tuple[Behoerde, ...]:
        """Whom the directory names."""
        return self.auskunft.behoerde_list if self.auskunft else ()


class Recipients:
    """Asks the directory; while it is away, the recipient is open."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find(self, draft: Draft) -> Recipient:
        """The recipient of a draft as it is."""
        try:
            return self._find(draft)
        except DirectoryUnavailable:
            return Recipient(problem=_DIRECTORY_AWAY)

    def _find(self, draft: Draft) -> Recipient:
        auskunft, problem = self._ask(draft)
        chosen = read_choice(draft.values_of(Step.SENDEN))
        if chosen:
            behoerde = self._directory.find_behoerde(chosen)
            missing = "" if behoerde else _NOT_FOUND.format(value=chosen.value)
            return Recipient(behoerde, auskunft, is_chosen=True, problem=missing)
        if auskunft and auskunft.is_unambiguous:
            return Recipient(auskunft.behoerde_list[0], auskunft)
        return Recipient(None, auskunft, problem=problem or _OPEN)

    def _ask(self, draft: Draft) -> tuple[Auskunft | None, str]:
        einnahmeart = _first_text(draft.values_of(Step.FORDERUNGEN), "forderungen", "einnahmeart")
        if not einnahmeart:
            return None, _NO_CLAIM
        debtors = draft.values_of(Step.SCHULDNER).get("schuldner") or [{}]
        anschrift = read_written_address(debtors[0])
        if not any(anschrift.lines()):
            return None, _NO_ADDRESS
        return self._directory.explain_zustaendigkeit(
            ZustaendigkeitAnfrage(einnahmeart, anschrift)
        ), ""


def read_written_address(row: StepValues) -> Anschrift:
    """The address of a row as it was typed."""
    parts = (
        " ".join(str(row.get(name) or "").split())[:255]
        for name in ("strasse", "hausnummer", "plz", "ort")
    )
    return Anschrift(*parts)


def write_identifier(identifier: PartyIdentifier) -> str:
    """An identifier as the value of a choice."""
    return f"{identifier.type}{_SEPARATOR}{identifier.value}"


def read_choice(values: StepValues) -> PartyIdentifier | None:
    """Whom somebody chose; None where that is left to the directory."""
    chosen = str(values.get("empfaenger") or "")
    if chosen == OTHER:
        typed = " ".join(str(values.get("kennung") or "").split())
        return PartyIdentifier(typed, TYPED_TYPE) if typed else None
    kind, separator, value = chosen.partition(_SEPARATOR)
    return PartyIdentifier(value, kind) if separator else None


def _first_text(values: StepValues, rows: str, name: str) -> str:
    found = values.get(rows) or [{}]
    return str(found[0].get(name) or "")
