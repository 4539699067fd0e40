"""What all forms have in common: German messages, and fields that are drawn by our macros."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from flask import request
from wtforms import Form
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs


class GermanForm(Form):
    """A form whose messages are German; CSRF is checked by the guard, not here."""

    class Meta:
        """Read by WTForms."""

        locales = ("de",)

    @classmethod
    def of_request(cls, **values: Any) -> Self:
        """With what was sent; with `values` where nothing was sent."""
        sent = request.form if request.method == "POST" else request.args
        return cls(sent or None, data=values)


def make_choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Choices of a SelectField: value and German label."""
    return [SelectChoice(value, label) for value, label in pairs]


def text_of(field: Field) -> str:
    """What was typed; empty where nothing was."""
    return str(field.data or "")


def refuse_field(field: Field, text: str) -> None:
    """Shows at a field what a service said."""
    field.errors = [*field.errors, text]


class FileNeeded:
    """Marks the field of a file as one that is needed; the page looks whether one came."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Files are no values of a form, so that there is nothing to see here."""
