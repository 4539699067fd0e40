"""Passwords: Argon2id, and what makes a password acceptable."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200


class PasswordRefused(Exception):
    """The new password cannot be used; the text is German."""


class Passwords:
    """Hashes and compares passwords (RFC 9106, second recommended parameters)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        # Against it the password of a user is compared who does not exist: that takes as long.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The encoded form with its parameters and salt."""
        return self._hasher.hash(password)

    def is_right(self, password: str, password_hash: str) -> bool:
        """Compares; without a hash as slowly as with one, and never right."""
        try:
            self._hasher.verify(password_hash or self._nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return bool(password_hash)

    def is_outdated(self, password_hash: str) -> bool:
        """True where it was made with weaker parameters than those of now."""
        return self._hasher.check_needs_rehash(password_hash)


def make_password() -> str:
    """A password to begin with, which has to be changed."""
    return secrets.token_urlsafe(12)


def check_password(password: str, login: str) -> None:
    """Raises PasswordRefused."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"Das Kennwort braucht mindestens {SHORTEST} Zeichen.")
    if len(password) > LONGEST:
        raise PasswordRefused(f"Das Kennwort darf höchstens {LONGEST} Zeichen haben.")
    if login.casefold() in password.casefold():
        raise PasswordRefused("Das Kennwort darf den Anmeldenamen nicht enthalten.")
    if len(set(password)) < SHORTEST // 2:
        raise PasswordRefused("Das Kennwort besteht aus zu wenigen verschiedenen Zeichen.")
