"""The secrets of the second factor, encrypted in the database and bound to their user."""

from dataclasses import dataclass

from persistence.blobs.sealing import SealedTexts, SecretUnreadable, is_sealed
from persistence.database import Database, Stores
from server.domain.web_user import WebUser


@dataclass(frozen=True)
class TotpSecret:
    """The secret of a user.

    `kept` is how it stands in the database, `renewed` how it should stand there from now on.
    """

    text: str
    kept: str
    renewed: str


@dataclass(frozen=True)
class Renewal:
    """How many secrets were put under another key, and how many could not be read."""

    renewed: int
    unreadable: int


class TotpSecrets:
    """Seals secrets and opens them, outside of transactions (`SealedTexts`)."""

    def __init__(self, database: Database, texts: SealedTexts) -> None:
        self._database = database
        self._texts = texts

    def seal(self, user_key: int, secret: str) -> str:
        """The secret as it is kept; raises SecretUnreadable without master key."""
        return self._texts.seal(secret, _context_of(user_key))

    def open(self, user: WebUser) -> TotpSecret:
        """The secret, empty where the user has none; raises SecretUnreadable."""
        kept = user.totp_secret
        text = self._texts.open(kept, _context_of(user.key))
        is_fine = not kept or self._texts.is_current(kept)
        return TotpSecret(text, kept, kept if is_fine else self.seal(user.key, text))

    def seal_plain(self) -> int:
        """Encrypts what still stands plain in the database; returns how many secrets.

        Raises SecretUnreadable without master key.
        """
        return sum(self._renew(user) for user in self._list() if not is_sealed(user.totp_secret))

    def renew_all(self) -> Renewal:
        """Puts every secret under the newest data key; can be broken off and called again."""
        renewed = unreadable = 0
        for user in self._list():
            try:
                renewed += self._renew(user)
            except SecretUnreadable:
                unreadable += 1
        return Renewal(renewed, unreadable)

    def _list(self) -> tuple[WebUser, ...]:
        with self._database.reading() as stores:
            return stores.web_users.list_with_secret()

    def _renew(self, user: WebUser) -> bool:
        secret = self.open(user)
        if secret.renewed == secret.kept:
            return False

        def change(stores: Stores) -> bool:
            found = stores.web_users.find_for_change(user.key)
            if found is None or found.totp_secret != secret.kept:
                return False
            stores.web_users.change(user.key, totp_secret=secret.renewed)
            return True

        return self._database.write(change)


def _context_of(user_key: int) -> str:
    return f"web_user {user_key} totp_secret"
