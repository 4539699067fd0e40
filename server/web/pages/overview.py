"""The first page after the sign-in: what waits."""

from flask import render_template

from server.domain.rights import Permission
from server.services.overview import MAX_COUNTED, RETURNED_DAYS
from server.web.context import current_actor, services
from server.web.routes import Pages

pages = Pages("overview", __name__)


@pages.page("/", Permission.SEE_OVERVIEW)
def show_overview() -> str:
    """What waits for the actor."""
    actor = current_actor()
    summary = services().overview.summarise(actor) if actor.may(Permission.READ_MESSAGES) else None
    return render_template(
        "pages/uebersicht.html", arbeit=summary, hoechstens=MAX_COUNTED, tage=RETURNED_DAYS
    )
