"""Doubtful entries of the directory: something that was sent there did not arrive."""

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from server.domain.rights import Permission
from server.services.doubt_desk import DoubtChanged, DoubtPage
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm
from server.web.list_filters import TERM_LENGTH, draw_list, make_address, read_values
from server.web.places import read_key
from server.web.routes import Pages

pages = Pages("operation_doubts", __name__)

_PATH = "/betrieb/verzeichnis/zweifel"
_NEEDS = Permission.CARE_FOR_DIRECTORY


class DoubtFilter(GermanForm):
    """What is shown; the name stands in the address of the page."""

    suche = StringField(
        "Suche",
        [Length(max=TERM_LENGTH)],
        description="Kennung, Name, Postleitzahl, Ort, oder was gemeldet wurde",
    )


@pages.page(_PATH, _NEEDS)
def show_doubts() -> str:
    """The list; for a script only its part of the page."""
    desk = services().operation.doubts
    form = DoubtFilter(request.args)
    after = read_key(request.args.get("ab", ""))
    part = {
        "seite": desk.list_page(read_values(form)["suche"], after)
        if desk.is_possible
        else DoubtPage((), 0),
        "ist_hier": desk.is_possible,
        "ist_erste": not after,
        "form": form,
        "adresse": make_address("operation_doubts.show_doubts", form),
    }
    return draw_list("zweifel", part)


@pages.page(f"{_PATH}/<int:key>/erledigt", _NEEDS, ["POST"])
def settle_doubt(key: int) -> Response:
    """Somebody looked: the entry is trusted again."""
    desk = services().operation.doubts
    if not desk.is_possible:
        abort(404)
    mark, note = request.form.get("gesehen", ""), request.form.get("vermerk", "")
    try:
        behoerde = desk.settle(current_actor(), key, mark, note)
    except DoubtChanged as error:
        flash("warning", str(error))
    else:
        if behoerde is None:
            abort(404)
        flash("success", f"Der Eintrag von {behoerde.name} gilt wieder als richtig.")
    return redirect(url_for("operation_doubts.show_doubts"), 303)
