"""What a crash run does: how many messages by which ways, and what each of them holds.

Everything about a message follows from the seed and its number, so that any process can make it
again and an audit can say what it should have been.
"""

import hashlib
import os
import random
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1024 * 1024
# So many of a hundred messages; what is left goes into the own mailbox.
_LETTERS, _FORWARDED, _AT_OTHER = 2, 12, 30
_LARGE_PER_THOUSAND = 10
# One of so many is tried once and given up: it may be there, but only once.
_GIVEN_UP_EVERY = 40


class Way(StrEnum):
    """Where a message goes."""

    OWN = "mailbox at the first server"
    OTHER = "mailbox at the second server"
    FORWARDED = "from the first server to a mailbox at the second"
    LETTER = "letter"


class Storage(StrEnum):
    """Which database both servers have."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True)
class CrashPlan:
    """A run: at least `messages` are acknowledged while `kills` processes or connections end.

    `minutes` end a run that does not get on.
    """

    messages: int = 20_000
    kills: int = 200
    storage: Storage = Storage.SQLITE
    seed: str = ""
    minutes: int = 60

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "CrashPlan":
        """From CRASH_MESSAGES, CRASH_KILLS, CRASH_DATABASE, CRASH_SEED and CRASH_MINUTES."""
        return cls(
            int(environment.get("CRASH_MESSAGES", cls.messages)),
            int(environment.get("CRASH_KILLS", cls.kills)),
            Storage(environment.get("CRASH_DATABASE", cls.storage)),
            environment.get("CRASH_SEED") or secrets.token_hex(4),
            int(environment.get("CRASH_MINUTES", cls.minutes)),
        )

    def list_messages(self, share: int = 0, shares: int = 1) -> Iterator["Consignment"]:
        """The messages of one of several senders, in the order of their numbers."""
        surplus = self.messages // (_GIVEN_UP_EVERY - 1) + 1
        for number in range(share, self.messages + surplus, shares):
            yield Consignment(self.seed, number)

    def make_random(self, purpose: str) -> random.Random:
        """Chance that is the same for the same seed."""
        return random.Random(f"{self.seed}:{purpose}")


@dataclass(frozen=True)
class Consignment:
    """One message."""

    seed: str
    number: int

    @property
    def message_id(self) -> str:
        """Its MessageID."""
        return f"urn:de:xta:messageid:crash:{self.seed}:{self.number}"

    @property
    def way(self) -> Way:
        """Where it goes."""
        percent = self._random("way").randrange(100)
        for way, share in (
            (Way.LETTER, _LETTERS),
            (Way.FORWARDED, _FORWARDED),
            (Way.OTHER, _AT_OTHER),
        ):
            if percent < share:
                return way
            percent -= share
        return Way.OWN

    @property
    def is_given_up(self) -> bool:
        """True where the sender does not repeat it."""
        return self.number % _GIVEN_UP_EVERY == _GIVEN_UP_EVERY - 1

    @property
    def aktenzeichen(self) -> str:
        """Makes a letter unlike all others."""
        return f"VS-{self.seed}-{self.number}"

    def make_text(self) -> bytes:
        """The message itself, where it goes into a mailbox: a line nobody else has, and bytes."""
        chance = self._random("text")
        head = f"{self.message_id}\n".encode()
        return head + chance.randbytes(chance.randrange(200, 3000))

    def make_attachment(self) -> bytes | None:
        """1 MB for some of those that go into a mailbox."""
        chance = self._random("attachment")
        is_large = chance.randrange(1000) < _LARGE_PER_THOUSAND
        return chance.randbytes(MEBIBYTE) if is_large else None

    def _random(self, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}:{self.number}:{purpose}")


def hash_part(content: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(content).hexdigest()
