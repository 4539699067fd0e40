"""The shipped lists say what the code says."""

import re
from importlib.resources import files

from server.domain.codeliste import EINNAHMEART_URI, NACHRICHTENTYP_URI, Codeliste
from server.services.derived_codelisten import render_derived_codelisten
from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.message_profile import read_profile
from server.xmlio.shipped_codelisten import read_shipped_codelisten


def find(uri: str) -> Codeliste:
    (found,) = [item for item in read_shipped_codelisten() if item.uri == uri]
    return found


def test_derived_codelisten_are_committed_as_they_are_rendered() -> None:
    rendered = render_derived_codelisten()
    assert len(rendered) == 2
    for name, content in rendered.items():
        committed = (files("server") / "codelisten" / name).read_bytes()
        assert committed == content, f"{name} is out of date: make codelisten"


def test_nachrichtentypen_are_those_of_the_shipped_schemas() -> None:
    profiles = [read_profile(XSD_FOLDER / name) for name in ("amtshilfe-1", "xamtshilfe-1.1")]
    shipped = find(NACHRICHTENTYP_URI)
    assert {profile.message_type_list for profile in profiles} == {shipped.identity}
    types = {message.message_type for profile in profiles for message in profile.messages.values()}
    assert set(shipped.entries) == types


def test_einnahmearten_are_many_with_plain_keys_and_different_names() -> None:
    entries = find(EINNAHMEART_URI).entries
    assert len(entries) >= 60
    assert all(re.fullmatch(r"[a-z][a-z-]*[a-z]", key) for key in entries)
    assert len(set(entries.values())) == len(entries)


def test_shipped_codelisten_are_valid_at_all_times() -> None:
    for codeliste in read_shipped_codelisten():
        assert (codeliste.valid_from, codeliste.valid_to) == (None, None)
