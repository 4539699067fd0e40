"""The columns of a Genericode document: which one is the key, and which one holds the name."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from server.xmlio.genericode_problems import Problems, clean

# What XÖV lists of the editions 1 to 4 write into the annotation of a key.
_RECOMMENDED = ("recommendedkeycolumn", "empfohlenecodespalte", "xoev-code")
_CODE_NAME = "xoev-codename"
_NAMES_OF_NAMES = ("name", "codename", "bezeichnung", "wert", "value", "klartext", "text")


@dataclass(frozen=True)
class Columns:
    """The columns by their Id in order, and those of key and name."""

    ids: tuple[str, ...]
    key: str
    name: str

    def find_id(self, position: int) -> str:
        """The Id of a column by its position; empty where there is none."""
        return self.ids[position] if position < len(self.ids) else ""


class ColumnReader:
    """Reads ColumnSet; what is wrong goes to the problems."""

    def __init__(self, root: etree._Element, problems: Problems) -> None:
        self._root = root
        self._problems = problems

    def read(self) -> Columns | None:
        """None where key and columns are not clear."""
        column_set = self._root.find("ColumnSet")
        if column_set is None:
            self._problems.at(
                self._root, "Es fehlt ColumnSet; Verweise auf andere Dateien werden nicht verfolgt."
            )
            return None
        columns = {column.get("Id", ""): column for column in column_set.iterfind("Column")}
        keys = column_set.findall("Key")
        key = self._choose_key(column_set, keys, columns)
        if not key:
            return None
        return Columns(tuple(columns), key, _choose_name(key, keys, columns))

    def _choose_key(
        self,
        column_set: etree._Element,
        keys: list[etree._Element],
        columns: Iterable[str],
    ) -> str:
        if not keys:
            self._problems.at(column_set, "Es fehlt die Schlüsselspalte (Key).")
            return ""
        chosen = next((key for key in keys if _is_annotated(key, _RECOMMENDED)), keys[0])
        references = [reference.get("Ref", "") for reference in chosen.iterfind("ColumnRef")]
        if len(references) != 1:
            self._problems.at(
                chosen, "Ein Schlüssel muss aus genau einer Spalte bestehen (Key/ColumnRef)."
            )
            return ""
        if references[0] not in columns:
            self._problems.at(chosen, f"Key nennt die Spalte „{references[0]}“, die es nicht gibt.")
            return ""
        return references[0]


def _choose_name(key: str, keys: list[etree._Element], columns: dict[str, etree._Element]) -> str:
    """The column that says it is the name, else the first other one that must be filled in."""
    others = {column: element for column, element in columns.items() if column != key}
    marked = [
        reference.get("Ref", "")
        for item in keys
        if _is_annotated(item, (_CODE_NAME,))
        for reference in item.iterfind("ColumnRef")
    ]
    named = [
        column for word in _NAMES_OF_NAMES for column in others if _is_called(others[column], word)
    ]
    required = [column for column in others if others[column].get("Use") == "required"]
    candidates = [column for column in marked if column in others]
    return next(iter([*candidates, *named, *required, *others]), key)


def _is_called(column: etree._Element, word: str) -> bool:
    return word in (column.get("Id", "").lower(), clean(column.findtext("ShortName")).lower())


def _is_annotated(key: etree._Element, names: tuple[str, ...]) -> bool:
    return any(
        etree.QName(element).localname.lower() in names for element in key.iterfind("Annotation//*")
    )
