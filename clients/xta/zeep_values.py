"""The peculiarities of what zeep hands over."""

from typing import Any


def read_body(answer: Any) -> Any:
    """The body of an answer, whether it has headers or not."""
    return getattr(answer, "body", answer)


def read_choice(value: Any, name: str) -> Any:
    """A chosen element; zeep leaves it out where its value is false or 0."""
    return getattr(value, name, None)


def read_text(value: Any) -> str:
    """The text of an element, whether it may have attributes or not."""
    return str(getattr(value, "_value_1", value) or "")


def read_code(value: Any) -> tuple[str, tuple[str, str]]:
    """A key, and URI and version of its code list."""
    return value.code, (value.listURI or "", value.listVersionID or "")
