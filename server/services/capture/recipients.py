"""Who is asked: the responsible Behoerde by the directory, or the one that somebody chose."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.anschrift import Anschrift
from server.domain.auskunft import Auskunft
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.draft import Draft, Step, StepValues
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.behoerde_search import TYPED_TYPE, find_behoerden
from server.services.directory import Directory, DirectoryUnavailable

OTHER = "andere"
_SEPARATOR = "|"
_DIRECTORY_AWAY = (
    "Das Verzeichnis ist zurzeit nicht erreichbar; wer zuständig ist, lässt sich nicht prüfen. "
    "Bitte versuchen Sie es in einigen Minuten noch einmal. Der Entwurf ist gespeichert."
)
_NOT_FOUND = (
    "Das Verzeichnis kennt keine Behörde mit der Kennung „{value}“, und keine für diesen Ort."
)
_SEVERAL = (
    "Zu „{value}“ passen mehrere Behörden; bitte geben Sie die Kennung einer von ihnen an: {names}"
)
_NO_CLAIM = "Wer zuständig ist, hängt von der Einnahmeart ab: Bitte erfassen Sie eine Forderung."
_NO_ADDRESS = (
    "Wer zuständig ist, sagt die Anschrift des ersten Schuldners; sie fehlt. Bitte wählen Sie die "
    "Behörde selbst."
)
_OPEN = "Bitte wählen Sie, welche Behörde ersucht wird."


@dataclass(frozen=True)
class Recipient:
    """The asked Behoerde; None where that is open, and `problem` (German) says why.

    `auskunft` is what the directory says about the address of the first debtor; `is_away` tells
    that it does not answer now.
    """

    behoerde: Behoerde | None = None
    auskunft: Auskunft | None = None
    is_chosen: bool = False
    problem: str = ""
    is_away: bool = False

    @property
    def candidates(self) -> tuple[Behoerde, ...]:
        """Whom the directory names."""
        return self.auskunft.behoerde_list if self.auskunft else ()


@dataclass(frozen=True)
class Question:
    """On what it depends who is asked."""

    einnahmeart: str
    anschrift: Anschrift
    chosen: PartyIdentifier | None


class Recipients:
    """Asks the directory; while it is away, the recipient is open."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find(self, draft: Draft) -> Recipient:
        """The recipient of a draft as it is."""
        try:
            return self._find(draft)
        except DirectoryUnavailable:
            return Recipient(problem=_DIRECTORY_AWAY, is_away=True)

    def _find(self, draft: Draft) -> Recipient:
        question = read_question(draft.content)
        auskunft, problem = self._ask(question)
        chosen = question.chosen
        if chosen:
            behoerde, missing = self._find_chosen(chosen, question.einnahmeart)
            return Recipient(behoerde, auskunft, is_chosen=True, problem=missing)
        if auskunft and auskunft.is_unambiguous:
            return Recipient(auskunft.behoerde_list[0], auskunft)
        return Recipient(None, auskunft, problem=problem or _OPEN)

    def _find_chosen(
        self, chosen: PartyIdentifier, einnahmeart: str
    ) -> tuple[Behoerde | None, str]:
        """Who was chosen or typed; a problem (German) where that is not one."""
        if behoerde := self._directory.find_behoerde(chosen):
            return behoerde, ""
        found = find_behoerden(self._directory, chosen.value, einnahmeart)
        if len(found.behoerde_list) == 1:
            return found.behoerde_list[0], ""
        text = _SEVERAL if found.behoerde_list else _NOT_FOUND
        return None, text.format(value=chosen.value, names=found.list_names())

    def _ask(self, question: Question) -> tuple[Auskunft | None, str]:
        if not question.einnahmeart:
            return None, _NO_CLAIM
        if not any(question.anschrift.lines()):
            return None, _NO_ADDRESS
        return self._directory.explain_zustaendigkeit(
            ZustaendigkeitAnfrage(question.einnahmeart, question.anschrift)
        ), ""


def read_question(content: Mapping[str, StepValues]) -> Question:
    """What a draft asks: by the first claim, the first debtor, and who was chosen."""
    debtors = content.get(Step.SCHULDNER.value, {}).get("schuldner") or [{}]
    claims = content.get(Step.FORDERUNGEN.value, {}).get("forderungen") or [{}]
    return Question(
        str(claims[0].get("einnahmeart") or ""),
        read_written_address(debtors[0]),
        read_choice(content.get(Step.SENDEN.value, {})),
    )


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
