"""Signing in at an OpenID provider: it says who somebody is, our users say what he may do.

Nobody gets in whom an administrator has not added before.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta

from clients.oidc import OidcClaims, OidcClient, OidcRefused, OidcRequest, OidcUnavailable
from persistence.database import Database, Stores
from persistence.stores.web_sessions import OidcRequestRow
from server.domain.web_user import AuditEntry, WebUser
from server.services.clock import Clock
from server.services.web_access.sessions import hash_token
from server.services.web_access.sign_in import SignedIn, SignIn, SignInRefused

logger = logging.getLogger(__name__)

_WITHIN = timedelta(minutes=10)
_TOKEN_BYTES = 32
_FAILED = "Die Anmeldung beim Provider ist nicht gelungen. Bitte versuchen Sie es noch einmal."
_UNAVAILABLE = "Der Provider antwortet nicht. Bitte melden Sie sich mit Kennwort an."
_UNKNOWN = (
    "Für dieses Konto gibt es hier keinen Benutzer. Bitte wenden Sie sich an Ihren Administrator."
)


@dataclass(frozen=True)
class OidcStart:
    """Where the browser goes, and the state that it has to bring back."""

    url: str
    state: str


class OidcSignIn:
    """Begins a sign-in at the provider and finishes it."""

    def __init__(
        self,
        database: Database,
        client: OidcClient,
        sign_in: SignIn,
        clock: Clock,
        *,
        links_by_email: bool,
    ) -> None:
        self._database = database
        self._client = client
        self._sign_in = sign_in
        self._clock = clock
        self._links_by_email = links_by_email

    def begin(self) -> OidcStart:
        """Raises SignInRefused where the provider is away."""
        request = OidcRequest(*(secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(3)))
        try:
            url = self._client.begin(request)
        except OidcUnavailable as error:
            logger.warning("OpenID provider: %s", error)
            raise SignInRefused(_UNAVAILABLE) from error
        moment = self._clock()
        row = OidcRequestRow(
            hash_token(request.state), request.nonce, request.code_verifier, moment + _WITHIN
        )

        def change(stores: Stores) -> None:
            stores.web_sessions.remove_expired(moment)
            stores.web_sessions.add_oidc_request(row)

        self._database.write(change)
        return OidcStart(url, request.state)

    def finish(self, state: str, code: str, issuer: str) -> SignedIn:
        """What came back, once; raises SignInRefused."""
        row = self._database.write(
            lambda stores: stores.web_sessions.take_oidc_request(hash_token(state))
        )
        if row is None or row.expires <= self._clock():
            raise SignInRefused(_FAILED)
        request = OidcRequest(state, row.nonce, row.code_verifier)
        try:
            claims = self._client.finish(code, issuer, request)
        except OidcRefused as error:
            logger.warning("OpenID sign-in refused: %s", error)
            raise SignInRefused(_FAILED) from error
        except OidcUnavailable as error:
            logger.warning("OpenID provider: %s", error)
            raise SignInRefused(_UNAVAILABLE) from error
        user = self._database.write(lambda stores: self._find_user(stores, claims))
        return self._sign_in.proven(user.key, "beim OpenID-Provider")

    def _find_user(self, stores: Stores, claims: OidcClaims) -> WebUser:
        """By the subject; the first time by the confirmed address, which has to be of one user."""
        known = stores.web_users.find_by_subject(claims.subject)
        if known:
            return known
        found = (
            stores.web_users.list_by_email(claims.email)
            if claims.email and self._links_by_email
            else ()
        )
        if len(found) != 1 or found[0].oidc_subject:
            raise SignInRefused(_UNKNOWN)
        self._link(stores, found[0], claims.subject)
        return found[0]

    def _link(self, stores: Stores, user: WebUser, subject: str) -> None:
        stores.web_users.change(user.key, oidc_subject=subject)
        if user.must_change_password:
            # Nobody has made use of the first password; it is not needed any more.
            stores.web_users.change(user.key, password_hash="", must_change_password=False)
        stores.audit.add(
            AuditEntry(
                self._clock(),
                f"{user.name} ({user.login})",
                user.mandant_key,
                "openid-verbunden",
                user.login,
            )
        )
