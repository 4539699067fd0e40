"""The secrets of the second factor, as they lie in the database."""

from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import MasterKeys
from persistence.blobs.sealing import SealedTexts, SecretUnreadable, is_sealed
from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.sign_in_limit import AddressLimit
from server.domain.web_user import Actor, SessionStage
from server.services.web_access.attempts import Attempt, Attempts
from server.services.web_access.second_factor import SecondFactor, accept_code
from server.services.web_access.sessions import Sessions, SessionTimes
from server.services.web_access.sign_in import Proofs, SignIn
from server.services.web_access.totp_secrets import Renewal, TotpSecrets
from tests.support.blob_keys import make_data_keys
from tests.support.members import PASSWORD, PASSWORDS, Member, add_member
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

PLAIN = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Safe(Member):
    """A user of Potsdam whose secret is encrypted."""

    def __init__(
        self, database: Database, clock: FixedClock, mandant: Caller, master: Path
    ) -> None:
        super().__init__(database, clock, mandant)
        self.master = master
        self.keys = make_data_keys(database, master, clock)
        self.start(self.keys)

    def start(self, keys: DataKeys) -> None:
        """A process with these keys."""
        times = SessionTimes(timedelta(minutes=30), timedelta(hours=10))
        self.secrets = TotpSecrets(self.database, SealedTexts(keys))
        attempts = Attempts(self.database, AddressLimit(0, timedelta(hours=1)), self.clock)
        self.second_factor = SecondFactor(self.database, self.secrets, attempts, self.clock)
        sessions = Sessions(self.database, self.clock, times)
        proofs = Proofs(PASSWORDS, self.secrets, attempts)
        self.sign_in = SignIn(self.database, sessions, proofs, self.clock)

    def keep(self, secret: str) -> None:
        with self.database.writing() as stores:
            stores.web_users.change(self.key, totp_secret=secret)

    def enrol(self) -> pyotp.TOTP:
        actor = Actor(self.user, self.mandant)
        totp = pyotp.TOTP(self.second_factor.begin(actor).secret)
        code = totp.at(self.clock.now - timedelta(seconds=30))
        self.second_factor.confirm(actor, totp.secret, code)
        return totp

    def enter(self, totp: pyotp.TOTP) -> SessionStage:
        first = self.sign_in.with_password(Attempt("eva"), PASSWORD)
        return self.sign_in.with_code(first.token, totp.at(self.clock.now)).stage


@pytest.fixture
def safe(database: Database, clock: FixedClock, author: Caller, tmp_path: Path) -> Safe:
    return Safe(database, clock, author, tmp_path / "haupt.key")


def test_secret_is_encrypted_in_the_database_and_signs_in(safe: Safe) -> None:
    totp = safe.enrol()
    assert is_sealed(safe.user.totp_secret)
    assert totp.secret not in safe.user.totp_secret
    assert safe.enter(totp) is SessionStage.COMPLETE


def test_plain_secret_is_encrypted_at_its_next_use(safe: Safe) -> None:
    safe.keep(PLAIN)
    assert safe.enter(pyotp.TOTP(PLAIN)) is SessionStage.COMPLETE
    assert is_sealed(safe.user.totp_secret)
    safe.clock.advance(seconds=30)
    assert safe.enter(pyotp.TOTP(PLAIN)) is SessionStage.COMPLETE


def test_plain_secrets_are_all_encrypted_once(safe: Safe) -> None:
    safe.keep(PLAIN)
    assert safe.secrets.seal_plain() == 1
    assert safe.secrets.open(safe.user).text == PLAIN
    assert safe.secrets.seal_plain() == 0


def test_new_data_key_takes_over_secrets(safe: Safe) -> None:
    totp = safe.enrol()
    before = safe.user.totp_secret
    new = safe.keys.renew()
    assert safe.secrets.renew_all() == Renewal(1, 0)
    assert before != safe.user.totp_secret and new.id in safe.user.totp_secret
    assert safe.secrets.renew_all() == Renewal(0, 0)
    assert safe.enter(totp) is SessionStage.COMPLETE


def test_secret_of_another_user_is_not_taken(safe: Safe, author: Caller) -> None:
    safe.enrol()
    stolen = safe.user.totp_secret
    safe.key = add_member(safe.database, safe.clock, author, "udo")
    safe.keep(stolen)
    with pytest.raises(SecretUnreadable):
        safe.secrets.open(safe.user)
    assert safe.secrets.renew_all() == Renewal(0, 1)


def test_missing_master_key_is_told_and_no_failure_of_the_user(safe: Safe) -> None:
    totp = safe.enrol()
    first = safe.sign_in.with_password(Attempt("eva"), PASSWORD)
    failures = safe.user.failures
    key = safe.master.read_bytes()
    safe.master.unlink()
    safe.start(make_data_keys_without_file(safe))
    with pytest.raises(SecretUnreadable, match="Hauptschlüssel"):
        safe.sign_in.with_code(first.token, totp.at(safe.clock.now))
    assert safe.user.failures == failures
    safe.master.write_bytes(key)
    safe.master.chmod(0o600)
    safe.sign_in.with_code(first.token, totp.at(safe.clock.now))


def make_data_keys_without_file(safe: Safe) -> DataKeys:
    """Those of a process whose master key is gone."""
    return DataKeys(safe.database, MasterKeys(safe.master, {}), safe.clock, timedelta(days=90))


def test_secret_that_cannot_be_encrypted_is_not_taken_into_use(safe: Safe) -> None:
    safe.master.unlink()
    with pytest.raises(SecretUnreadable):
        safe.enrol()
    assert not safe.user.has_second_factor


def test_second_factor_that_was_set_up_anew_refuses_codes_of_the_former_secret(safe: Safe) -> None:
    totp = safe.enrol()
    secret = safe.secrets.open(safe.user)
    safe.clock.advance(minutes=1)
    safe.enrol()
    with safe.database.writing() as stores:
        code = totp.at(safe.clock.now)
        assert not accept_code(stores, safe.key, secret, code, safe.clock.now)
