"""The Anschrift: where a debtor lives or an authority is reached by post."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Anschrift:
    """A German postal address; `plz` has five digits, `strasse` and `hausnummer` may be empty."""

    strasse: str
    hausnummer: str
    plz: str
    ort: str

    def lines(self) -> tuple[str, ...]:
        """The address as it stands on an envelope, without empty lines."""
        street = f"{self.strasse} {self.hausnummer}".strip()
        place = f"{self.plz} {self.ort}".strip()
        return tuple(line for line in (street, place) if line)
