"""Signing in at an OpenID provider."""

import secrets

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from server.domain.web_user import SessionStage
from server.services.web_access.oidc_sign_in import OidcSignIn
from server.services.web_access.sign_in import SignInRefused
from server.web.context import services
from server.web.cookies import OIDC, SESSION, SIGN_IN, drop_cookie, read_cookie, set_cookie
from server.web.flashes import flash
from server.web.routes import Open, Pages

pages = Pages("oidc", __name__)

RETURN_PATH = "/anmelden/openid/zurueck"
_SECONDS = 600


@pages.page("/anmelden/openid", Open.PUBLIC)
def begin() -> BaseResponse:
    """To the provider. A link, not a form: a form may lead to pages of ours only."""
    try:
        start = _require_provider().begin()
    except SignInRefused as error:
        return _go_back(error)
    response = make_response(redirect(start.url, 303))
    set_cookie(response, OIDC, start.state, _SECONDS, same_site="Lax")
    return response


@pages.page(RETURN_PATH, Open.PUBLIC)
def come_back() -> BaseResponse:
    """Back from the provider, in the browser that went there."""
    provider = _require_provider()
    state, kept = request.args.get("state", ""), read_cookie(OIDC)
    try:
        if not kept or not secrets.compare_digest(state.encode(), kept.encode()):
            raise SignInRefused("Diese Anmeldung hat nicht in diesem Browser begonnen.")
        code, issuer = request.args.get("code", ""), request.args.get("iss", "")
        signed_in = provider.finish(state, code, issuer)
    except SignInRefused as error:
        return _go_back(error)
    is_complete = signed_in.stage is SessionStage.COMPLETE
    target = url_for("overview.show_overview" if is_complete else "sign_in.show_code")
    # Not a redirect: the browser still comes of another site and would keep the new cookie back.
    response = make_response(render_template("pages/weiter.html", ziel=target))
    set_cookie(response, SESSION, signed_in.token)
    drop_cookie(response, SIGN_IN)
    drop_cookie(response, OIDC)
    return response


def _require_provider() -> OidcSignIn:
    provider = services().oidc
    if provider is None:
        abort(404)
    return provider


def _go_back(error: SignInRefused) -> BaseResponse:
    flash("danger", str(error))
    response = make_response(
        render_template("pages/weiter.html", ziel=url_for("sign_in.show_sign_in"))
    )
    drop_cookie(response, OIDC)
    return response
