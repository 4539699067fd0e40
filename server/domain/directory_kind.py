"""The DirectoryKind: what sorts of data the directory takes in and gives back as files."""

from enum import StrEnum


class DirectoryKind(StrEnum):
    """A sort of data; the value names it in commands and files."""

    GEMEINDEN = "gemeinden"
    ORTSTEILE = "ortsteile"
    BEHOERDEN = "behoerden"
    REGELN = "regeln"
    TEILNEHMER = "teilnehmer"

    @property
    def label(self) -> str:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    DirectoryKind.GEMEINDEN: "Gemeinden",
    DirectoryKind.ORTSTEILE: "Ortsteile",
    DirectoryKind.BEHOERDEN: "Behörden",
    DirectoryKind.REGELN: "Regeln",
    DirectoryKind.TEILNEHMER: "Teilnehmer",
}
