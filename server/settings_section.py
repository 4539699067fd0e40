"""What all sections of the settings are made of: kinds of values, and the section itself."""

import ipaddress
from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(gt=0, le=100)]
MEBIBYTE = 1024 * 1024


def _require_https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("muss mit https:// beginnen")
    return url.rstrip("/")


def _require_fault_status(status: int) -> int:
    if status not in (400, 500):
        raise ValueError("muss 400 oder 500 sein")
    return status


def _require_clock(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError("muss eine Uhrzeit sein, etwa 16:00") from None
    return text


def _require_day(text: str) -> str:
    # A leap year, so that 29.02. is a day of every year that has it.
    full = f"{text}2028" if text.endswith(".") else text
    try:
        datetime.strptime(full, "%d.%m.%Y")
    except ValueError:
        raise ValueError("muss ein Tag sein, etwa 24.12. oder 15.05.2026") from None
    return text


def _require_network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("muss eine Adresse oder ein Netz sein, etwa 10.0.0.0/8") from None


FaultStatus = Annotated[int, AfterValidator(_require_fault_status)]
HttpsUrl = Annotated[str, AfterValidator(_require_https)]


def _split(value: object) -> object:
    """A list as the environment gives it: with commas between its items."""
    return [item for item in value.split(",") if item] if isinstance(value, str) else value


Clock = Annotated[str, Field(pattern="^[0-9]{2}:[0-9]{2}$"), AfterValidator(_require_clock)]
Clocks = Annotated[tuple[Clock, ...], BeforeValidator(_split)]
Weekday = Literal["mo", "di", "mi", "do", "fr", "sa", "so"]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_split)]
FreeDay = Annotated[
    str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.([0-9]{4})?$"), AfterValidator(_require_day)
]
FreeDayList = Annotated[tuple[FreeDay, ...], BeforeValidator(_split)]
# The Länder by their keys of ISO 3166-2.
LandCode = Annotated[
    str, Field(pattern="^(DE-(BW|BY|BE|BB|HB|HH|HE|MV|NI|NW|RP|SL|SN|ST|SH|TH))?$")
]
Days = Annotated[tuple[Positive, ...], BeforeValidator(_split)]
Network = Annotated[str, AfterValidator(_require_network)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_split)]
Sources = Annotated[tuple[HttpsUrl, ...], BeforeValidator(_split)]


class Section(BaseModel):
    """What belongs to one concern."""

    model_config = ConfigDict(frozen=True, extra="forbid")
