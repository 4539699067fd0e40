"""The audit: who changed what; of the own Mandant, for the operator of all."""

from flask import render_template, request

from server.domain.rights import Permission
from server.web.context import current_actor, services
from server.web.places import read_key
from server.web.routes import Pages

pages = Pages("administration_audit", __name__)


@pages.page("/protokoll", Permission.READ_AUDIT)
def show_audit() -> str:
    """Entries page by page, newest first."""
    actor = current_actor()
    before = read_key(request.args.get("vor", "")) or None
    names = {}
    if actor.mandant is None:
        views = services().operation.mandanten.list_all()
        names = {view.mandant.key: view.mandant.name for view in views}
    page = services().audit.list_page(actor, before)
    return render_template("pages/protokoll.html", seite=page, vor=before, mandanten=names)
