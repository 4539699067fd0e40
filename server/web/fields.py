"""Fields for what clerks write: amounts, days, texts of several lines."""

from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import DateField, Field, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import TextInput

LONG_TEXT = 4000
SHORT_TEXT = 255
_LARGEST = Decimal("999999999999.99")


class EuroField(Field):
    """An amount as it is written in German: 1.234,50; `data` is a Decimal or None."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Reads what was typed."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = _read_amount(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return write_amount(self.data) if self.data is not None else ""


def write_amount(amount: Decimal) -> str:
    """1234.5 → 1234,50."""
    return f"{amount:.2f}".replace(".", ",")


def make_long_text(label: str, *, is_required: bool = True, description: str = "") -> TextAreaField:
    """A text of several lines, at most as long as the schema allows."""
    return TextAreaField(
        label,
        [*_presence(is_required=is_required), Length(max=LONG_TEXT)],
        description=description,
        render_kw={"rows": "5"},
    )


def make_day(label: str, *, is_required: bool = True, description: str = "") -> DateField:
    """A day."""
    return DateField(label, _presence(is_required=is_required), description=description)


def make_amount(label: str, *, is_required: bool = True, description: str = "") -> EuroField:
    """An amount in euro."""
    return EuroField(
        label,
        _presence(is_required=is_required),
        description=description or "In Euro, etwa 1.234,50",
        render_kw={"inputmode": "decimal"},
    )


def _presence(*, is_required: bool) -> list[Any]:
    return [InputRequired()] if is_required else [Optional()]


def _read_amount(text: str) -> Decimal:
    plain = text.removesuffix("€").strip().replace(" ", "").replace("\u00a0", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise ValueError("Bitte einen Betrag in Euro angeben, etwa 1.234,50.") from None
    if not (amount.is_finite() and 0 <= amount <= _LARGEST):
        raise ValueError("Bitte einen Betrag angeben, der nicht kleiner als null ist.")
    if amount != round(amount, 2):
        raise ValueError("Bitte höchstens zwei Stellen nach dem Komma angeben.")
    return round(amount, 2)
