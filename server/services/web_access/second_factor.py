"""The second factor: codes by time (TOTP, RFC 6238) and recovery codes."""

import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from persistence.database import Database, Stores
from server.domain.web_user import Actor, WebUser
from server.services.clock import Clock
from server.services.web_access.attempts import Attempt, Attempts, TooManyAttempts
from server.services.web_access.audit import make_entry
from server.services.web_access.totp_secrets import TotpSecret, TotpSecrets

_STEP_SECONDS = 30
# Clocks may differ by one step.
_WINDOW = 1
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 5
_ISSUER = "dAmtshilfe"


class CodeRefused(Exception):
    """The code does not fit; the text is German."""


@dataclass(frozen=True)
class Enrolment:
    """What an app is told: the secret as text, its URI, and the URI as QR code (SVG)."""

    secret: str
    uri: str
    qr_svg: str


class SecondFactor:
    """Sets up the second factor of a user, and takes it away."""

    def __init__(
        self, database: Database, secrets: TotpSecrets, attempts: Attempts, clock: Clock
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._attempts = attempts
        self._clock = clock

    def begin(self, actor: Actor, secret: str = "") -> Enrolment:
        """A secret that holds once a code of it was confirmed; `secret` shows one again."""
        secret = secret or pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=actor.user.login, issuer_name=_ISSUER)
        return Enrolment(secret, uri, _draw_qr(uri))

    def confirm(self, actor: Actor, secret: str, code: str) -> tuple[str, ...]:
        """Takes the secret into use and returns the recovery codes.

        Raises CodeRefused, and SecretUnreadable where it cannot be encrypted.
        """
        step = find_step(secret, code, self._clock())
        if step is None:
            raise CodeRefused("Der Code passt nicht. Bitte prüfen Sie die Uhrzeit des Geräts.")
        codes = tuple(_make_recovery_code() for _ in range(_RECOVERY_CODES))
        sealed = self._secrets.seal(actor.user.key, secret)

        def change(stores: Stores) -> None:
            stores.web_users.change(actor.user.key, totp_secret=sealed, totp_step=step)
            stores.web_users.replace_recovery_codes(actor.user.key, map(hash_code, codes))
            self._record(stores, actor, "eingerichtet")

        self._database.write(change)
        return codes

    def remove(self, actor: Actor, code: str, address: str = "") -> None:
        """Takes the second factor away; raises CodeRefused and SecretUnreadable.

        A wrong code counts as one at the sign-in does.
        """
        secret = self._secrets.open(actor.user)
        try:
            self._attempts.count(Attempt(actor.user.login, address))
        except TooManyAttempts as error:
            raise CodeRefused(str(error)) from error

        def change(stores: Stores) -> bool:
            if not accept_code(stores, actor.user.key, secret, code, self._clock()):
                return False
            clear_second_factor(stores, actor.user.key)
            self._record(stores, actor, "entfernt")
            return True

        if not self._database.write(change):
            raise CodeRefused("Der Code ist falsch oder wurde schon benutzt.")
        self._attempts.forgive(actor.user.key, address)

    def _record(self, stores: Stores, actor: Actor, text: str) -> None:
        login = actor.user.login
        stores.audit.add(make_entry(actor, self._clock(), "zweiter-faktor", login, text))


def accept_code(
    stores: Stores, user_key: int, secret: TotpSecret, code: str, moment: datetime
) -> bool:
    """Takes a code once, within the caller's transaction; False where it does not fit.

    A code whose step was used, or an earlier one, is refused (RFC 6238, 5.2), and every code where
    the second factor was set up anew since the secret was opened.
    """
    user = stores.web_users.find_for_change(user_key)
    if user is None or not user.has_second_factor:
        return False
    code = "".join(code.split())
    return _accept_totp(stores, user, secret, code, moment) or stores.web_users.spend_recovery_code(
        user.key, hash_code(code)
    )


def clear_second_factor(stores: Stores, user_key: int) -> None:
    """Without a second factor from now on, within the caller's transaction."""
    stores.web_users.change(user_key, totp_secret="", totp_step=0)
    stores.web_users.replace_recovery_codes(user_key, ())


def find_step(secret: str, code: str, moment: datetime) -> int | None:
    """The step of which this is the code; None where it is that of no step around now."""
    totp = pyotp.TOTP(secret)
    now = int(moment.timestamp()) // _STEP_SECONDS
    code = "".join(code.split())
    steps = range(now - _WINDOW, now + _WINDOW + 1)
    return next(
        (step for step in steps if secrets.compare_digest(_code_of(totp, step), code.encode())),
        None,
    )


def hash_code(code: str) -> str:
    """Under which a recovery code is kept, however it was typed."""
    typed = code.replace("-", "").upper()
    return hashlib.sha256(b"recovery " + typed.encode()).hexdigest()


def _accept_totp(
    stores: Stores, user: WebUser, secret: TotpSecret, code: str, moment: datetime
) -> bool:
    if user.totp_secret not in (secret.kept, secret.renewed):
        return False
    step = find_step(secret.text, code, moment)
    if step is None or step <= user.totp_step:
        return False
    stores.web_users.change(user.key, totp_step=step, totp_secret=secret.renewed)
    return True


def _code_of(totp: pyotp.TOTP, step: int) -> bytes:
    return totp.generate_otp(step).encode()


def _make_recovery_code() -> str:
    digits = secrets.token_hex(_RECOVERY_BYTES).upper()
    return f"{digits[:5]}-{digits[5:]}"


def _draw_qr(uri: str) -> str:
    """Without a declaration and without size, so that it can stand in a page."""
    output = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        output, kind="svg", xmldecl=False, svgns=True, omitsize=True, light="#ffffff", border=4
    )
    return output.getvalue().decode()
