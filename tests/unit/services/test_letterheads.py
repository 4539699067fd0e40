"""Letterheads that authorities set: from the next letter on, everywhere, for their own letters."""

from pathlib import Path

import pytest

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.letterhead import Letterhead, Logo, LogoKind, NewLetterhead
from server.domain.mandant import Caller
from server.printing.stationery import StationeryFolders, name_folder
from server.services.letterheads import Letterheads
from tests.support.letter_kinds import make_logo
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h4"/></svg>'
HEAD = Letterhead("Eigene", "Postfach 1", ("Haus 2",), ("Eilt",), ("Di 9-12",))


def save(
    database: Database, caller: Caller, new: NewLetterhead, revision: str, clock: FixedClock
) -> None:
    with database.writing() as stores:
        stores.letterheads.save(caller.mandant.key, new, revision, clock(), "Anna")


def test_letterhead_is_kept_as_it_was_set(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    new = NewLetterhead(HEAD, Logo(LogoKind.PNG, make_logo()))
    save(database, author, new, "r1", clock)
    with database.reading() as stores:
        found = stores.letterheads.find(author.mandant.key)
        assert stores.letterheads.find(reader.mandant.key) is None
    assert found is not None
    assert (found.letterhead, found.logo, found.changed_by) == (HEAD, new.logo, "Anna")


def test_letterheads_take_up_what_another_process_set(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    letterheads = Letterheads(database, StationeryFolders())
    own, other = author.mandant.identifier, reader.mandant.identifier
    assert letterheads.find_for(own).letterhead == Letterhead()
    save(database, author, NewLetterhead(HEAD), "r1", clock)
    first = letterheads.find_for(own)
    assert (first.letterhead, first.logo) == (HEAD, "")
    assert letterheads.find_for(own) is first
    save(database, author, NewLetterhead(logo=Logo(LogoKind.SVG, SVG)), "r2", clock)
    second = letterheads.find_for(own)
    assert (second.letterhead, second.files["logo.svg"]) == (Letterhead(), SVG)
    assert letterheads.find_for(other).letterhead == Letterhead()
    assert letterheads.find_for(PartyIdentifier("ags:1", "xoev")).logo == ""
    with database.writing() as stores:
        assert stores.letterheads.remove(author.mandant.key)
        assert not stores.letterheads.remove(author.mandant.key)
    assert letterheads.find_for(own).logo == ""


def test_letterheads_without_own_logo_keep_that_of_the_operator(
    database: Database, author: Caller, clock: FixedClock, tmp_path: Path
) -> None:
    templates = tmp_path / "vorlagen"
    folder = templates / name_folder(author.mandant.identifier)
    folder.mkdir(parents=True)
    (folder / "logo.svg").write_bytes(SVG)
    (folder / "briefkopf.toml").write_text('name = "Vom Betreiber"', encoding="utf-8")
    letterheads = Letterheads(database, StationeryFolders(templates))
    identifier = author.mandant.identifier
    assert letterheads.find_for(identifier).letterhead.name == "Vom Betreiber"
    save(database, author, NewLetterhead(HEAD), "r1", clock)
    found = letterheads.find_for(identifier)
    assert (found.letterhead, found.files["logo.svg"]) == (HEAD, SVG)
    save(database, author, NewLetterhead(HEAD, Logo(LogoKind.PNG, make_logo())), "r2", clock)
    assert b"data:image/png" in letterheads.find_for(identifier).files["logo.svg"]
    assert letterheads.find_general(identifier).files["logo.svg"] == SVG
