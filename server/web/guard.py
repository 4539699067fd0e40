"""Stands before every page: session, rights, protection of changes; and behind it: headers."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from server.domain.rights import Permission
from server.domain.web_user import SessionStage, WebSession
from server.web.context import config, find_session, services
from server.web.cookies import SESSION, SIGN_IN, read_cookie
from server.web.flashes import flash
from server.web.routes import Access, Open, find_access

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_YEAR_SECONDS = 365 * 24 * 60 * 60
_FIRST_ERROR = 400

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # Icons of KERN stand in its style sheet.
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": f"max-age={_YEAR_SECONDS}",
}


def install_guard(app: Flask) -> None:
    """Guards every request of the application."""
    app.before_request(_admit)
    app.after_request(_add_headers)


def find_csrf_token() -> str:
    """What a form has to send along; empty where the page has no form to protect."""
    session = find_session()
    return session.csrf_token if session else str(g.get("sign_in_token", ""))


def _admit() -> BaseResponse | None:
    """None where the request may go on."""
    token = read_cookie(SESSION)
    g.session = services().sessions.find(token) if token and not _is_static() else None
    g.sign_in_token = read_cookie(SIGN_IN)
    if request.endpoint is None:
        return None
    access = find_access(current_app, request.endpoint)
    if access is None:
        abort(403)
    request.max_content_length = access.max_bytes
    elsewhere = _check_session(access)
    if elsewhere is None:
        _check_change()
    return elsewhere


def _is_static() -> bool:
    return request.endpoint == "static"


def _check_session(access: Access) -> BaseResponse | None:
    if access.needs is Open.PUBLIC:
        return None
    session = find_session()
    if session is None:
        return _ask_to_sign_in()
    is_code_missing = session.stage is SessionStage.CODE_MISSING
    if is_code_missing is not (access.needs is Open.CODE_MISSING):
        return _go("sign_in.show_code" if is_code_missing else "overview.show_overview")
    return None if isinstance(access.needs, Open) else _check_right(session, access.needs)


def _check_right(session: WebSession, needs: Permission) -> BaseResponse | None:
    if not session.actor.may(needs):
        abort(403)
    if needs is Permission.OWN_PROFILE:
        return None
    # What is still to be done stands in the profile, and nothing else is open before it.
    if session.actor.user.must_change_password:
        return _go("profile.show_password")
    if config().must_have_second_factor and not session.actor.user.has_second_factor:
        return _go("second_factor.show_second_factor")
    return None


def _ask_to_sign_in() -> BaseResponse:
    if read_cookie(SESSION):
        flash("info", _tell_end())
    is_page = request.method == "GET" and not is_part_wanted()
    target = request.full_path.rstrip("?") if is_page else "/"
    return _go("sign_in.show_sign_in", weiter=None if target == "/" else target)


def _tell_end() -> str:
    lost = "" if request.method in _SAFE_METHODS else " Ihre letzte Eingabe ist nicht gespeichert."
    return f"Ihre Sitzung ist beendet. Bitte melden Sie sich wieder an.{lost}"


def _go(endpoint: str, **values: Any) -> BaseResponse:
    """To another page; a script that asked for a part of a page loads the other one as a whole."""
    url = url_for(endpoint, **values)
    if is_part_wanted():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


def is_part_wanted() -> bool:
    """True where htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def _check_change() -> None:
    """Refuses changes that did not begin on a page of ours."""
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and _find_host(origin) != request.host:
        abort(403)
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    expected = find_csrf_token()
    if not expected or not secrets.compare_digest(sent.encode(), expected.encode()):
        abort(400, "csrf")


def _find_host(origin: str) -> str:
    """Host and port; empty where it is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    if _is_static() and response.status_code < _FIRST_ERROR:
        # Their addresses carry the version.
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, HX-Request"
    return response
