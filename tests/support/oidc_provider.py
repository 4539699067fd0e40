"""A real OpenID provider (oidc-provider of npm) in a process of its own, and who signs in there."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from server.running.ports import find_free_ports
from tests.support.installation import REPOSITORY

_FOLDER = REPOSITORY / "tests" / "interop"
CLIENT = "damtshilfe"
SECRET = "only-for-tests"
_ACTION = re.compile(r'<form[^>]*action="([^"]+)"')
_PROMPT = re.compile(r'name="prompt" value="([^"]+)"')


def find_reason_to_skip() -> str:
    """Why no provider can be started; empty where one can."""
    if shutil.which("node") is None or not (_FOLDER / "node_modules" / "oidc-provider").is_dir():
        return "node oder sein Paket oidc-provider fehlt (make interop)"
    return ""


@dataclass
class OidcProvider:
    """A running provider; `task` is the file that it reads its accounts from."""

    issuer: str
    ca: Path
    task: Path

    def set_account(self, login: str, email: str, *, is_verified: bool = True) -> None:
        """Adds or changes somebody."""
        values = json.loads(self.task.read_text(encoding="utf-8"))
        values["accounts"][login] = {"email": email, "email_verified": is_verified}
        self.task.write_text(json.dumps(values), encoding="utf-8")

    def sign_in(self, url: str, login: str) -> dict[str, str]:
        """Somebody signs in and consents; what the browser would bring back."""
        person = requests.Session()
        person.trust_env = False
        person.verify = str(self.ca)
        answer = self._follow(person, person.get(url, allow_redirects=False))
        while answer.status_code == requests.codes.ok:
            found = _ACTION.search(answer.text)
            assert found, answer.text
            prompt = _PROMPT.search(answer.text)
            values = {
                "prompt": prompt.group(1) if prompt else "login",
                "login": login,
                "password": "x",
            }
            action = urljoin(answer.url, unescape(found.group(1)))
            answer = self._follow(person, person.post(action, data=values, allow_redirects=False))
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def _follow(self, person: requests.Session, answer: Any) -> Any:
        """Until a page of the provider, or the way back to the client."""
        while answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            if not target.startswith(self.issuer):
                return answer
            answer = person.get(target, allow_redirects=False)
        return answer


@contextmanager
def running_provider(pki: Path, folder: Path, redirect_uri: str) -> Iterator[OidcProvider]:
    """With the server certificate of an installation, until the end of the block."""
    (port,) = find_free_ports(1)
    task = folder / "oidc.json"
    values = {
        "port": port,
        "certificate": str(pki / "server.pem"),
        "key": str(pki / "server.key"),
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uri": redirect_uri,
        "accounts": {},
    }
    task.write_text(json.dumps(values), encoding="utf-8")
    with (
        (folder / "oidc.log").open("wb") as log,
        subprocess.Popen(
            ["node", "oidc_provider.mjs", str(task)],
            cwd=_FOLDER,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.strip() == b"ready", (folder / "oidc.log").read_text(encoding="utf-8")
            yield OidcProvider(f"https://localhost:{port}", pki / "ca.pem", task)
        finally:
            process.terminate()
            process.wait(20)
