"""Whose letterhead a letter bears, and what its job ticket says of the sender."""

from dataclasses import replace

import pytest

from persistence.database import Database
from server.domain.behoerde import Behoerde, Kanal
from server.domain.content import InlineContent
from server.domain.destination import LETTER
from server.domain.ersuchen import Ersuchen
from server.domain.letterhead import Letterhead, NewLetterhead
from server.domain.mandant import Caller
from server.domain.print_settings import PrintSettings
from server.domain.stored_message import PartKind, StoredMessage
from server.printing.letter import LetterStyle
from server.printing.stationery import StationeryFolders
from server.services.codelisten import Codelisten
from server.services.letterheads import Letterheads
from server.services.letters import Letters, PrintPart, SetLetter
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.print_settings import PrintChoices
from server.services.standard_massnahmen import read_standard_massnahmen
from server.xmlio.ersuchen import write_ersuchen
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.delivering import add_order
from tests.unit.conftest import FixedClock
from tests.unit.printing.pdf_reading import read_texts
from tests.unit.printing.samples import FLENSBURG, ORDER, POTSDAM, make_ersuchen
from tests.unit.services.test_sending import INSPECTOR

HEAD = Letterhead("Beitreibung Havel", "Stadt Potsdam · Postfach 60 10 · 14467 Potsdam")
RECIPIENT = Behoerde(FLENSBURG.identifier, FLENSBURG.name, FLENSBURG.anschrift, Kanal.BRIEF)


@pytest.fixture
def letters(database: Database, clock: FixedClock, author: Caller) -> Letters:
    """Letters of an installation where the author has a letterhead of its own."""
    with database.writing() as stores:
        stores.letterheads.save(author.mandant.key, NewLetterhead(HEAD), "r1", clock(), "Anna")
    return Letters(
        INSPECTOR,
        PrintChoices(database, PrintSettings("folder"), ["folder"]),
        LetterStyle(Letterheads(database, StationeryFolders())),
        Codelisten(database, clock, read_shipped_codelisten()),
        Massnahmenkataloge(database, read_standard_massnahmen()),
    )


def write_as(caller: Caller) -> Ersuchen:
    """An Ersuchen in which this authority asks."""
    return make_ersuchen(
        ersuchender=replace(POTSDAM, identifier=caller.mandant.identifier, bearbeiter="")
    )


def set_letter(letters: Letters, ersuchen: Ersuchen, message: StoredMessage) -> SetLetter:
    parts: list[PrintPart] = [(PartKind.MESSAGE, {}, InlineContent(write_ersuchen(ersuchen)))]
    plan = letters.plan_letter(parts, RECIPIENT, message)
    return letters.set_letter(plan, parts, ORDER)


def store(database: Database, author: Caller, clock: FixedClock) -> StoredMessage:
    """A message that this caller has sent."""
    add_order(database, author, clock, "urn:x:1", LETTER)
    with database.reading() as stores:
        message = stores.messages.find("urn:x:1")
    assert message is not None
    return message


def test_set_letter_bears_the_letterhead_and_return_address_of_its_author(
    letters: Letters, database: Database, author: Caller, clock: FixedClock
) -> None:
    found = set_letter(letters, write_as(author), store(database, author, clock))
    assert HEAD.name in read_texts(found.pdf)[0]
    # Where mail comes back to is the same on the letter and on its job ticket.
    assert HEAD.absenderzeile in read_texts(found.pdf)[0]
    assert found.details.sender_lines == ("Stadt Potsdam", "Postfach 60 10", "14467 Potsdam")
    assert found.details.sender == POTSDAM.name


def test_set_letter_written_in_the_name_of_another_bears_no_letterhead(
    letters: Letters, database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    stranger = store(database, reader, clock)
    forwarded = replace(stranger, head=replace(stranger.head, author=author.mandant.identifier))
    for message in (stranger, replace(forwarded, author_mandant=None, author_centre="nord")):
        found = set_letter(letters, write_as(author), message)
        text = read_texts(found.pdf)[0]
        assert HEAD.name not in text and HEAD.absenderzeile not in text
        assert POTSDAM.name in text
        assert found.details.sender_lines == tuple(POTSDAM.anschrift.lines())
