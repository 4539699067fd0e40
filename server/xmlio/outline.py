"""What a message says, element by element, for whoever shows it to a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True)
class OutlineNode:
    """An element: its local name, its own text (without white space around it), its children."""

    name: str
    text: str
    attributes: Mapping[str, str]
    children: tuple["OutlineNode", ...]

    @property
    def is_leaf(self) -> bool:
        """True where it has no children."""
        return not self.children

    def find_text(self, name: str) -> str:
        """The text of the first child of this name; empty where there is none."""
        return next((child.text for child in self.children if child.name == name), "")


def read_outline(root: etree._Element) -> OutlineNode:
    """The outline of a valid message; comments and namespaces are left out."""
    return OutlineNode(
        etree.QName(root).localname,
        (root.text or "").strip(),
        {str(key): str(value) for key, value in root.attrib.items()},
        tuple(read_outline(child) for child in root.iterchildren(etree.Element)),
    )
