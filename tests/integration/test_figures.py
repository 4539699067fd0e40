"""Figures over the façade: what a Mandant sent and received is counted, and nobody else's."""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select
from zeep.exceptions import Fault

from persistence.engine import begin_writing, make_engine
from persistence.figure_tables import message_claim
from server.cli import main
from server.settings_file import load_settings
from tests.integration.test_bad_input import new_id
from tests.support.installation import Installation, read_sample

_SECONDS = 60


def ask(installation: Installation, name: str, gliederung: str = "art", **filters: Any) -> Any:
    """The figures of the days around today, whatever the zone."""
    today = datetime.now(UTC).date()
    days = timedelta(days=1)
    client = installation.fachverfahren(name, is_soap_12=name == "jena")
    return client.find_figures(today - days, today + days, gliederung, **filters)


def await_counted(installation: Installation, name: str, expected: int) -> Any:
    """The figures once the worker has counted so many messages of the Mandant."""
    deadline = time.monotonic() + _SECONDS
    while True:
        found = ask(installation, name)
        if found.summe.gesendet.nachrichten + found.summe.empfangen.nachrichten >= expected:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_figures_count_what_was_sent_and_received(installation: Installation) -> None:
    await_nothing_due(installation)
    before = {name: ask(installation, name).summe for name in ("potsdam", "jena")}
    message_id = new_id()
    client = installation.fachverfahren("potsdam")
    client.send(None, read_sample("valid", "ersuchen.xml"), (), message_id)
    count = before["potsdam"].gesendet.nachrichten + before["potsdam"].empfangen.nachrichten
    after = await_counted(installation, "potsdam", count + 1).summe
    assert after.gesendet.nachrichten == before["potsdam"].gesendet.nachrichten + 1
    assert after.gesendet.ersuchen == before["potsdam"].gesendet.ersuchen + 1
    assert after.gesendet.betrag - before["potsdam"].gesendet.betrag > Decimal(0)
    count = before["jena"].gesendet.nachrichten + before["jena"].empfangen.nachrichten
    theirs = await_counted(installation, "jena", count + 1).summe
    assert theirs.empfangen.nachrichten == before["jena"].empfangen.nachrichten + 1
    assert theirs.empfangen.betrag - before["jena"].empfangen.betrag > Decimal(0)


def await_nothing_due(installation: Installation) -> None:
    deadline = time.monotonic() + _SECONDS
    while ask(installation, "potsdam").ausstehend:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def run(installation: Installation, command: str) -> str:
    call = ["figures", command, "--config", str(installation.config)]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 0, result.output
    return result.output


def test_commands_read_claims_that_are_missing_and_count_anew(installation: Installation) -> None:
    await_nothing_due(installation)
    before = ask(installation, "potsdam").summe.gesendet
    client = installation.fachverfahren("potsdam")
    client.send(None, read_sample("valid", "ersuchen.xml"), (), new_id())
    await_nothing_due(installation)
    sent = ask(installation, "potsdam").summe.gesendet
    assert sent.betrag > before.betrag
    engine = make_engine(load_settings(installation.config, {}).database.url)
    with begin_writing(engine) as connection:
        newest = select(func.max(message_claim.c.message_key)).scalar_subquery()
        connection.execute(delete(message_claim).where(message_claim.c.message_key == newest))
    engine.dispose()
    assert run(installation, "recount") == "Alle Nachrichten werden neu gezählt.\n"
    await_nothing_due(installation)
    assert ask(installation, "potsdam").summe.gesendet.betrag == before.betrag
    output = run(installation, "claims")
    assert "1 mit Forderungen." in output
    assert output.endswith("Fertig. Der Worker zählt die Änderungen.\n")
    await_nothing_due(installation)
    found = ask(installation, "potsdam").summe.gesendet
    assert (found.nachrichten, found.betrag) == (sent.nachrichten, sent.betrag)


def test_figures_are_filtered_by_behoerde(installation: Installation) -> None:
    nobody = {"_value_1": "ags:99999999", "typ": "xoev"}
    found = ask(installation, "potsdam", "behoerde", behoerde=nobody)
    assert found.summe.gesendet.nachrichten == 0
    assert found.zeile == []


@pytest.mark.parametrize(
    ("first", "last", "gliederung", "reason"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "monat", "bevor er beginnt"),
        (date(2026, 1, 1), date(2026, 12, 1), "tag", "höchstens 100 Tage"),
        (date(1500, 1, 1), date(1500, 1, 2), "monat", "Jahren 2000 bis 2199"),
    ],
)
def test_figures_of_an_impossible_period_are_refused(
    installation: Installation, first: date, last: date, gliederung: str, reason: str
) -> None:
    with pytest.raises(Fault, match=reason) as caught:
        installation.fachverfahren("potsdam").find_figures(first, last, gliederung)
    assert caught.value.code.endswith("Client")
