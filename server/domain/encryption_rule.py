"""Whether contents for another data centre are encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EncryptionRule(StrEnum):
    """What holds for a destination; the values are those of the settings."""

    OFF = "off"
    # Where a certificate of the reader is known; else in the clear (TLS holds in any case).
    OPPORTUNISTIC = "opportunistic"
    # Without a certificate nothing goes out.
    REQUIRED = "required"


@dataclass(frozen=True)
class EncryptionRules:
    """The rule for all data centres, and those of single ones by their names."""

    default: EncryptionRule = EncryptionRule.OFF
    by_centre: Mapping[str, EncryptionRule] = field(default_factory=dict)

    def find(self, centre: str) -> EncryptionRule:
        """The rule that holds for a data centre."""
        return self.by_centre.get(centre, self.default)
