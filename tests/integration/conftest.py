"""One running installation for all integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support import clamd
from tests.support.chromium import OpenWindow, Screen, running_chromium
from tests.support.installation import Installation, make_installation, serving
from tests.support.settling import settle

pytest.register_assert_rewrite("server.printing.plugin_contract")


@pytest.fixture(scope="session")
def scanner_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket of a running clamd; empty where it is not installed."""
    if not clamd.is_installed():
        yield ""
        return
    with clamd.running_clamd(tmp_path_factory.mktemp("clamd")) as path:
        yield str(path)


@pytest.fixture(scope="session")
def served_demo(
    tmp_path_factory: pytest.TempPathFactory, scanner_socket: str
) -> Iterator[Installation]:
    """A demo that is being served to all modules, one after the other.

    It scans for malware where clamd is installed. Tests send one sample again and again: it looks
    for no duplicates.
    """
    made = make_installation(tmp_path_factory.mktemp("server") / "demo")
    limits = {"REQUEST_BYTES": "3000000", "ENVELOPE_BYTES": "1000000"}
    changes = {f"DAMTSHILFE_LIMITS__{key}": value for key, value in limits.items()}
    changes |= {"DAMTSHILFE_DELIVERY__DUPLICATE_WINDOW_DAYS": "0"}
    changes |= {"DAMTSHILFE_REPORTS__SIGN": "true", "DAMTSHILFE_SCANNER__SOCKET": scanner_socket}
    with serving(made, changes):
        yield made


@pytest.fixture(scope="module")
def installation(served_demo: Installation) -> Installation:
    """The demo with empty mailboxes and a worker that has nothing to do, whatever ran before.

    All else is what other modules made of it: a test uses fresh MessageIDs and names, asks for what
    it made itself, and takes back what it changes.
    """
    settle(served_demo)
    return served_demo


@pytest.fixture
def letters(installation: Installation) -> Path:
    """The folder into which the print output writes."""
    return installation.folder / "druck"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a module: it is closed then, as it keeps an event loop running."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def open_window(
    request: pytest.FixtureRequest, chromium: Browser, installation: Installation
) -> Iterator[OpenWindow]:
    """Opens windows, of somebody who has signed in where a login is named; closes them at the end.

    What asks for it is tested with scripts, and without.
    """
    screens: list[Screen] = []

    def open_one(login: str = "") -> Screen:
        screens.append(Screen(chromium, installation, java_script_enabled=request.param))
        if login:
            screens[-1].sign_in(login)
        return screens[-1]

    yield open_one
    for screen in screens:
        screen.close()
