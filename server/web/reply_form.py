"""What the forms of all messages that follow an Ersuchen have in common."""

from typing import Any, Self

from flask import request
from werkzeug.datastructures import CombinedMultiDict
from wtforms import HiddenField, MultipleFileField, StringField
from wtforms.validators import Length

from server.domain.vorgang_nachricht import Inhalt
from server.services.replying import ReplyContext
from server.services.upload_kinds import ENDINGS, FORMATS
from server.web.fields import SHORT_TEXT
from server.web.forms import GermanForm


class ReplyForm(GermanForm):
    """What all have in common: our Aktenzeichen, who works on it, and attachments.

    `main` names the fields of the message itself, in their order.
    """

    main: tuple[str, ...] = ()

    message_id = HiddenField()
    aktenzeichen = StringField("Unser Aktenzeichen", [Length(max=SHORT_TEXT)])
    bearbeiter = StringField("Bearbeitung", [Length(max=SHORT_TEXT)])
    anlagen = MultipleFileField(
        "Anlagen",
        description=f"Eine oder mehrere Dateien: {FORMATS}",
        render_kw={"accept": ENDINGS},
    )

    @classmethod
    def of_context(cls, context: ReplyContext) -> Self:
        """With what was sent; at first with what is known of the matter."""
        is_sent = request.method == "POST"
        sent: Any = CombinedMultiDict[Any, Any]([request.form, request.files]) if is_sent else None
        form = cls(
            sent,
            data={
                "message_id": context.message_id,
                "aktenzeichen": context.own.aktenzeichen,
                "bearbeiter": context.own.bearbeiter,
                **cls.suggest(context),
            },
        )
        form.fit(context)
        return form

    @classmethod
    def suggest(cls, context: ReplyContext) -> dict[str, Any]:
        """First values."""
        return {}

    def fit(self, context: ReplyContext) -> None:
        """Choices that the matter decides."""

    def read(self, context: ReplyContext) -> Inhalt:
        """What the message says; the form is valid."""
        raise NotImplementedError
