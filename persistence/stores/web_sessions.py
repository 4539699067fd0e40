"""Sessions of the Web-Client and sign-ins by OIDC that are on their way, by hashes of tokens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from persistence.web_tables import web_oidc_request, web_session
from server.domain.web_user import SessionStage


@dataclass(frozen=True)
class SessionRow:
    """A session as it is kept; `expires` is its end however often it is used."""

    token_hash: str
    user_key: int
    stage: SessionStage
    opened: datetime
    seen: datetime
    expires: datetime


@dataclass(frozen=True)
class OidcRequestRow:
    """What was told to the provider, and has to come back with its answer."""

    state_hash: str
    nonce: str
    code_verifier: str
    expires: datetime


class WebSessionStore:
    """Reads and changes sessions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: SessionRow) -> None:
        """Adds a session."""
        self._connection.execute(insert(web_session).values(**{**vars(new), "stage": new.stage}))

    def find(self, token_hash: str) -> SessionRow | None:
        """The session with this hash, whether it still holds or not."""
        row = self._connection.execute(
            select(web_session).where(web_session.c.token_hash == token_hash)
        ).one_or_none()
        if row is None:
            return None
        stage = SessionStage(row.stage)
        return SessionRow(row.token_hash, row.user_key, stage, row.opened, row.seen, row.expires)

    def touch(self, token_hash: str, moment: datetime) -> None:
        """Notes that the session was used."""
        self._connection.execute(
            update(web_session).where(web_session.c.token_hash == token_hash).values(seen=moment)
        )

    def remove(self, token_hash: str) -> None:
        """Ends a session."""
        self._connection.execute(delete(web_session).where(web_session.c.token_hash == token_hash))

    def remove_of_user(self, user_key: int, except_hash: str = "") -> None:
        """Ends all sessions of a user but one."""
        self._connection.execute(
            delete(web_session).where(
                web_session.c.user_key == user_key, web_session.c.token_hash != except_hash
            )
        )

    def remove_expired(self, moment: datetime) -> None:
        """Forgets what has expired, sessions and sign-ins by OIDC."""
        for table in (web_session, web_oidc_request):
            self._connection.execute(delete(table).where(table.c.expires <= moment))

    def add_oidc_request(self, new: OidcRequestRow) -> None:
        """Keeps a sign-in that goes to the provider now."""
        self._connection.execute(insert(web_oidc_request).values(**vars(new)))

    def take_oidc_request(self, state_hash: str) -> OidcRequestRow | None:
        """What was kept under this state, once."""
        found = web_oidc_request.c.state_hash == state_hash
        row = self._connection.execute(
            delete(web_oidc_request).where(found).returning(*web_oidc_request.c)
        ).one_or_none()
        return OidcRequestRow(**row._mapping) if row else None
