"""Client certificates: to whom one is bound, and how soon it ends."""

from dataclasses import dataclass
from datetime import datetime

# Days before the end at which one is reminded.
EXPIRY_LADDER = (90, 60, 30, 14, 7, 1)


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate in short: `fingerprint` is SHA-256 of its DER form in hex, times in UTC."""

    fingerprint: str
    subject: str
    not_after: datetime

    def count_days_left(self, moment: datetime) -> int:
        """Whole days until its end; negative where it has ended."""
        return (self.not_after - moment).days

    def find_rung(self, moment: datetime) -> int | None:
        """The rung that it has reached: 0 where it has ended, None above the first."""
        left = self.not_after - moment
        if left.total_seconds() <= 0:
            return 0
        reached = [rung for rung in EXPIRY_LADDER if left.days < rung]
        return min(reached, default=None)
