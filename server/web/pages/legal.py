"""Impressum and Barrierefreiheit, where the settings name no page of the operator."""

from flask import render_template

from server.web.routes import Open, Pages

pages = Pages("legal", __name__)


@pages.page("/impressum", Open.PUBLIC)
def show_imprint() -> str:
    """A placeholder."""
    return render_template("pages/platzhalter.html", titel="Impressum", einstellung="imprint_url")


@pages.page("/barrierefreiheit", Open.PUBLIC)
def show_accessibility() -> str:
    """A placeholder."""
    return render_template(
        "pages/platzhalter.html",
        titel="Erklärung zur Barrierefreiheit",
        einstellung="accessibility_url",
    )
