"""The preview of an Ersuchen: as its reader sees it, and as a letter. It prints nothing.

It knows the templates of letters and no output: nothing here can hand a letter over.
"""

from collections.abc import Sequence
from datetime import datetime

from server.domain.ersuchen import Ersuchen
from server.printing.letter import LetterAttachment, LetterOrder, LetterStyle, render_letter
from server.printing.letter_texts import KeyNames
from server.services.codelisten import Codelisten
from server.services.key_names import name_keys
from server.services.massnahmenkatalog import Massnahmenkataloge

_ORDER_ID = "Vorschau"


class Preview:
    """Names the keys of an Ersuchen, and sets its letter."""

    def __init__(
        self,
        codelisten: Codelisten,
        kataloge: Massnahmenkataloge,
        style: LetterStyle | None = None,
    ) -> None:
        self._codelisten = codelisten
        self._kataloge = kataloge
        self._style = style or LetterStyle()

    def name_keys(self, ersuchen: Ersuchen) -> KeyNames:
        """What the keys of an Ersuchen are called."""
        return name_keys(ersuchen, self._codelisten, self._kataloge)

    def draw_letter(
        self,
        ersuchen: Ersuchen,
        attachments: Sequence[LetterAttachment],
        moment: datetime,
    ) -> bytes:
        """The letter as PDF; raises UnprintableLetter."""
        order = LetterOrder(_ORDER_ID, moment)
        names = self.name_keys(ersuchen)
        return render_letter(ersuchen, attachments, order, names, self._style).pdf
