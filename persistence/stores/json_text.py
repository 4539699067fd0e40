"""Columns of JSON that lists read as text: SQLAlchemy and json.loads take several times as long."""

from json import JSONDecoder
from typing import Any

from sqlalchemy import ColumnElement, Text, cast

_decode = JSONDecoder().raw_decode


def as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The column as it is kept, under its name."""
    return cast(column, Text).label(column.name)


def read_json(text: str) -> Any:
    """What stands in such a column; it begins without blanks, as it was written by us."""
    return _decode(text)[0]
