"""What a request has at hand: the services, the session, and who acts."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from server.domain.web_user import Actor, WebSession
from server.services.administration import Administration
from server.services.capture.services import Capture
from server.services.clock import Clock
from server.services.figures.showing import Figures
from server.services.inbox import Inbox
from server.services.message_views import MessageViews
from server.services.operation import Operation
from server.services.outbox import Outbox
from server.services.overview import Overview
from server.services.replying import Replying
from server.services.sent_letters import SentLetters
from server.services.vorgang_views import VorgangViews
from server.services.web_access.audit import Audit
from server.services.web_access.oidc_sign_in import OidcSignIn
from server.services.web_access.own_password import OwnPassword
from server.services.web_access.second_factor import SecondFactor
from server.services.web_access.sessions import Sessions
from server.services.web_access.sign_in import SignIn
from server.services.web_access.users import Users

EXTENSION = "damtshilfe"


@dataclass(frozen=True)
class WebServices:
    """The use cases that pages ask; another page adds its own here and in `bootstrap_web.py`."""

    clock: Clock
    sessions: Sessions
    sign_in: SignIn
    second_factor: SecondFactor
    users: Users
    own_password: OwnPassword
    audit: Audit
    inbox: Inbox
    capture: Capture
    outbox: Outbox
    overview: Overview
    vorgang_views: VorgangViews
    messages: MessageViews
    sent_letters: SentLetters
    replying: Replying
    operation: Operation
    administration: Administration
    figures: Figures
    oidc: OidcSignIn | None = None


@dataclass(frozen=True)
class WebConfig:
    """What the settings say to pages; addresses are empty where there is none."""

    host_name: str
    version: str
    must_have_second_factor: bool = False
    imprint_url: str = ""
    accessibility_url: str = ""
    oidc_name: str = ""
    # Networks (CIDR) of proxies whose word about client addresses counts.
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebClient:
    """What hangs at the application."""

    services: WebServices
    config: WebConfig


def services() -> WebServices:
    """The use cases."""
    return _client().services


def config() -> WebConfig:
    """What the settings say."""
    return _client().config


def find_session() -> WebSession | None:
    """The session of the request; None where nobody is signed in."""
    return cast("WebSession | None", g.get("session"))


def current_actor() -> Actor:
    """Who acts; pages that everybody may see have none and do not ask."""
    session = find_session()
    if session is None:
        raise RuntimeError("the page is open to everybody and has no actor")
    return session.actor


def _client() -> WebClient:
    return cast("WebClient", current_app.extensions[EXTENSION])
