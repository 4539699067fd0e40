"""Pages for what goes wrong: German, with what to do about it."""

import logging

from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException, SecurityError

from server.errors import AmtshilfeError

logger = logging.getLogger(__name__)

_INTERNAL = 500
_UNAVAILABLE = 503
_TEXTS = {
    400: (
        "Die Anfrage ist nicht mehr gültig",
        "Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.",
    ),
    403: ("Kein Zugriff", "Ihre Rolle erlaubt diese Seite oder Aktion nicht."),
    404: ("Nicht gefunden", "Diese Seite gibt es nicht, oder sie gehört einer anderen Behörde."),
    405: ("So nicht möglich", "Bitte kehren Sie zur vorigen Seite zurück."),
    413: ("Zu groß", "Was Sie gesendet haben, ist größer als erlaubt."),
    _INTERNAL: (
        "Ein Fehler ist aufgetreten",
        "Der Fehler ist aufgezeichnet. Bitte versuchen Sie es später noch einmal.",
    ),
    _UNAVAILABLE: (
        "Im Augenblick nicht verfügbar",
        "Bitte versuchen Sie es in einigen Minuten noch einmal.",
    ),
}


def install_error_pages(app: Flask) -> None:
    """Answers every error with a page."""
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(AmtshilfeError, _show_fault)
    app.register_error_handler(Exception, _show_failure)


def _show_http_error(error: HTTPException) -> tuple[str, int] | Response:
    if isinstance(error, SecurityError):
        # Of a host that is not ours no address can be made, and so no page.
        return Response(
            "Diesen Rechnernamen kennt der Web-Client nicht.\n", 400, mimetype="text/plain"
        )
    return _render(error.code or _INTERNAL)


def _show_fault(error: AmtshilfeError) -> tuple[str, int]:
    logger.warning("fault %s: %s", error.fault.code, error.reason)
    hint = f"{error.reason} {error.fault.remedy}"
    title, _ = _TEXTS[_UNAVAILABLE]
    return render_template("pages/fehler.html", titel=title, rat=hint), _UNAVAILABLE


def _show_failure(_error: Exception) -> tuple[str, int]:
    logger.exception("a page failed")
    return _render(_INTERNAL)


def _render(status: int) -> tuple[str, int]:
    title, hint = _TEXTS.get(status, _TEXTS[_INTERNAL])
    return render_template("pages/fehler.html", titel=title, rat=hint), status
