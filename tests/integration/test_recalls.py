"""Recalls: what Jena does not fetch at one data centre becomes one letter at the other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from clients.xta import ReportStatus, ReportView, XtaClient, XtaFault
from persistence.database import Database
from persistence.engine import make_engine
from persistence.tables import delivery_order, forwarded_message, message
from server.domain.fallback import FallbackRules
from server.services.clock import read_clock
from tests.integration.test_forwarding import (
    as_centre,
    await_closed,
    await_code,
    await_true,
    list_events,
    receive,
    send,
)
from tests.support.two_centres import Centre, TwoCentres, find_identifier, make_two_centres


@pytest.fixture(scope="module")
def centres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCentres]:
    """Both with all parts but the worker of `mitte`; Potsdam wants a letter after a day."""
    made = make_two_centres(tmp_path_factory.mktemp("centres"))
    rule_letter_after_a_day(made.mitte)
    with made.mitte.serving("authority", "xta"), made.ost.serving("xta", "worker"):
        yield made


def rule_letter_after_a_day(centre: Centre) -> None:
    database = Database(make_engine(centre.settings.database.url))
    with database.writing() as stores:
        potsdam = stores.mandanten.find(find_identifier(centre, "potsdam"))
        assert potsdam is not None
        stores.fallback_rules.save(potsdam.key, FallbackRules(unread_days=1))
    database.engine.dispose()


def make_old(centre: Centre, message_id: str) -> None:
    """The message lies in its mailbox since two days."""
    database = Database(make_engine(centre.settings.database.url))
    with database.engine.begin() as connection:
        values = {"delivery": read_clock() - timedelta(days=2)}
        is_named = message.c.message_id == message_id
        connection.execute(message.update().where(is_named).values(values))
    database.engine.dispose()


def ask_back(centre: Centre, message_id: str) -> None:
    """What the worker commits before the other data centre hears of it."""
    database = Database(make_engine(centre.settings.database.url))
    with database.writing() as stores:
        found = stores.messages.find(message_id)
        assert found is not None
        stores.forwarded.ask_back(found.key, "Der Leser hat sie nicht abgeholt.", read_clock())
    database.engine.dispose()


def count_letters(centre: Centre) -> int:
    return len(list((centre.installation.folder / "druck").glob("*/*.pdf")))


def deliver_to_ost(centres: TwoCentres, number: int = 1) -> list[str]:
    """Messages that lie unread in Jena's mailbox since two days; their author knows of it."""
    with centres.mitte.serving("worker"):
        message_ids = [send(centres.mitte, "potsdam", "jena") for _ in range(number)]
        for message_id in message_ids:
            await_code(centres.mitte, "potsdam", message_id, "elektronisch-zugestellt")
    for message_id in message_ids:
        make_old(centres.ost, message_id)
    return message_ids


def require_one_letter(centres: TwoCentres, message_id: str, before: int) -> ReportView:
    report = await_closed(centres.mitte, "potsdam", message_id)
    assert report.codes[-3:] == ("ersatzweise-brief", "brief-gesetzt", "brief-ausgegeben")
    assert report.codes.count("ersatzweise-brief") == 1
    assert report.status == ReportStatus.YELLOW
    assert count_letters(centres.mitte) == before + 1
    assert centres.ost.installation.xta("jena").list_message_ids() == []
    there = centres.ost.installation.xta("jena").find_report(message_id)
    assert there.codes[-1] == "zurueckgeholt"
    return report


def test_recall_unread_message_becomes_one_letter_and_leaves_the_mailbox(
    centres: TwoCentres,
) -> None:
    (message_id,) = deliver_to_ost(centres)
    with centres.mitte.serving("worker"):
        report = require_one_letter(centres, message_id, 0)
    assert "seit einem Tag nicht abgeholt. Rechenzentrum ost hat sie" in report.entries[-3].reason
    assert list_events(centres.ost, "jena", "VS-2026-0815")[-1] == ("system", "zurueckgeholt")
    assert ("system", "ersatzbrief") in list_events(centres.mitte, "potsdam", "VS-2026-0815")


def test_recall_given_back_before_a_crash_becomes_one_letter(centres: TwoCentres) -> None:
    (message_id,) = deliver_to_ost(centres)
    ask_back(centres.mitte, message_id)
    as_centre(centres.mitte, centres.ost).cancel(message_id)
    before = count_letters(centres.mitte)
    with centres.mitte.serving("worker"):
        require_one_letter(centres, message_id, before)


def test_recall_fetched_meanwhile_stays_with_its_reader(centres: TwoCentres) -> None:
    (message_id,) = deliver_to_ost(centres)
    ask_back(centres.mitte, message_id)
    before = count_letters(centres.mitte)
    jena = centres.ost.installation.xta("jena")
    assert jena.fetch(message_id)
    with pytest.raises(XtaFault) as refused:
        as_centre(centres.mitte, centres.ost).cancel(message_id)
    assert refused.value.code == "9101"
    with centres.mitte.serving("worker"):
        await_code(centres.mitte, "potsdam", message_id, "ersatzbrief-nicht-noetig")
        receive(centres.ost, "jena", message_id)
        report = await_closed(centres.mitte, "potsdam", message_id)
    assert report.codes.count("ersatzbrief-nicht-noetig") == 1
    assert report.codes[-1] == "empfang-bestaetigt"
    assert count_letters(centres.mitte) == before


def test_recall_workers_killed_at_any_moment_make_one_letter_each(centres: TwoCentres) -> None:
    message_ids = deliver_to_ost(centres, 3)
    before = count_letters(centres.mitte)
    short = {"DAMTSHILFE_DELIVERY__LEASE_SECONDS": "2"}
    jena = centres.ost.installation.xta("jena")
    for left in (2, 1, 0):
        with centres.mitte.serving("worker", changes=short) as (worker,):
            await_fewer(jena, left)
            worker.kill()
    with centres.mitte.serving("worker", changes=short):
        for message_id in message_ids:
            await_closed(centres.mitte, "potsdam", message_id)
    assert count_letters(centres.mitte) == before + 3
    assert count_letter_orders(centres.mitte) == before + 3


def await_fewer(client: XtaClient, number: int) -> None:
    await_true(client.list_message_ids, lambda listed: len(listed) <= number)


def count_letter_orders(centre: Centre) -> int:
    database = Database(make_engine(centre.settings.database.url))
    with database.engine.begin() as connection:
        is_letter = delivery_order.c.destination_kind == "brief"
        found = connection.execute(delivery_order.select().where(is_letter)).all()
        asked = forwarded_message.select().where(forwarded_message.c.recall_cause != "")
        assert connection.execute(asked).all() == []
    database.engine.dispose()
    return len(found)
