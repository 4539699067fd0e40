"""The status of the installation: what waits for the operator."""

from flask import render_template

from server.domain.rights import Permission
from server.web.context import services
from server.web.routes import Pages
from server.web.texts import ACCESS_TEXTS

pages = Pages("operation_status", __name__)


@pages.page("/betrieb/lage", Permission.CARE_FOR_DELIVERY)
def show_status() -> str:
    """What waits for a person, with the way to it."""
    return render_template(
        "pages/lage.html",
        lage=services().operation.status.show(),
        zustaende=ACCESS_TEXTS,
        jetzt=services().clock(),
    )
