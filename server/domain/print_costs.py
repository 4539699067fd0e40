"""What letters cost: prices of an output, and what a number of letters comes to."""

from dataclasses import dataclass
from decimal import Decimal

from server.domain.figures import LetterSums

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class PrintPrices:
    """Prices in euro, with fractions of a cent where the output has such prices."""

    letter: Decimal = Decimal()
    sheet: Decimal = Decimal()
    page: Decimal = Decimal()

    @property
    def are_known(self) -> bool:
        """False where the settings name no price."""
        return bool(self.letter or self.sheet or self.page)

    def compute(self, sums: LetterSums) -> Decimal:
        """What so many letters cost, in euro with two decimals."""
        total = self.letter * sums.letters + self.sheet * sums.sheets + self.page * sums.pages
        return total.quantize(_CENT)
