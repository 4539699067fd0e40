"""How letters of a Mandant are printed: its own choices before the defaults of the installation."""

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Handling:
    """How a batch is printed and posted; stock, envelope and product are the output's own words.

    Empty words mean what the output does where nobody says anything.
    """

    duplex: bool
    colour: bool
    stock: str
    envelope: str
    product: str


@dataclass(frozen=True)
class PrintSettings:
    """Which output takes the letters, and how it prints and posts them.

    `stock`, `envelope` and `product` are the output's own words; empty ones leave it to the
    output. `cost_centre` is for the bill.
    """

    output: str
    duplex: bool = True
    colour: bool = False
    stock: str = ""
    envelope: str = ""
    product: str = ""
    cost_centre: str = ""

    @property
    def handling(self) -> Handling:
        """What letters of one batch have in common."""
        return Handling(self.duplex, self.colour, self.stock, self.envelope, self.product)


@dataclass(frozen=True)
class PrintChoice:
    """What a Mandant chose of it; None leaves it to the default, also one that changes."""

    output: str | None = None
    duplex: bool | None = None
    colour: bool | None = None
    stock: str | None = None
    envelope: str | None = None
    product: str | None = None
    cost_centre: str | None = None

    def apply_to(self, defaults: PrintSettings) -> PrintSettings:
        """The settings that hold."""
        return replace(defaults, **self._list_chosen())

    def change(self, new: "PrintChoice") -> "PrintChoice":
        """These choices with the new ones over them."""
        return replace(self, **new._list_chosen())

    def _list_chosen(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}
