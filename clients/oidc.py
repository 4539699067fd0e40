"""Asks an OpenID provider who somebody is: the authorization code flow with PKCE, over Authlib.

OpenID Connect Core 1.0; RFC 7636 (PKCE, S256); RFC 9207 (issuer in the answer).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

_SCOPE = "openid email"
_CONFIGURATION = "/.well-known/openid-configuration"
# Signatures that only the provider can make; `none` and shared secrets are not among them.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LEEWAY_SECONDS = 60


class OidcUnavailable(Exception):
    """The provider did not answer, or not as one."""


class OidcRefused(Exception):
    """The provider, or what it said, does not prove who somebody is."""


@dataclass(frozen=True)
class OidcAccess:
    """How the provider is reached; `ca` is a file with its CA, empty for the usual ones."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    ca: str
    timeout_seconds: int


@dataclass(frozen=True)
class OidcRequest:
    """What was made up for one sign-in: each has to come back, or to fit what comes back."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True)
class OidcClaims:
    """Who signed in at the provider; `email` is empty where the provider has not confirmed it."""

    subject: str
    email: str


class OidcClient:
    """One provider. What it says of itself is read once, its keys anew where one is unknown."""

    def __init__(self, access: OidcAccess) -> None:
        self._access = access
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def begin(self, request: OidcRequest) -> str:
        """The address at the provider to which a browser is sent; raises OidcUnavailable."""
        with self._open() as session:
            endpoint = self._read_metadata(session)["authorization_endpoint"]
            url, _ = session.create_authorization_url(
                endpoint,
                state=request.state,
                code_verifier=request.code_verifier,
                nonce=request.nonce,
            )
        return str(url)

    def finish(self, code: str, issuer: str, request: OidcRequest) -> OidcClaims:
        """Whom the code proves; `issuer` is what the answer says, or empty.

        Raises OidcRefused and OidcUnavailable.
        """
        try:
            with self._open() as session:
                metadata = self._read_metadata(session)
                if issuer and issuer != metadata["issuer"]:
                    raise OidcRefused("the answer comes of another provider")
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=request.code_verifier,
                )
                return self._read_claims(session, token, request.nonce)
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            raise OidcRefused(str(error)) from error
        except RequestException as error:
            raise OidcUnavailable(str(error)) from error

    def _open(self) -> OAuth2Session:
        access = self._access
        session = OAuth2Session(
            access.client_id,
            access.client_secret or None,
            scope=_SCOPE,
            redirect_uri=access.redirect_uri,
            code_challenge_method="S256",
            default_timeout=access.timeout_seconds,
        )
        session.verify = access.ca or True
        # What stands in the environment of the process is not meant for this.
        session.trust_env = False
        return session

    def _read_metadata(self, session: OAuth2Session) -> Mapping[str, Any]:
        if self._metadata is None:
            metadata = _read_json(session, self._access.issuer + _CONFIGURATION)
            if str(metadata.get("issuer", "")).rstrip("/") != self._access.issuer:
                raise OidcUnavailable("the provider calls itself otherwise than the settings")
            self._metadata = metadata
        return self._metadata

    def _read_claims(self, session: OAuth2Session, token: Any, nonce: str) -> OidcClaims:
        metadata = self._read_metadata(session)
        decoded = self._decode(session, token["id_token"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._access.client_id},
                "nonce": {"essential": True},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": self._access.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=_LEEWAY_SECONDS)
        told = {**claims, **self._ask_userinfo(session, claims["sub"])}
        email = str(told.get("email") or "") if told.get("email_verified") is True else ""
        return OidcClaims(str(claims["sub"]), email)

    def _ask_userinfo(self, session: OAuth2Session, subject: str) -> Mapping[str, Any]:
        """What the provider tells beside the ID token; it has to be about the same person."""
        endpoint = self._read_metadata(session).get("userinfo_endpoint")
        if not endpoint:
            return {}
        told = _read_json(session, endpoint, withhold_token=False)
        if told.get("sub") != subject:
            raise OidcRefused("the provider tells of another person")
        return told

    def _decode(self, session: OAuth2Session, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS))
        try:
            return jwt.decode(id_token, self._read_keys(session), registry=registry)
        except InvalidKeyIdError:
            # The provider has new keys.
            self._keys = None
            return jwt.decode(id_token, self._read_keys(session), registry=registry)

    def _read_keys(self, session: OAuth2Session) -> KeySet:
        if self._keys is None:
            address = self._read_metadata(session)["jwks_uri"]
            keys: Any = _read_json(session, address)
            self._keys = KeySet.import_key_set(keys)
        return self._keys


def _read_json(
    session: OAuth2Session, address: str, *, withhold_token: bool = True
) -> dict[str, Any]:
    try:
        answer = session.get(address, withhold_token=withhold_token, allow_redirects=False)
        answer.raise_for_status()
        values = answer.json()
    except (RequestException, ValueError) as error:
        raise OidcUnavailable(str(error)) from error
    if not isinstance(values, dict):
        raise OidcUnavailable("the provider answered with something else")
    return values
