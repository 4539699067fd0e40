"""Answers of the directory while the Authority-Server is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from zeep.exceptions import Fault

from tests.support.installation import Installation, await_port_closed, make_installation, serving

# Each process remembers for itself; here there is one, and it always wants to ask.
ONE_PROCESS = {
    "DAMTSHILFE_SERVER__WORKERS": "1",
    "DAMTSHILFE_AUTHORITY_CLIENT__CACHE_SECONDS": "0",
}
JENA = ("hundesteuer", {"plz": "07743", "ort": "Jena"})


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """An installation of which only the XTA server runs."""
    installation = make_installation(tmp_path / "demo")
    with serving(installation, ONE_PROCESS, part="xta"):
        yield installation


def test_zustaendigkeitsabfrage_directory_away_older_answer_is_marked(parts: Installation) -> None:
    client = parts.fachverfahren("potsdam")
    with serving(parts, part="authority"):
        asked = client.ask_zustaendigkeit(*JENA)
        assert (asked.eindeutig, asked.ausZwischenspeicher) == (True, None)
    await_port_closed(parts.url("authority"))
    again = client.ask_zustaendigkeit(*JENA)
    assert (again.eindeutig, again.ausZwischenspeicher) == (True, True)
    assert again.behoerde[0].name == asked.behoerde[0].name
    with pytest.raises(Fault, match="9031"):
        client.ask_zustaendigkeit("grundsteuer", {"plz": "14471", "ort": "Potsdam"})


def test_senden_directory_away_known_reader_by_letter_is_known_still(parts: Installation) -> None:
    client = parts.fachverfahren("potsdam")
    cochem = {"_value_1": parts.mandant("cochem")["identifier"]["value"], "typ": "xoev"}
    with serving(parts, part="authority"):
        assert client.check(cochem, parts.payload()).zustellweg == "brief"
    await_port_closed(parts.url("authority"))
    assert client.check(cochem, parts.payload()).zustellweg == "brief"
