"""Content-Type of requests and of their parts (RFC 2045, 5.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message

# Parameters that hold a media type of their own (RFC 2387; XOP 1.0, 4.1).
_NESTED = ("type", "start-info")


@dataclass(frozen=True)
class ContentType:
    """A media type in lower case and its parameters by their names in lower case."""

    media_type: str
    parameters: Mapping[str, str]

    def find_actions(self) -> Iterator[str]:
        """What `action` says, here and in the media types that are parameters of this one."""
        yield self.parameters.get("action", "")
        for name in _NESTED:
            nested = parse_content_type(self.parameters.get(name, ""))
            yield nested.parameters.get("action", "")


def parse_content_type(text: str) -> ContentType:
    """Takes a header value apart; one that cannot be read has no media type."""
    message = Message()
    message["Content-Type"] = text.replace("\r", " ").replace("\n", " ")
    try:
        (media_type, _), *parameters = message.get_params(failobj=[("", "")])
    except (LookupError, TypeError, ValueError):
        # Contradictory continuations (RFC 2231) are too much for the standard library.
        return ContentType("", {})
    return ContentType(
        media_type.strip().lower(),
        {name.lower(): _to_text(value) for name, value in parameters},
    )


def _to_text(value: str | tuple[str | None, str | None, str]) -> str:
    # An RFC 2231 value comes as (charset, language, text).
    return (value[2] if isinstance(value, tuple) else value).strip()
