"""Puts the Web-Client together: pages, guard, templates."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, request, url_for
from jinja2 import StrictUndefined

from server.domain.german import format_euro
from server.domain.rights import ROLE_TEXTS
from server.services.capture.choices import NEBENFORDERUNG_ARTEN
from server.web import texts
from server.web.audit_rows import write_audit_rows
from server.web.context import EXTENSION, WebClient, WebConfig, WebServices, find_session
from server.web.cookies import THEME, read_cookie
from server.web.draft_rows import write_draft_rows, write_template_rows
from server.web.errors import install_error_pages
from server.web.figure_texts import write_cents, write_duration, write_number
from server.web.flashes import install_flashes, take_flashes
from server.web.guard import CSRF_FIELD, find_csrf_token, install_guard
from server.web.navigation import list_navigation
from server.web.order_rows import write_order_rows, write_order_state
from server.web.pages.administration_audit import pages as administration_audit
from server.web.pages.administration_authority import pages as administration_authority
from server.web.pages.administration_catalogue import pages as administration_catalogue
from server.web.pages.administration_certificates import pages as administration_certificates
from server.web.pages.administration_letterhead import pages as administration_letterhead
from server.web.pages.administration_users import pages as administration_users
from server.web.pages.attachments import pages as attachments
from server.web.pages.bank_details import pages as bank_details
from server.web.pages.capture import pages as capture
from server.web.pages.codelist_import import pages as codelist_import
from server.web.pages.drafts import pages as drafts
from server.web.pages.figures import pages as figures
from server.web.pages.inbox import pages as inbox
from server.web.pages.legal import pages as legal
from server.web.pages.messages import pages as messages
from server.web.pages.oidc import pages as oidc
from server.web.pages.operation_batches import pages as operation_batches
from server.web.pages.operation_delivery import pages as operation_delivery
from server.web.pages.operation_directory import pages as operation_directory
from server.web.pages.operation_doubts import pages as operation_doubts
from server.web.pages.operation_mandanten import pages as operation_mandanten
from server.web.pages.operation_status import pages as operation_status
from server.web.pages.outbox import pages as outbox
from server.web.pages.overview import pages as overview
from server.web.pages.profile import THEMES
from server.web.pages.profile import pages as profile
from server.web.pages.replies import pages as replies
from server.web.pages.review import pages as review
from server.web.pages.second_factor import pages as second_factor
from server.web.pages.sent import pages as sent
from server.web.pages.sign_in import pages as sign_in
from server.web.pages.vorgaenge import pages as vorgaenge
from server.web.places import write_place
from server.web.routes import KeyConverter, Pages
from server.web.row_parts import marked
from server.web.rows import write_inbox_rows, write_outbox_rows, write_vorgang_rows

ALL_PAGES: Sequence[Pages] = (
    sign_in,
    oidc,
    overview,
    inbox,
    drafts,
    capture,
    attachments,
    review,
    sent,
    bank_details,
    outbox,
    vorgaenge,
    replies,
    messages,
    operation_status,
    operation_delivery,
    operation_batches,
    operation_mandanten,
    operation_directory,
    administration_users,
    administration_authority,
    administration_certificates,
    administration_letterhead,
    operation_doubts,
    administration_catalogue,
    codelist_import,
    administration_audit,
    figures,
    profile,
    second_factor,
    legal,
)

# What templates of lists put in for each entry.
_ROWS: dict[str, Any] = {
    "auftragszeilen": write_order_rows,
    "auftragsstand": marked(write_order_state),
    "eingangszeilen": write_inbox_rows,
    "ausgangszeilen": write_outbox_rows,
    "vorgangszeilen": write_vorgang_rows,
    "entwurfszeilen": write_draft_rows,
    "vorlagenzeilen": write_template_rows,
    "protokollzeilen": write_audit_rows,
}


def make_web_client(services: WebServices, config: WebConfig) -> Flask:
    """The WSGI application."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.extensions[EXTENSION] = WebClient(services, config)
    app.config["TRUSTED_HOSTS"] = [config.host_name]
    app.url_map.converters["int"] = KeyConverter
    _prepare_templates(app, config)
    install_guard(app)
    install_flashes(app)
    install_error_pages(app)
    for pages in ALL_PAGES:
        app.register_blueprint(pages)
    return app


def _prepare_templates(app: Flask, config: WebConfig) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "tag": texts.write_day,
        "zeitpunkt": texts.write_moment,
        "groesse": texts.write_size,
        "nachrichtenart": texts.name_event,
        "stand": texts.name_reader_state,
        "ausgangsstand": texts.name_author_state,
        "vorgangsstand": texts.name_vorgang_state,
        "rolle": texts.name_rolle,
        "kanal": texts.name_kanal,
        "zielworte": texts.name_destination,
        "aktion": texts.name_action,
        "stelle": write_place,
        "euro": format_euro,
        "nebenforderung": lambda key: NEBENFORDERUNG_ARTEN.get(key, key),
        "dauer": write_duration,
        "anzahl": write_number,
        "cent": write_cents,
    }

    app.jinja_env.globals |= _ROWS

    @app.context_processor
    def provide() -> dict[str, Any]:
        """What every template may use."""
        session = find_session()
        actor = session.actor if session else None
        return {
            "akteur": actor,
            "rollen": ROLE_TEXTS,
            "navigation": list_navigation(actor) if actor else (),
            "csrf_feld": CSRF_FIELD,
            "csrf_token": find_csrf_token,
            "hinweise": take_flashes,
            "darstellung": THEMES.get(read_cookie(THEME), ""),
            "config_web": config,
            "datei": lambda name: url_for("static", filename=name, v=config.version),
            "hier": request.path,
        }
