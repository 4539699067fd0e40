"""Hints travel to the next page whatever was typed: a cookie that is too large would be dropped."""

import pytest
from flask import Flask

from server.web.flashes import flash, install_flashes, take_flashes

PATH = "/"
# What a browser takes: name, value and attributes together.
LIMIT = 4096


def carry(*texts: str) -> tuple[int, list[str]]:
    """The size of the cookie, and what the next page shows."""
    app = Flask(__name__)
    install_flashes(app)

    @app.get(PATH)
    def show() -> list[str]:
        return [item.text for item in take_flashes()]

    @app.post(PATH)
    def change() -> str:
        for text in texts:
            flash("success", text)
        return ""

    client = app.test_client()
    answer = client.post(PATH, base_url="https://localhost")
    shown = client.get(PATH, base_url="https://localhost").get_json()
    return len(answer.headers["Set-Cookie"].encode()), shown


def test_hint_arrives_as_it_is() -> None:
    text = 'Die Behörde „Stadt Jena“ ist eingetragen; Straße 5 \\ "Haus".'
    assert carry(text, "Gespeichert.")[1] == [text, "Gespeichert."]


def test_words_that_nobody_types_lose_their_middle() -> None:
    _, (shown,) = carry(f"Das Verzeichnis kennt „{'x' * 3000}“ nicht.")
    assert shown.startswith("Das Verzeichnis kennt „xxx") and shown.endswith("x“ nicht.")
    assert "…" in shown and len(shown) < 150


@pytest.mark.parametrize("sign", ["x", "ä", "€", "😀", '"', "\\", "\x00", "\ud800"])
@pytest.mark.parametrize("number", [1, 40])
def test_cookie_is_never_larger_than_browsers_take(sign: str, number: int) -> None:
    words = " ".join([sign * 79] * 60)
    size, shown = carry(*[f"Nummer {count}: {words}" for count in range(number)])
    assert size <= LIMIT
    assert shown and shown[0].startswith("Nummer 0")
