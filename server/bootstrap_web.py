"""Builds the Web-Client from the settings."""

from datetime import timedelta
from importlib.metadata import version
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask

from persistence.database import Database
from persistence.engine import make_engine
from server.bootstrap_parts import MessageParts, MessageServices
from server.services.cancelling import Cancelling
from server.services.clock import Clock, read_clock
from server.services.directory import Directory
from server.services.inbox import Inbox
from server.services.message_texts import MessageTexts
from server.services.message_views import MessageDesk, MessageViews
from server.services.outbox import Outbox
from server.services.overview import Overview
from server.services.replying import MatterSources, ReplyDesk, Replying
from server.services.vorgang_views import VorgangViews
from server.services.web_access.audit import Audit
from server.services.web_access.passwords import Passwords
from server.services.web_access.second_factor import SecondFactor
from server.services.web_access.sessions import Sessions, SessionTimes
from server.services.web_access.sign_in import SignIn
from server.services.web_access.users import Users
from server.settings import Settings
from server.web.application import make_web_client
from server.web.context import WebConfig, WebServices


def build_web_client(settings: Settings) -> WSGIApplication:
    """The Web-Client as an application of WSGI."""
    database = Database(make_engine(settings.database.url, settings.web.threads))
    return assemble_web_client(settings, database, read_clock)


def assemble_web_client(
    settings: Settings, database: Database, clock: Clock, directory: Directory | None = None
) -> Flask:
    """The same on a database that is open, with a clock and, where it is given, a directory."""
    parts = MessageParts(
        settings, settings.web.threads, database=database, clock=clock, directory=directory
    )
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
    return WebServices(
        clock=clock,
        sessions=sessions,
        sign_in=SignIn(database, sessions, passwords, clock),
        second_factor=SecondFactor(database, clock),
        users=Users(database, passwords, clock),
        audit=Audit(database, clock),
        inbox=Inbox(database, clock, days),
        outbox=Outbox(database, clock, days),
        overview=Overview(database, clock, days),
        vorgang_views=VorgangViews(database, clock, days),
        messages=_make_message_views(parts, services),
        replying=_make_replying(parts, services),
    )


def _make_message_views(parts: MessageParts, services: MessageServices) -> MessageViews:
    desk = MessageDesk(
        services.mailbox,
        Cancelling(parts.database, parts.clock),
        Audit(parts.database, parts.clock),
    )
    return MessageViews(
        parts.database,
        parts.blobs,
        parts.clock,
        opening=services.opening,
        texts=MessageTexts(parts.inspector, parts.codelisten, parts.massnahmenkataloge),
        desk=desk,
    )


def _make_replying(parts: MessageParts, services: MessageServices) -> Replying:
    return Replying(
        parts.database,
        parts.blobs,
        parts.clock,
        desk=ReplyDesk(services.sending, Audit(parts.database, parts.clock)),
        sources=MatterSources(parts.directory, parts.inspector, parts.massnahmenkataloge),
    )


def _make_config(settings: Settings) -> WebConfig:
    web = settings.web
    return WebConfig(
        host_name=urlsplit(web.public_url).hostname or "",
        version=version("damtshilfe"),
        must_have_second_factor=web.second_factor == "required",
        imprint_url=web.imprint_url,
        accessibility_url=web.accessibility_url,
        oidc_name=settings.web_oidc.name if settings.web_oidc.issuer else "",
    )
