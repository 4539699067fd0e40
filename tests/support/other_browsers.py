"""Firefox, and WebKit (the engine of Safari), without a screen: Debian's browsers, led by Selenium.

Chromium, which stands for Chrome and Edge, is led by Playwright (`tests.support.chromium`).
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.chromium import AXE, AXE_RULES, VENDOR
from tests.support.installation import Installation

_MINI_BROWSERS = Path("/usr/lib")
_SIZE = (1280, 900)
Found = TypeVar("Found")
# What an element says while its page is being replaced.
_CHANGING = (StaleElementReferenceException, ElementNotInteractableException)
_SCREEN = "1400x1000x24"
_SECONDS = 60.0
_SIGN_IN_TRIES = 3
_SHOW = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})"
# 0 is dark, 1 is light.
_FIREFOX_SCHEME = "layout.css.prefers-color-scheme.content-override"


def find_reason_to_skip(name: str) -> str:
    """Why a browser cannot be led; empty where it can."""
    if not VENDOR.is_file() or not AXE.is_file():
        return "Gestaltung und axe-core fehlen (make test holt sie mit npm)"
    if name == "firefox":
        missing = [tool for tool in ("firefox-esr", "geckodriver") if not _find(tool)]
    else:
        missing = [tool for tool in ("WebKitWebDriver", "Xvfb") if not _find(tool)]
    return f"Es fehlt: {', '.join(missing)} (make test-packages)" if missing else ""


def _find(tool: str) -> str | None:
    """Cargo puts what it builds where PATH may not look."""
    return shutil.which(tool) or shutil.which(tool, path=Path.home() / ".cargo" / "bin")


@contextmanager
def running_browser(name: str, scheme: str) -> Iterator[WebDriver]:
    """Firefox or WebKit in light or dark, until the end of the block."""
    with _running_firefox(scheme) if name == "firefox" else _running_webkit(scheme) as driver:
        driver.set_window_size(*_SIZE)
        driver.set_script_timeout(_SECONDS)
        yield driver


@contextmanager
def _running_firefox(scheme: str) -> Iterator[WebDriver]:
    options = webdriver.FirefoxOptions()
    options.binary_location = str(_find("firefox-esr"))
    options.add_argument("-headless")
    options.accept_insecure_certs = True
    options.set_preference("intl.accept_languages", "de-DE")
    options.set_preference(_FIREFOX_SCHEME, 0 if scheme == "dark" else 1)
    service = webdriver.FirefoxService(executable_path=_find("geckodriver"))
    with webdriver.Firefox(options=options, service=service) as driver:
        yield driver


@contextmanager
def _running_webkit(scheme: str) -> Iterator[WebDriver]:
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(next(_MINI_BROWSERS.glob("*/webkit2gtk-*/MiniBrowser")))
    options.add_argument("--automation")
    options.accept_insecure_certs = True
    with _screen() as display:
        theme = "Adwaita:dark" if scheme == "dark" else "Adwaita"
        service = webdriver.WebKitGTKService(
            executable_path=_find("WebKitWebDriver"),
            env={**os.environ, "DISPLAY": display, "GTK_THEME": theme, "LANG": "de_DE.UTF-8"},
        )
        with webdriver.WebKitGTK(options=options, service=service) as driver:
            yield driver


@contextmanager
def _screen() -> Iterator[str]:
    """A screen that nobody sees; Xvfb itself takes the first free number and tells it."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1400x1000x24",
        "-nolisten",
        "tcp",
    ]
    with subprocess.Popen(
        command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        os.close(writing)
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        try:
            yield display
        finally:
            process.terminate()


class OtherScreen:
    """A window in which somebody works with the Web-Client of an installation."""

    def __init__(self, driver: WebDriver, installation: Installation, scheme: str) -> None:
        self.driver = driver
        self.scheme = scheme
        self.web = installation.facts["web"]

    def open(self, path: str) -> None:
        """Goes to a page."""
        self.driver.get(f"{self.web['url']}{path}")

    def sign_in(self, login: str) -> None:
        """As one of the users of the demo, who share a password; again where a press was lost."""
        for _ in range(_SIGN_IN_TRIES - 1):
            with suppress(TimeoutException):
                return self._sign_in_once(login)
        return self._sign_in_once(login)

    def _sign_in_once(self, login: str) -> None:
        self.driver.delete_all_cookies()
        self.open("/anmelden")
        self.fill("Anmeldename", login)
        self.fill("Kennwort", self.web["password"])
        self.press("Anmelden")
        self.find_button("Abmelden")

    def find(self, selector: str) -> WebElement:
        """The first element of a CSS selector that can be seen, as soon as it can."""
        return self._wait(lambda: self._seen(By.CSS_SELECTOR, selector), selector)

    def find_button(self, name: str) -> WebElement:
        """The button of this name."""
        path = f"//button[normalize-space(.)='{name}']"
        return self._wait(lambda: self._seen(By.XPATH, path), name)

    def find_link(self, name: str) -> WebElement:
        """The first link of this name."""
        path = f"//a[normalize-space(.)='{name}']"
        return self._wait(lambda: self._seen(By.XPATH, path), name)

    def wait_for_text(self, text: str) -> None:
        """Until the page says so."""
        self._wait(lambda: text in self.driver.find_element(By.TAG_NAME, "body").text, text)

    def wait_for_address(self, part: str) -> None:
        """Until the address of the page contains this."""
        self._wait(lambda: part in self.driver.current_url, part)

    def wait_for(self, expression: str) -> None:
        """Until this is true on the page."""
        self._wait(lambda: self.evaluate(expression), expression)

    def find_field(self, label: str) -> WebElement:
        """The first field whose label begins so."""
        path = f"//*[@id=//label[starts-with(normalize-space(.), '{label}')]/@for]"
        return self._wait(lambda: self._seen(By.XPATH, path), label)

    def fill(self, label: str, value: str) -> None:
        """Types into a field, in place of what is there."""
        self._act(lambda: self.find_field(label).clear(), label)
        self.find_field(label).send_keys(value)

    def choose(self, label: str, value: str) -> None:
        """Takes an option of a selection."""
        Select(self.find_field(label)).select_by_value(value)

    def press(self, name: str) -> None:
        """A button, as soon as it can be pressed; the page that comes may take a while."""
        self._act(lambda: self.find_button(name).click(), name)

    def find_barriers(self) -> list[str]:
        """What axe-core finds on the page as it is, of any weight."""
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return list(
            self.driver.execute_async_script(
                """const [rules, done] = arguments;
                const tell = (item) => `${item.id}: ${item.help}`;
                axe.run({runOnly: rules, resultTypes: ['violations']})
                  .then((result) => done(result.violations.map(tell)));""",
                list(AXE_RULES),
            )
        )

    def measure_overhang(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(
            self.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def evaluate(self, expression: str) -> Any:
        """The value of an expression on the page."""
        return self.driver.execute_script(f"return {expression}")

    def _seen(self, kind: str, selector: str) -> WebElement | None:
        if self.evaluate("document.readyState") != "complete":
            return None
        found = self.driver.find_elements(kind, selector)
        seen = next((item for item in found if item.is_displayed()), None)
        if seen is not None:
            # The page scrolls softly: a click would miss what is still moving.
            self.driver.execute_script(_SHOW, seen)
        return seen

    def _act(self, action: Callable[[], None], what: str) -> None:
        """Tries again while the page is not ready for it."""

        def try_once() -> bool:
            action()
            return True

        self._wait(try_once, what)

    def _wait(self, look: Callable[[], Found | None], what: str) -> Found:
        waiting = WebDriverWait(self.driver, _SECONDS, ignored_exceptions=_CHANGING)
        try:
            found = waiting.until(lambda _: look())
        except TimeoutException as error:
            raise TimeoutException(f"not seen: {what}, but {self._tell_page()}") from error
        assert found is not None
        return found

    def _tell_page(self) -> str:
        """Where the window is and what stands there, for whoever reads the failure."""
        body = self.driver.find_element(By.TAG_NAME, "body")
        return f"{self.driver.current_url} with {body.text[:2000]!r}"
