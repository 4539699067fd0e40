"""What Mandanten choose for their letters, and what holds for a letter."""

from pathlib import Path

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.print_settings import PrintChoice, PrintSettings
from server.services.mandanten import UnknownMandant
from server.services.print_settings import PrintChoiceRefused, PrintChoices

DEFAULTS = PrintSettings("haus", stock="weiss")


@pytest.fixture
def choices(database: Database) -> PrintChoices:
    return PrintChoices(database, DEFAULTS, ["haus", "dienst"])


def kennung(caller: Caller) -> str:
    return str(caller.mandant.identifier)


def test_change_holds_for_letters_of_this_author_only(
    choices: PrintChoices, author: Caller, reader: Caller
) -> None:
    choices.change(kennung(author), PrintChoice(output="dienst", duplex=False))
    chosen = PrintSettings("dienst", duplex=False, stock="weiss")
    assert choices.find_for(author.mandant.key) == chosen
    assert choices.find_for(reader.mandant.key) == DEFAULTS
    assert choices.find_for(None) == DEFAULTS


def test_change_adds_to_what_was_chosen(choices: PrintChoices, author: Caller) -> None:
    choices.change(kennung(author), PrintChoice(colour=True, stock=""))
    view = choices.change(kennung(author), PrintChoice(product="dv-frei"))
    assert view.choice == PrintChoice(colour=True, stock="", product="dv-frei")
    assert choices.show(kennung(author)) == view


def test_change_with_reset_forgets_what_was_chosen(choices: PrintChoices, author: Caller) -> None:
    choices.change(kennung(author), PrintChoice(colour=True))
    view = choices.change(kennung(author), PrintChoice(duplex=False), is_reset=True)
    assert view.choice == PrintChoice(duplex=False)
    assert choices.change(kennung(author), PrintChoice(), is_reset=True).settings == DEFAULTS


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        (PrintChoice(output="fax"), "„fax“ gibt es nicht; eingestellt: dienst, haus"),
        (PrintChoice(stock="a\nb"), "keinen Umbruch"),
        (PrintChoice(product="x" * 256), "höchstens 255 Zeichen"),
    ],
)
def test_change_impossible_choice_is_refused(
    choices: PrintChoices, author: Caller, choice: PrintChoice, problem: str
) -> None:
    with pytest.raises(PrintChoiceRefused, match=problem):
        choices.change(kennung(author), choice)
    assert choices.show(kennung(author)).choice == PrintChoice()


def test_show_unknown_mandant_is_told(choices: PrintChoices, tmp_path: Path) -> None:
    with pytest.raises(UnknownMandant, match="xoev:ags:0"):
        choices.show("xoev:ags:0")
