"""Signing in: passwords, lock-out, second factor."""

import threading
from datetime import timedelta
from unittest.mock import patch

import pyotp
import pytest
from argon2 import PasswordHasher

from persistence.blobs.sealing import SealedTexts
from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.sign_in_limit import AddressLimit
from server.domain.web_user import SessionStage, find_delay
from server.services.web_access.attempts import Attempt, Attempts
from server.services.web_access.passwords import (
    PasswordRefused,
    check_password,
)
from server.services.web_access.second_factor import CodeRefused, SecondFactor
from server.services.web_access.sessions import Sessions, SessionTimes
from server.services.web_access.sign_in import Proofs, SignIn, SignInRefused
from server.services.web_access.totp_secrets import TotpSecrets
from tests.support.audit import list_actions
from tests.support.members import PASSWORD, PASSWORD_HASH, PASSWORDS, Member
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

LIMIT = AddressLimit(50, timedelta(hours=1))


class Desk(Member):
    """A user of Potsdam, and the services around the sign-in."""

    def __init__(self, database: Database, clock: FixedClock, mandant: Caller) -> None:
        super().__init__(database, clock, mandant)
        times = SessionTimes(timedelta(minutes=30), timedelta(hours=10))
        self.sessions = Sessions(database, clock, times)
        self.secrets = TotpSecrets(database, SealedTexts(None))
        self.attempts = Attempts(database, LIMIT, clock)
        proofs = Proofs(PASSWORDS, self.secrets, self.attempts)
        self.sign_in = SignIn(database, self.sessions, proofs, clock)
        self.second_factor = SecondFactor(database, self.secrets, self.attempts, clock)

    def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused):
                self.sign_in.with_password(Attempt("eva"), "falsch")

    def enrol(self) -> tuple[pyotp.TOTP, tuple[str, ...]]:
        """Sets the second factor up with the code of half a minute ago."""
        secret = self.second_factor.begin(self.actor).secret
        totp = pyotp.TOTP(secret)
        code = totp.at(self.clock.now - timedelta(seconds=30))
        return totp, self.second_factor.confirm(self.actor, secret, code)

    def audit(self) -> list[str]:
        return list_actions(self.database, self.mandant.key)


@pytest.fixture
def desk(database: Database, clock: FixedClock, author: Caller) -> Desk:
    return Desk(database, clock, author)


def test_right_password_opens_a_session(desk: Desk) -> None:
    signed_in = desk.sign_in.with_password(Attempt(" EVA "), PASSWORD)
    session = desk.sessions.find(signed_in.token)
    assert session is not None
    assert session.actor == desk.actor
    assert signed_in.stage is SessionStage.COMPLETE
    assert desk.audit() == ["anmeldung"]


def test_password_that_was_hashed_more_weakly_is_hashed_anew_at_the_sign_in(desk: Desk) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with desk.database.writing() as stores:
        stores.web_users.change(desk.key, password_hash=weak)
    desk.fail(1)
    assert desk.user.password_hash == weak
    desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    renewed = desk.user.password_hash
    assert renewed.startswith("$argon2id$") and not PASSWORDS.is_outdated(renewed)
    desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    assert desk.user.password_hash == renewed


def test_password_that_is_changed_during_the_sign_in_stays_changed(desk: Desk) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    changed = PASSWORDS.hash("ein anderer langer Satz")
    with desk.database.writing() as stores:
        stores.web_users.change(desk.key, password_hash=weak)

    def change(_password: str) -> str:
        with desk.database.writing() as stores:
            stores.web_users.change(desk.key, password_hash=changed)
        return PASSWORD_HASH

    with patch.object(PASSWORDS, "hash", change):
        desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    assert desk.user.password_hash == changed


def test_wrong_password_and_unknown_login_get_the_same_answer(desk: Desk) -> None:
    with pytest.raises(SignInRefused) as wrong:
        desk.sign_in.with_password(Attempt("eva"), "falsch")
    with pytest.raises(SignInRefused) as unknown:
        desk.sign_in.with_password(Attempt("gibt.es.nicht"), PASSWORD)
    assert str(wrong.value) == str(unknown.value)


