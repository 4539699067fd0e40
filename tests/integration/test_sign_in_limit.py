"""Failed sign-ins of one address, over HTTPS from several addresses of this machine."""

import http.client
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.installation import Installation, run_cli

LIMIT = 50
_TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    cookie: str


class Client:
    """Asks for pages from one address."""

    def __init__(self, installation: Installation, source: str) -> None:
        parts = urlsplit(installation.facts["web"]["url"])
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._connection = http.client.HTTPSConnection(
            parts.hostname or "",
            parts.port,
            context=context,
            source_address=(source, 0),
            timeout=60,
        )

    def sign_in(self, login: str, password: str, **headers: str) -> Answer:
        page = self._ask("GET", "/anmelden", "", {})
        form = {"csrf_token": _TOKEN.findall(page.text)[0], "login": login, "password": password}
        sent = {"Cookie": page.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", "/anmelden", urlencode(form), {**sent, **headers})

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return Answer(answer.status, answer.read().decode(), cookie)


def test_address_that_tries_many_logins_is_kept_out_alone(installation: Installation) -> None:
    facts = installation.facts["web"]
    login = next(user["login"] for user in facts["users"] if user["login"] != "betreiber")
    attacker = Client(installation, "127.0.0.9")
    tried = 0
    # While it tries, failures fall already: a few more are needed on a slow machine.
    for number in range(LIMIT + 10):
        # Another invention each time: it is not read, since no proxy is trusted.
        forwarded = {"X-Forwarded-For": f"192.0.2.{number}"}
        answer = attacker.sign_in(f"login{number}", "falsch", **forwarded)
        assert answer.status == 403
        if "Von Ihrem Anschluss" in answer.text:
            break
        tried += 1
    assert LIMIT < tried < LIMIT + 10
    refused = attacker.sign_in(login, facts["password"])
    assert refused.status == 403 and "Von Ihrem Anschluss" in refused.text
    assert Client(installation, "127.0.0.10").sign_in(login, facts["password"]).status == 303
    metrics = run_cli("status", "--format", "prometheus", "--config", str(installation.config))
    # How many have to wait may be over by now.
    assert re.search(r'damtshilfe_sign_in_addresses\{state="gezaehlt"\} [1-9]', metrics.stdout)


@pytest.mark.parametrize("key", ["address_failures=-1", "trusted_proxies=10.0.0.1/8"])
def test_senseless_settings_are_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    name, value = key.split("=")
    monkeypatch.setenv(f"DAMTSHILFE_WEB__{name.upper()}", value)
    told = run_cli("config", "check", str(installation.config), expected=1)
    assert f"web.{name}" in told.stdout + told.stderr
