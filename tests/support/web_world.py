"""One object of each kind in the Web-Client, so that a test can ask every route for it.

Names and texts carry markup wherever a person or another authority may write what they like.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.vorgaenge import Overdue
from server.domain.content import InlineContent
from server.domain.draft import DraftAttachment, DraftSummary, NewDraft
from server.domain.ersuchen import Bankverbindung
from server.domain.mandant import Caller
from server.domain.massnahme import Massnahme
from server.domain.rights import RIGHTS, Permission, Role
from server.domain.vorgang import VorgangCriteria
from server.domain.web_user import WebUser
from server.web.routes import Access, find_access
from tests.support.web import HOST, Browser, WebSite
from tests.unit.conftest import FixedClock

EVIL = "\"><img src=x onerror=alert(1)>{{7*7}}<script>alert('x')</script>"
_TOKEN = re.compile(r'name="csrf-token" content="([^"]*)"')


@dataclass(frozen=True)
class Route:
    """A rule with one of its methods (GET or POST), and who may ask it."""

    rule: Rule
    method: str
    access: Access

    @property
    def name(self) -> str:
        """Tells it apart: the endpoint."""
        return str(self.rule.endpoint)

    @property
    def roles(self) -> frozenset[Role]:
        """Who may ask it; nobody where it needs no permission."""
        is_permission = isinstance(self.access.needs, Permission)
        return frozenset(RIGHTS[self.access.needs]) if is_permission else frozenset()  # type: ignore[index]


def list_routes(site: WebSite) -> list[Route]:
    """Every route of the application."""
    routes = []
    for rule in site.app.url_map.iter_rules():
        access = find_access(site.app, rule.endpoint)
        assert access is not None, rule
        methods = (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        routes += [Route(rule, method, access) for method in sorted(methods)]
    return routes


@dataclass
class World:
    """Potsdam with all that it has; `asked` is the other side of its matter."""

    site: WebSite
    database: Database
    clock: FixedClock
    owner: Caller
    asked: Caller
    user: WebUser
    keys: dict[str, Any]

    def path(self, route: Route, **other: Any) -> str:
        """The address of the route for the objects of the world."""
        known = {
            "draft_id": self.keys["template" if "vorlagen" in route.rule.rule else "draft"],
            "step": "schuldner",
            "key": self._find_key(route),
            "position": 0,
            "vorgang_id": self.keys["vorgang"],
            "art": "sachstand" if route.name.startswith("replies") else "x",
            "message_id": "urn:x:1",
            "fingerprint": self.keys.get("certificate", "x"),
        }
        values = {name: {**known, **other}[name] for name in route.rule.arguments}
        with self.site.app.test_request_context(base_url=HOST):
            return str(self.site.app.url_map.bind("localhost").build(route.name, values))

    def _find_key(self, route: Route) -> Any:
        if route.name.endswith("own_massnahme"):
            return self.keys["own_measure"]
        kinds = {"messages": "message", "administration_users": "user", "bank_details": "bank"}
        kinds |= {"attachments": "attachment", "administration_catalogue": "measure"}
        return self.keys.get(kinds.get(route.name.partition(".")[0], ""), 1)


def ask(browser: Browser, route: Route, path: str, **values: Any) -> TestResponse:
    """Asks the route as its method wants it; a change carries the token of the session."""
    if route.method == "GET":
        return browser.get(path)
    return browser.post(path, csrf_token=find_token(browser), **values)


def find_token(browser: Browser) -> str:
    """The token of the session, from a page that everybody who is signed in may see."""
    return str(_TOKEN.findall(browser.get("/profil").text)[0])


def fill_world(
    site: WebSite,
    blobs: FolderBlobs,
    clock: FixedClock,
    owner: Caller,
    asked: Caller,
    send: Callable[[], object],
) -> World:
    """Everything that the owner may have; `send` sends its message `urn:x:1` to the asked."""
    database = site.database
    send()
    user = site.add_user("opfer", Role.SACHBEARBEITER, owner.mandant.key)
    own_measure = Massnahme("hausbesuch", EVIL[:60], EVIL, (EVIL[:60],))
    pdf = blobs.keep(InlineContent(b"%PDF-1.7"))
    with database.writing() as stores:
        stores.web_users.change(user.key, name=EVIL[:80])
        message = stores.messages.find("urn:x:1")
        assert message is not None
        overdue = Overdue(clock().date(), 14)
        found = stores.vorgaenge.list_found(owner.mandant.key, VorgangCriteria(), overdue, 9)
        drafts = {}
        for name, is_template in (("draft", False), ("template", True)):
            new = NewDraft(
                f"{name}-id",
                owner.mandant.key,
                is_template,
                f"urn:x:{name}",
                EVIL[:80],
                user.key,
                DraftSummary(EVIL[:80], EVIL[:40]),
                {"schuldner": {"aktenzeichen": EVIL, "bearbeiter": EVIL}},
            )
            drafts[name] = stores.drafts.add(new, clock())
        attachment = DraftAttachment(
            0, f"{EVIL}.pdf"[-60:], "application/pdf", "sonstiges", pdf, EVIL
        )
        attachment_key = stores.drafts.add_attachment(drafts["draft"], attachment)
        bank = Bankverbindung(EVIL[:60], "DE02120300000000202051")
        stores.massnahmen.add_own(owner.mandant.key, own_measure)
        stores.bank_details.add(owner.mandant.key, bank, clock(), EVIL[:60])
        known = stores.bank_details.list_known(owner.mandant.key)
    keys = {
        "message": message.key,
        "vorgang": found[0].vorgang_id,
        "draft": "draft-id",
        "template": "template-id",
        "attachment": attachment_key,
        "bank": known[-1].key,
        "user": user.key,
        "measure": "vermoegensauskunft",
        "own_measure": own_measure.key,
    }
    return World(site, database, clock, owner, asked, user, keys)