def test_failures_keep_out_for_longer_and_longer() -> None:
    delays = [find_delay(failures).total_seconds() for failures in (0, 4, 5, 6, 7, 11, 12, 500)]
    assert delays == [0, 0, 30, 60, 120, 1920, 3600, 3600]


def test_lock_out_ends_after_its_time(desk: Desk) -> None:
    desk.fail(5)
    with pytest.raises(SignInRefused, match="in 30 Sekunden"):
        desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    desk.clock.advance(seconds=30)
    desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    assert (desk.user.failures, desk.user.blocked_until) == (0, None)
    assert "anmeldung-verzoegert" in desk.audit()


def test_lock_out_grows_with_each_failure(desk: Desk) -> None:
    desk.fail(5)
    desk.clock.advance(seconds=30)
    desk.fail(1)
    desk.clock.advance(seconds=59)
    with pytest.raises(SignInRefused, match="Zu viele Versuche"):
        desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    desk.clock.advance(seconds=1)
    desk.sign_in.with_password(Attempt("eva"), PASSWORD)


def test_many_attempts_at_once_are_all_counted(desk: Desk) -> None:
    refused = []

    def attempt() -> None:
        try:
            desk.sign_in.with_password(Attempt("eva"), "falsch")
        except SignInRefused as error:
            refused.append(str(error))

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 10
    assert sum("Zu viele" in text for text in refused) == 5
    assert desk.user.failures == 5


def test_locked_user_is_refused_and_loses_sessions(desk: Desk) -> None:
    token = desk.sign_in.with_password(Attempt("eva"), PASSWORD).token
    with desk.database.writing() as stores:
        stores.web_users.change(desk.key, is_locked=True)
    assert desk.sessions.find(token) is None
    with pytest.raises(SignInRefused, match="gesperrt"):
        desk.sign_in.with_password(Attempt("eva"), PASSWORD)


def test_user_without_password_cannot_sign_in_with_one(desk: Desk) -> None:
    with desk.database.writing() as stores:
        stores.web_users.change(desk.key, password_hash="")
    with pytest.raises(SignInRefused):
        desk.sign_in.with_password(Attempt("eva"), "")


def test_second_factor_is_asked_for_after_the_password(desk: Desk) -> None:
    totp, _ = desk.enrol()
    first = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    assert first.stage is SessionStage.CODE_MISSING
    second = desk.sign_in.with_code(first.token, totp.at(desk.clock.now))
    assert second.token != first.token
    assert desk.sessions.find(first.token) is None
    session = desk.sessions.find(second.token)
    assert session is not None and session.stage is SessionStage.COMPLETE


def test_code_counts_once(desk: Desk) -> None:
    totp, _ = desk.enrol()
    code = totp.at(desk.clock.now)
    desk.sign_in.with_code(desk.sign_in.with_password(Attempt("eva"), PASSWORD).token, code)
    again = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    with pytest.raises(SignInRefused, match="schon benutzt"):
        desk.sign_in.with_code(again.token, code)
    # An earlier one that was never used is no better.
    earlier = totp.at(desk.clock.now - timedelta(seconds=30))
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(again.token, earlier)
    desk.clock.advance(seconds=30)
    desk.sign_in.with_code(again.token, totp.at(desk.clock.now))


def test_code_of_enrolment_cannot_sign_in(desk: Desk) -> None:
    totp, _ = desk.enrol()
    first = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(first.token, totp.at(desk.clock.now - timedelta(seconds=30)))


def test_old_code_is_refused(desk: Desk) -> None:
    totp, _ = desk.enrol()
    first = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    desk.clock.advance(minutes=2)
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(first.token, totp.at(desk.clock.now - timedelta(minutes=1)))


def test_recovery_code_counts_once_however_it_is_typed(desk: Desk) -> None:
    _, codes = desk.enrol()
    assert len(set(codes)) == 10
    typed = codes[3].lower().replace("-", " ")
    desk.sign_in.with_code(desk.sign_in.with_password(Attempt("eva"), PASSWORD).token, typed)
    again = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(again.token, codes[3])


