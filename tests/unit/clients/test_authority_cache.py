"""The cache of directory answers: new, older, none. The wire is a stand-in here."""

from datetime import date
from typing import Any

import pytest

from clients.authority import (
    AuthorityServerFailed,
    WireAnschrift,
    WireBehoerde,
    WireDataCentre,
    WireHolder,
    WireKennung,
)
from clients.authority_cache import Answered, CachedAuthority, CacheLimits

ANSCHRIFT = WireAnschrift("Markt", "1", "07743", "Jena")
JENA = WireKennung("ags:16053000", "xoev")
GERA = WireKennung("ags:16052000", "xoev")


class StandInClient:
    """Answers with the number of the question, or is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0

    def find_behoerde(self, kennung: WireKennung) -> WireBehoerde | None:
        return WireBehoerde(kennung, self._answer(), ANSCHRIFT, "brief")

    def find_certificates(self, _kennung: WireKennung) -> tuple[bytes, ...]:
        return (self._answer().encode(),)

    def ask_zustaendigkeit(self, _einnahmeart: str, anschrift: WireAnschrift) -> tuple[Any, ...]:
        return (WireBehoerde(JENA, self._answer(), anschrift, "brief"),)

    def find_data_centre(
        self, _mandant: WireKennung, day: date | None = None
    ) -> WireDataCentre | None:
        name = self._answer()
        return WireDataCentre(name, "", "", "", "", day or date(2026, 1, 1), None, ())

    def find_holder(self, _fingerprint: str) -> WireHolder:
        return WireHolder(self._answer())

    def report_doubt(self, _kennung: WireKennung, _reason: str) -> bool:
        return bool(self._answer())

    def _answer(self) -> str:
        self.asked += 1
        if self.is_away:
            raise AuthorityServerFailed("weg")
        return f"Antwort {self.asked}"


class Scene:
    """A cache of at most three answers, new for 60 seconds, of use for 600."""

    def __init__(self) -> None:
        self.client = StandInClient()
        self.now = 0.0
        client: Any = self.client
        self.cache = CachedAuthority(client, CacheLimits(60, 600, entries=3), lambda: self.now)

    def find(self, kennung: WireKennung = JENA) -> tuple[str, bool]:
        answered = self.cache.find_behoerde(kennung)
        assert answered.value is not None
        return answered.value.name, answered.is_from_cache


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_find_behoerde_within_its_lifetime_is_asked_once(scene: Scene) -> None:
    assert scene.find() == scene.find() == ("Antwort 1", False)
    scene.now = 60
    assert scene.find() == ("Antwort 2", False)


def test_find_behoerde_server_away_older_answer_is_marked(scene: Scene) -> None:
    scene.find()
    scene.client.is_away, scene.now = True, 599
    assert scene.find() == ("Antwort 1", True)
    scene.client.is_away = False
    assert scene.find() == ("Antwort 3", False)


def test_find_behoerde_server_away_too_old_or_unknown_fails(scene: Scene) -> None:
    scene.find()
    scene.client.is_away, scene.now = True, 600
    for kennung in (JENA, GERA):
        with pytest.raises(AuthorityServerFailed):
            scene.find(kennung)


def test_cache_questions_of_different_kind_or_content_are_kept_apart(scene: Scene) -> None:
    other = WireAnschrift("Markt", "2", "07743", "Jena")
    answers = [
        scene.cache.ask_zustaendigkeit("hundesteuer", ANSCHRIFT),
        scene.cache.ask_zustaendigkeit("hundesteuer", other),
        scene.cache.find_certificates(JENA),
    ]
    assert scene.client.asked == 3
    assert scene.cache.ask_zustaendigkeit("hundesteuer", other) == answers[1]
    assert scene.cache.find_certificates(JENA) == Answered((b"Antwort 3",))
    assert scene.client.asked == 3


def test_cache_full_forgets_what_was_not_asked_for_longest(scene: Scene) -> None:
    kennungen = [WireKennung(f"ags:{number}", "xoev") for number in range(4)]
    for kennung in (*kennungen[:3], kennungen[0], kennungen[3]):
        scene.find(kennung)
    assert scene.client.asked == 4
    scene.find(kennungen[0])
    assert scene.client.asked == 4
    scene.find(kennungen[1])
    assert scene.client.asked == 5


def test_report_doubt_forgets_the_behoerde(scene: Scene) -> None:
    scene.find()
    assert scene.cache.report_doubt(JENA, "Rückläufer")
    assert scene.find() == ("Antwort 3", False)


def find_centre(scene: Scene, day: date | None = None) -> tuple[str, bool]:
    answered = scene.cache.find_data_centre(JENA, day)
    assert answered.value is not None
    return answered.value.name, answered.is_from_cache


def test_find_data_centre_is_remembered_for_each_day(scene: Scene) -> None:
    day = date(2026, 11, 1)
    assert [find_centre(scene), find_centre(scene, day), find_centre(scene)] == [
        ("Antwort 1", False),
        ("Antwort 2", False),
        ("Antwort 1", False),
    ]


def test_forget_data_centre_asks_anew_and_helps_out_with_the_former_answer(scene: Scene) -> None:
    scene.cache.forget_data_centre(JENA)
    find_centre(scene)
    scene.now = 10
    scene.cache.forget_data_centre(JENA)
    assert find_centre(scene) == ("Antwort 2", False)
    scene.cache.forget_data_centre(JENA)
    scene.client.is_away = True
    assert find_centre(scene) == ("Antwort 2", True)


def test_find_holder_is_remembered_and_helps_out(scene: Scene) -> None:
    assert scene.cache.find_holder("a") == scene.cache.find_holder("a")
    assert scene.cache.find_holder("b") == Answered(WireHolder("Antwort 2"))
    scene.client.is_away, scene.now = True, 70
    assert scene.cache.find_holder("a") == Answered(WireHolder("Antwort 1"), is_from_cache=True)
