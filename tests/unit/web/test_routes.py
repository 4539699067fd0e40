"""Every route says whom it is for, and every cell of the table of rights holds."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from server.domain.mandant import Caller
from server.domain.rights import RIGHTS, Permission, Role
from server.web.routes import Access, Open, find_access
from tests.integration import test_web_pages as integration
from tests.integration.test_web_pages import PAGES
from tests.support.web import HOST, WebSite

# What follows a permission: a page to be seen with it, by a user who may do nothing else wrong.
_PLACEHOLDERS = {"int": 1, "default": "x", "path": "x", "string": "x"}
# Pages of which the address is not known before, and which test looks at them.
BEHIND_OTHERS = {
    **dict.fromkeys(
        (
            "administration_certificates.show_certificate",
            "administration_certificates.show_revocation",
            "messages.show_message",
            "operation_batches.show_batch",
            "vorgaenge.show_vorgang",
        ),
        "test_web_pages",
    ),
    **dict.fromkeys(
        (
            "attachments.show_attachments",
            "capture.show_step",
            "review.show_preview",
            "review.show_review",
            "sent.show_sent",
        ),
        "test_web_capture",
    ),
    "codelist_import.show_plan": "test_web_codelist_import",
    **dict.fromkeys(
        (
            "administration_catalogue.show_own_massnahme",
            "capture.show_template_step",
            "drafts.ask_before_removing_draft",
            "drafts.ask_before_removing_template",
            "drafts.care_for_templates",
            "operation_delivery.show_message",
            "operation_directory.show_plan",
            "operation_mandanten.show_mandant",
            "replies.show_reply",
            "sign_in.show_code",
        ),
        "test_web_forms",
    ),
}
# Files, parts of pages, and ways elsewhere.
NO_PAGES = {
    "administration_certificates.download_certificate",
    "administration_certificates.download_chain",
    "administration_letterhead.show_logo",
    "attachments.download_attachment",
    "capture.suggest_places",
    "drafts.suggest_asked",
    "figures.export_costs",
    "figures.export_figures",
    "inbox.suggest_authors",
    "messages.download_all",
    "messages.download_file",
    "messages.download_letter",
    "oidc.begin",
    "oidc.come_back",
    "outbox.suggest_readers",
    "profile.keep_session",
    "review.show_letter",
    "static",
    "vorgaenge.suggest_partners",
}
_NAVIGATION = re.compile(r'<a class="da-navigation__punkt" href="([^"]*)"[^>]*>([^<]*)')


def list_rules(app: Flask) -> list[tuple[Rule, Access | None]]:
    return [(rule, find_access(app, rule.endpoint)) for rule in app.url_map.iter_rules()]


def make_path(site: WebSite, rule: Rule) -> str:
    values = dict.fromkeys(rule.arguments, 1)
    with site.app.test_request_context(base_url=HOST):
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, values))


def test_every_route_names_its_permission(site: WebSite) -> None:
    rules = list_rules(site.app)
    assert len(rules) > 10
    assert [rule.rule for rule, access in rules if access is None] == []


def test_a_route_without_permission_is_refused(site: WebSite, author: Caller) -> None:
    site.app.add_url_rule("/vergessen", view_func=lambda: "geheim")
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    assert browser.get("/vergessen").status_code == 403


def test_public_routes_are_few(site: WebSite) -> None:
    public = {rule.rule for rule, access in list_rules(site.app) if access == Access(Open.PUBLIC)}
    assert public == {
        "/static/<path:filename>",
        "/anmelden",
        "/anmelden/openid",
        "/anmelden/openid/zurueck",
        "/impressum",
        "/barrierefreiheit",
    }


def test_routes_without_session_lead_to_the_sign_in(site: WebSite) -> None:
    browser = site.open_browser()
    for rule, access in list_rules(site.app):
        assert access is not None
        if access.needs is Open.PUBLIC or "GET" not in (rule.methods or ()):
            continue
        answer = browser.get(make_path(site, rule))
        assert answer.status_code == 303, rule.rule
        assert answer.headers["Location"].startswith("/anmelden"), rule.rule


@pytest.mark.parametrize("role", Role)
def test_routes_are_open_for_exactly_the_roles_of_the_table(
    site: WebSite, author: Caller, role: Role
) -> None:
    mandant_key = None if role is Role.OPERATOR else author.mandant.key
    browser = site.sign_in(role, mandant_key)
    for rule, access in list_rules(site.app):
        assert access is not None
        if not isinstance(access.needs, Permission):
            continue
        path = make_path(site, rule)
        is_get = "GET" in (rule.methods or ())
        # A change without its token is refused with 400, after the look at the rights.
        answer = browser.get(path) if is_get else browser.post(path)
        is_refused = answer.status_code == 403
        assert is_refused is (role not in RIGHTS[access.needs]), f"{role} {rule.rule}"


def test_every_cell_of_the_table_is_asked_by_a_route(site: WebSite) -> None:
    """So that the test of the roles leaves out no line of the table."""
    asked = {access.needs for _, access in list_rules(site.app) if access is not None}
    assert set(Permission) - asked == set()


@pytest.mark.parametrize("role", Role)
def test_navigation_leads_each_role_to_pages_that_are_open_for_it(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, None if role is Role.OPERATOR else author.mandant.key)
    overview = browser.get("/").text
    links = dict(
        re.findall(r'<a class="da-navigation__punkt" href="([^"]*)"[^>]*>([^<]*)', overview)
    )
    assert len(set(links.values())) == len(links)
    assert {path: browser.get(path).status_code for path in links} == dict.fromkeys(links, 200)
    # Templates may be changed by who does not use them.
    changes = role in RIGHTS[Permission.CHANGE_TEMPLATES] | RIGHTS[Permission.USE_TEMPLATES]
    assert ("Vorlagen" in links.values()) is changes
    if role not in RIGHTS[Permission.READ_MESSAGES]:
        assert "Ihre Bereiche" in overview


def test_every_page_is_looked_at_in_a_browser(site: WebSite) -> None:
    """In test_web_pages, or where BEHIND_OTHERS says; what is no page has no barriers."""
    address = site.app.url_map.bind("localhost")
    seen = {address.match(path.partition("|")[0].partition("?")[0])[0] for _, path in PAGES}
    asked = {rule.endpoint for rule, _ in list_rules(site.app) if "GET" in (rule.methods or ())}
    assert asked - seen == set(BEHIND_OTHERS) | NO_PAGES
    files = {file.stem for file in Path(integration.__file__).parent.glob("test_web_*.py")}
    assert set(BEHIND_OTHERS.values()) <= files
