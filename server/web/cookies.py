"""The cookies of the Web-Client.

`__Host-` binds a cookie to this host, to HTTPS and to all of its paths; no script reads one.
"""

from typing import Literal

from flask import Response, request

SESSION = "__Host-sitzung"
# Holds the form of the sign-in together with the browser that asked for it.
SIGN_IN = "__Host-anmeldung"
# Follows a sign-in at the provider; it comes back from another site, so that it cannot be strict.
OIDC = "__Host-oidc"
FLASHES = "__Host-hinweise"
THEME = "__Host-darstellung"


def read_cookie(name: str) -> str:
    """The value; empty where there is none."""
    return request.cookies.get(name, "")


def set_cookie(
    response: Response,
    name: str,
    value: str,
    seconds: int | None = None,
    same_site: Literal["Strict", "Lax"] = "Strict",
) -> None:
    """Sets a cookie; without `seconds` it goes with the browser."""
    response.set_cookie(
        name, value, max_age=seconds, secure=True, httponly=True, samesite=same_site, path="/"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Takes a cookie away."""
    response.delete_cookie(name, secure=True, httponly=True, samesite="Strict", path="/")
