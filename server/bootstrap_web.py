"""Builds the Web-Client from the settings."""

from datetime import timedelta
from importlib.metadata import version
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask

from clients.oidc import OidcAccess, OidcClient
from persistence.blobs.sealing import SealedTexts
from persistence.database import Database
from server.bootstrap_administration import (
    LocalDirectory,
    make_administration,
    make_operation,
)
from server.bootstrap_capture import make_capture
from server.bootstrap_case_work import make_message_views, make_replying
from server.bootstrap_figures import make_figures
from server.bootstrap_parts import MessageParts, MessageServices
from server.domain.sign_in_limit import AddressLimit
from server.services.clock import Clock, read_clock
from server.services.inbox import Inbox
from server.services.outbox import Outbox
from server.services.overview import Overview
from server.services.sent_letters import SentLetters
from server.services.vorgang_views import VorgangViews
from server.services.web_access.attempts import Attempts
from server.services.web_access.audit import Audit
from server.services.web_access.audit_carrying import AuditCarrier
from server.services.web_access.oidc_sign_in import OidcSignIn
from server.services.web_access.own_password import OwnPassword
from server.services.web_access.passwords import Passwords
from server.services.web_access.second_factor import SecondFactor
from server.services.web_access.sessions import Sessions, SessionTimes
from server.services.web_access.sign_in import Proofs, SignIn
from server.services.web_access.totp_secrets import TotpSecrets
from server.services.web_access.users import Users
from server.settings import Settings
from server.web.application import make_web_client
from server.web.context import WebConfig, WebServices
from server.web.pages.oidc import RETURN_PATH


def build_web_client(settings: Settings) -> WSGIApplication:
    """The Web-Client as an application of WSGI."""
    return assemble_web_client(settings, MessageParts(settings, settings.web.threads))


def assemble_web_client(settings: Settings, parts: MessageParts) -> Flask:
    """The same from parts that are there."""
    return make_web_client(_make_services(settings, parts), _make_config(settings))


def build_users(database: Database) -> Users:
    """The care for users."""
    return Users(database, Passwords(), read_clock)


def _make_services(settings: Settings, parts: MessageParts) -> WebServices:
    database, clock = parts.database, parts.clock
    days = settings.vorgang.answer_days
    services = MessageServices(settings, parts)
    times = SessionTimes(
        timedelta(minutes=settings.web.idle_minutes), timedelta(hours=settings.web.session_hours)
    )
    passwords = Passwords()
    sessions = Sessions(database, clock, times)
    local = LocalDirectory(settings)
    secrets = TotpSecrets(database, SealedTexts(parts.data_keys))
    attempts = Attempts(database, _make_address_limit(settings), clock)
    sign_in = SignIn(database, sessions, Proofs(passwords, secrets, attempts), clock)
    return WebServices(
        clock=clock,
        sessions=sessions,
        sign_in=sign_in,
        second_factor=SecondFactor(database, secrets, attempts, clock),
        users=Users(database, passwords, clock),
        own_password=OwnPassword(database, passwords, attempts, clock),
        audit=Audit(database, AuditCarrier(database, local.find)),
        inbox=Inbox(database, clock, days),
        capture=make_capture(settings, parts, services),
        outbox=Outbox(database, clock, days),
        overview=Overview(database, clock, days),
        vorgang_views=VorgangViews(database, clock, days),
        messages=make_message_views(parts, services),
        sent_letters=SentLetters(parts.database, parts.blobs),
        replying=make_replying(parts, services),
        operation=make_operation(settings, parts, local),
        administration=make_administration(settings, parts, local),
        figures=make_figures(settings, parts),
        oidc=_make_oidc(settings, database, sign_in, clock),
    )


def _make_address_limit(settings: Settings) -> AddressLimit:
    web = settings.web
    return AddressLimit(web.address_failures, timedelta(minutes=web.address_minutes))


def _make_oidc(
    settings: Settings, database: Database, sign_in: SignIn, clock: Clock
) -> OidcSignIn | None:
    oidc = settings.web_oidc
    if not oidc.issuer:
        return None
    access = OidcAccess(
        oidc.issuer,
        oidc.client_id,
        oidc.client_secret,
        settings.web.public_url + RETURN_PATH,
        oidc.ca,
        oidc.timeout_seconds,
    )
    client = OidcClient(access)
    return OidcSignIn(database, client, sign_in, clock, links_by_email=oidc.links_by_email)


def _make_config(settings: Settings) -> WebConfig:
    web = settings.web
    return WebConfig(
        host_name=urlsplit(web.public_url).hostname or "",
        version=version("damtshilfe"),
        must_have_second_factor=web.second_factor == "required",
        imprint_url=web.imprint_url,
        accessibility_url=web.accessibility_url,
        oidc_name=settings.web_oidc.name if settings.web_oidc.issuer else "",
        trusted_proxies=web.trusted_proxies,
    )