def test_wrong_codes_lead_to_the_lock_out(desk: Desk) -> None:
    desk.enrol()
    # The password is right each time: that must not forgive wrong codes.
    for _ in range(2):
        first = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
        with pytest.raises(SignInRefused):
            desk.sign_in.with_code(first.token, "000000")
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(desk.sign_in.with_password(Attempt("eva"), PASSWORD).token, "000000")
    with pytest.raises(SignInRefused, match="Zu viele Versuche"):
        desk.sign_in.with_password(Attempt("eva"), PASSWORD)


def test_code_has_to_come_soon(desk: Desk) -> None:
    totp, _ = desk.enrol()
    first = desk.sign_in.with_password(Attempt("eva"), PASSWORD)
    desk.clock.advance(minutes=5)
    with pytest.raises(SignInRefused, match="zu lange"):
        desk.sign_in.with_code(first.token, totp.at(desk.clock.now))


def test_second_factor_is_confirmed_and_removed_with_codes_only(desk: Desk) -> None:
    secret = desk.second_factor.begin(desk.actor).secret
    with pytest.raises(CodeRefused):
        desk.second_factor.confirm(desk.actor, secret, "000000")
    assert not desk.user.has_second_factor
    _, codes = desk.enrol()
    with pytest.raises(CodeRefused):
        desk.second_factor.remove(desk.actor, "000000")
    desk.second_factor.remove(desk.actor, codes[0])
    assert not desk.user.has_second_factor
    assert desk.audit() == ["zweiter-faktor", "zweiter-faktor"]


def test_wrong_codes_in_the_profile_lead_to_the_lock_out(desk: Desk) -> None:
    _, codes = desk.enrol()
    for _ in range(5):
        with pytest.raises(CodeRefused, match="falsch"):
            desk.second_factor.remove(desk.actor, "000000")
    with pytest.raises(CodeRefused, match="Zu viele Versuche"):
        desk.second_factor.remove(desk.actor, codes[0])
    desk.clock.advance(seconds=30)
    desk.second_factor.remove(desk.actor, codes[0])
    assert desk.user.failures == 0


def test_codes_and_passwords_count_at_the_address(desk: Desk) -> None:
    desk.enrol()
    token = desk.sign_in.with_password(Attempt("eva", "192.0.2.7"), PASSWORD).token
    with pytest.raises(SignInRefused):
        desk.sign_in.with_code(token, "000000", "192.0.2.7")
    with desk.database.writing() as stores:
        assert stores.web_addresses.lock("192.0.2.7", desk.clock.now).failures == 2


def test_complete_sign_in_takes_its_failures_back_at_the_address(desk: Desk) -> None:
    totp, _ = desk.enrol()
    token = desk.sign_in.with_password(Attempt("eva", "192.0.2.7"), PASSWORD).token
    desk.sign_in.with_code(token, totp.at(desk.clock.now), "192.0.2.7")
    with desk.database.writing() as stores:
        assert stores.web_addresses.lock("192.0.2.7", desk.clock.now).failures == 0
    assert desk.user.failures == 0


def test_enrolment_shows_secret_and_picture(desk: Desk) -> None:
    enrolment = desk.second_factor.begin(desk.actor)
    assert enrolment.uri.startswith("otpauth://totp/dAmtshilfe:eva?secret=" + enrolment.secret)
    assert enrolment.qr_svg.startswith("<svg") and "style=" not in enrolment.qr_svg
    assert desk.second_factor.begin(desk.actor, enrolment.secret) == enrolment


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("kurz", "mindestens 12"),
        ("x" * 201, "höchstens 200"),
        ("mein-EVA-Kennwort", "Anmeldenamen"),
        ("aaaaaabbbbbb", "verschiedenen"),
    ],
)
def test_poor_password_is_refused(password: str, complaint: str) -> None:
    with pytest.raises(PasswordRefused, match=complaint):
        check_password(password, "eva")
    check_password("ein guter Satz genügt", "eva")
