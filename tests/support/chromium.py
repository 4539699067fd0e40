"""Chromium without a screen: Debian's browser, led by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.support.installation import REPOSITORY, Installation

VENDOR = REPOSITORY / "server" / "web" / "static" / "vendor" / ".installed"
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")

# Pages that come this much later (in milliseconds) show which tests do not wait for them.
LATENCY = int(os.environ.get("PAGE_LATENCY", "0"))


def find_reason_to_skip() -> str:
    """Why pages cannot be looked at; empty where they can."""
    if shutil.which("chromium") is None:
        return "Chromium fehlt (Debian: apt-get install chromium)"
    if not VENDOR.is_file() or not AXE.is_file():
        return "Gestaltung und axe-core fehlen (make test holt sie mit npm)"
    return ""


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Screen:
    """A window in which somebody works with the Web-Client of an installation.

    It keeps what pages complained of (console, requests that failed or went elsewhere).
    """

    def __init__(self, browser: Browser, installation: Installation, **options: Any) -> None:
        self.web = installation.facts["web"]
        self.context: BrowserContext = browser.new_context(
            ignore_https_errors=True, locale="de-DE", **options
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self._network: CDPSession | None = None
        self.page.on("console", self._note_message)
        self.page.on("request", lambda request: self._note_request(request.url))
        self.page.on("requestfailed", self._note_failure)
        if LATENCY:
            self.slow_down()

    def slow_down(self, upload_throughput: int = -1) -> None:
        """Answers come LATENCY later; what goes out takes its time (bytes per second)."""
        # Of several sessions the first one would decide.
        self._network = self._network or self.context.new_cdp_session(self.page)
        self._network.send("Network.enable")
        self._network.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY,
                "downloadThroughput": -1,
                "uploadThroughput": upload_throughput,
            },
        )

    def open(self, path: str) -> None:
        """Goes to a page."""
        self.page.goto(f"{self.web['url']}{path}")

    def sign_in(self, login: str, password: str = "") -> None:
        """As somebody with a password, or as one of the users of the demo, who share one."""
        self.try_to_sign_in(login, password or self.web["password"])
        self.page.get_by_role("button", name="Abmelden").wait_for()

    def try_to_sign_in(self, login: str, password: str) -> None:
        """Sends the form, whatever comes of it."""
        self.open("/anmelden")
        self.page.get_by_label("Anmeldename").fill(login)
        self.page.get_by_label("Kennwort").fill(password)
        self.page.get_by_role("button", name="Anmelden").click()

    def go_to(self, area: str) -> None:
        """By the main navigation; a page may have the same link once more."""
        navigation = self.page.get_by_role("navigation", name="Hauptnavigation")
        navigation.get_by_role("link", name=area, exact=True).click()

    def find_barriers(self) -> list[str]:
        """What axe-core finds on the page as it is, of any weight."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate(
            "rules => axe.run({runOnly: rules, resultTypes: ['violations']})", list(AXE_RULES)
        )
        return [
            f"{item['id']} ({item['impact']}): {item['help']}, {node['target']}"
            for item in result["violations"]
            for node in item["nodes"]
        ]

    def walk_by_tab(self, maximum: int = 1000) -> list[str]:
        """What the tab key reaches, from the first element to the last; each told once."""
        reached: list[str] = []
        self.page.evaluate("document.activeElement.blur()")
        for _ in range(maximum):
            self.page.keyboard.press("Tab")
            name = str(self.page.evaluate(_DESCRIBE_FOCUS))
            if not name or name in reached[:-1]:
                break
            # A field for a day takes a stop each for its day, month and year.
            if name not in reached:
                reached.append(name)
        return reached

    def list_controls(self) -> list[str]:
        """What has to be reached: links, buttons and fields that can be seen."""
        return list(self.page.evaluate(_LIST_CONTROLS))

    def close(self) -> None:
        """Closes the window."""
        self.context.close()

    def save_picture(self, path: Path) -> None:
        """The whole page."""
        self.page.screenshot(path=path, full_page=True)

    def _note_message(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _note_failure(self, request: Any) -> None:
        # Who goes on ends what the page before was still loading, such as its icon.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(request.url)

    def _note_request(self, url: str) -> None:
        if not url.startswith((self.web["url"], "data:")):
            self.complaints.append(f"asked elsewhere: {url}")


OpenWindow = Callable[..., Screen]

_DESCRIBE = """(element) => {
  const selector = 'a[href], button, input, select, textarea, summary, [tabindex]';
  const all = [...document.querySelectorAll(selector)];
  const name = element.getAttribute('aria-label') || element.innerText || element.name || '';
  return `${all.indexOf(element)} ${element.tagName} ${name.trim().slice(0, 40)}`;
}"""
_DESCRIBE_FOCUS = f"""() => {{
  const element = document.activeElement;
  return element && element !== document.body ? ({_DESCRIBE})(element) : '';
}}"""
_LIST_CONTROLS = f"""() => {{
  const seen = new Set();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((item) => item.type !== 'hidden' && !item.disabled && item.getClientRects().length
      // What lies in details that are closed has a place, too.
      && !item.closest("details:not([open]) > :not(summary)"))
    .filter((item) => {{
      // Of radio buttons one is reached by tab, the others by the arrow keys.
      if (item.type !== 'radio') return true;
      const group = [...document.getElementsByName(item.name)];
      return item === (group.find((other) => other.checked) || group[0]);
    }})
    .map({_DESCRIBE});
}}"""
