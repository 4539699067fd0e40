"""The façade's operation `brief`: the letter that was made of a message of the caller's."""

from collections.abc import Mapping

from server.domain.letter import LetterState
from server.services.sent_letters import SentLetters
from server.soap.amtshilfe.elements import add, child_text, respond
from server.soap.call import Call, Handler, Reply
from server.xmlio.moments import format_moment

_STAND = {
    LetterState.READY: "bereit",
    LetterState.BATCHED: "gesammelt",
    LetterState.HANDED_OVER: "ausgegeben",
    LetterState.PRINTED: "gedruckt",
    LetterState.POSTED: "versandt",
    LetterState.FAILED: "fehlgeschlagen",
    LetterState.RETURNED: "zurueckgekommen",
    LetterState.WITHDRAWN: "zurueckgezogen",
}


class LetterPort:
    """Contract types in, contract types out."""

    def __init__(self, letters: SentLetters) -> None:
        self._letters = letters

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"brief": self.brief}

    def brief(self, call: Call) -> Reply:
        """The letter with its PDF."""
        found = self._letters.find(call.caller, child_text(call.require_body(), "messageId"))
        stored, letter = found.letter, found.letter.letter
        response = respond("brief")
        add(response, "messageId", found.message.head.message_id)
        add(response, "briefId", letter.letter_id)
        add(response, "stand", _STAND[stored.state])
        add(response, "gesetzt", format_moment(stored.created))
        if found.batch_id:
            add(response, "stapel", found.batch_id)
            add(response, "nummer", str(stored.number))
        add(response, "seiten", str(letter.pages))
        add(response, "blaetter", str(letter.sheets))
        add(response, "sha256", letter.pdf.sha256)
        add(response, "dateiname", f"{letter.letter_id}.pdf")
        return Reply(response, attached=((add(response, "inhalt"), found.content),))
