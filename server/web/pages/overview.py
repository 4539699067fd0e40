"""The first page after the sign-in: what waits."""

from flask import render_template

from server.domain.rights import Permission
from server.services.inbox import MAX_COUNTED
from server.web.context import current_actor, services
from server.web.routes import Pages

pages = Pages("overview", __name__)


@pages.page("/", Permission.SEE_OVERVIEW)
def show_overview() -> str:
    """What waits for the actor."""
    actor = current_actor()
    summary = services().inbox.summarise(actor) if actor.may(Permission.READ_MESSAGES) else None
    return render_template("pages/uebersicht.html", posteingang=summary, hoechstens=MAX_COUNTED)
