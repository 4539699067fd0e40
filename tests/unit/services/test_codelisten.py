"""Code lists in use: what is found on which day, and how an import becomes known."""

import threading
from dataclasses import replace
from datetime import date

import pytest

from persistence.database import Database
from server.domain.codeliste import EINNAHMEART_URI, Codeliste, CodelisteChanges
from server.services.codelist_import import CodelistImport, ImportOutcome, ImportRefused
from server.services.codelisten import Codelisten
from server.xmlio.genericode import read_codeliste
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

VERSION_2 = read_codeliste(read_sample("codelisten", "einnahmeart-2.gc.xml"))
OTHER = read_codeliste(read_sample("codelisten", "xoev.gc.xml"))
BEFORE, WITHIN, AFTER = date(2030, 12, 31), date(2031, 6, 1), date(2032, 1, 1)


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def codelisten(database: Database, clock: FixedClock, seconds: Seconds) -> Codelisten:
    return Codelisten(database, clock, read_shipped_codelisten(), seconds)


@pytest.fixture
def job(database: Database, clock: FixedClock) -> CodelistImport:
    return CodelistImport(database, clock, read_shipped_codelisten())


def test_find_name_without_import_is_that_of_the_shipped_list(codelisten: Codelisten) -> None:
    assert codelisten.find_name(EINNAHMEART_URI, "hundesteuer", WITHIN) == "Hundesteuer"
    assert codelisten.find_name(EINNAHMEART_URI, "katzensteuer", WITHIN) is None
    assert codelisten.find_name("urn:x:unbekannt", "hundesteuer", WITHIN) is None


def test_find_name_imported_version_counts_within_its_validity(
    codelisten: Codelisten, job: CodelistImport
) -> None:
    job.run([VERSION_2], is_replacing=False)
    names = [
        codelisten.find_name(EINNAHMEART_URI, "hundesteuer", day) for day in (BEFORE, WITHIN, AFTER)
    ]
    assert names == ["Hundesteuer", "Hundesteuer (neu)", "Hundesteuer"]
    assert codelisten.find_name(EINNAHMEART_URI, "grundsteuer", WITHIN) is None


def test_find_einnahmeart_problem_names_key_list_and_version(
    codelisten: Codelisten, job: CodelistImport
) -> None:
    job.run([VERSION_2], is_replacing=False)
    assert codelisten.find_einnahmeart_problem("grundsteuer", BEFORE) == ""
    assert codelisten.find_einnahmeart_problem("grundsteuer", WITHIN) == (
        "Die Einnahmeart „grundsteuer“ steht nicht in der Codeliste Einnahmearten "
        "(urn:damtshilfe:codeliste:einnahmeart), Version 2."
    )
    assert codelisten.find_problem(OTHER.uri, "eilig", BEFORE) == (
        "Zur Codeliste urn:beispiel:codeliste:verfahrensart gibt es keine Version, "
        "die am 31.12.2030 gilt."
    )


def test_name_einnahmeart_unknown_key_is_its_own_name(codelisten: Codelisten) -> None:
    assert codelisten.name_einnahmeart("bussgeld", WITHIN) == "Bußgeld"
    assert codelisten.name_einnahmeart("alte-abgabe", WITHIN) == "alte-abgabe"


def test_codelisten_import_of_another_process_is_known_after_seconds(
    codelisten: Codelisten, job: CodelistImport, seconds: Seconds
) -> None:
    assert codelisten.find_version(OTHER.uri, OTHER.version) is None
    job.run([OTHER], is_replacing=False)
    seconds.now += 1
    assert codelisten.find_version(OTHER.uri, OTHER.version) is None
    seconds.now += 1
    assert codelisten.find_version(OTHER.uri, OTHER.version) == OTHER
    changed = Codeliste(OTHER.uri, OTHER.version, "Anders", {"neu": "Neu"})
    job.run([changed], is_replacing=True)
    seconds.now += 2
    assert codelisten.find_version(OTHER.uri, OTHER.version) == changed


def test_codelisten_are_read_by_many_threads_while_one_imports(
    database: Database, clock: FixedClock, job: CodelistImport
) -> None:
    # Without pause between two checks, so that every reader may be the one that reads anew.
    ticks = iter(range(0, 10**9, 10))
    codelisten = Codelisten(database, clock, read_shipped_codelisten(), lambda: float(next(ticks)))
    answers: list[str | None] = []

    def read() -> None:
        for _ in range(25):
            answers.append(codelisten.find_name(EINNAHMEART_URI, "hundesteuer", WITHIN))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    job.run([VERSION_2], is_replacing=False)
    for thread in threads:
        thread.join()
    assert len(answers) == 100
    assert set(answers) <= {"Hundesteuer", "Hundesteuer (neu)"}
    assert codelisten.find_name(EINNAHMEART_URI, "hundesteuer", WITHIN) == "Hundesteuer (neu)"


def test_list_all_has_shipped_and_imported_from_old_to_new(
    codelisten: Codelisten, job: CodelistImport
) -> None:
    job.run([VERSION_2, OTHER], is_replacing=False)
    found = [item.identity for item in codelisten.list_all()]
    assert found == sorted(found)
    assert (EINNAHMEART_URI, "1") in found
    assert found.count((EINNAHMEART_URI, "2")) == 1
    assert OTHER.identity in found


def test_import_same_content_again_changes_nothing(
    database: Database, job: CodelistImport, clock: FixedClock
) -> None:
    assert [item.outcome for item in job.run([OTHER], is_replacing=False)] == [ImportOutcome.ADDED]
    clock.advance(hours=1)
    (again,) = job.run([OTHER], is_replacing=False)
    assert again.outcome == ImportOutcome.UNCHANGED
    with database.reading() as stores:
        assert stores.codelisten.read_revision() == 1
        assert stores.codelisten.list_all() == (OTHER,)


def test_import_other_content_is_refused_and_nothing_is_imported(
    database: Database, job: CodelistImport
) -> None:
    job.run([OTHER], is_replacing=False)
    changed = Codeliste(OTHER.uri, OTHER.version, OTHER.name, {"neu": "Neu"}, OTHER.valid_from)
    with pytest.raises(ImportRefused) as caught:
        job.run([VERSION_2, changed], is_replacing=False)
    assert caught.value.problems == [
        "Die Codeliste urn:beispiel:codeliste:verfahrensart, Version 2030-04-01, gibt es schon "
        "mit anderem Inhalt; --replace ersetzt sie."
    ]
    with database.reading() as stores:
        assert stores.codelisten.list_all() == (OTHER,)


def test_import_shipped_version_with_other_content_needs_replace(
    database: Database, job: CodelistImport, codelisten: Codelisten
) -> None:
    changed = Codeliste(EINNAHMEART_URI, "1", "Einnahmearten", {"hundesteuer": "Hundeabgabe"})
    with pytest.raises(ImportRefused):
        job.run([changed], is_replacing=False)
    (result,) = job.run([changed], is_replacing=True)
    assert result.outcome == ImportOutcome.REPLACED
    assert codelisten.find_version(EINNAHMEART_URI, "1") == changed
    with database.reading() as stores:
        assert stores.codelisten.list_all() == (changed,)


def test_import_unchanged_shipped_version_is_not_stored(
    database: Database, job: CodelistImport
) -> None:
    (shipped,) = [item for item in read_shipped_codelisten() if item.uri == EINNAHMEART_URI]
    (result,) = job.run([shipped], is_replacing=False)
    assert result.outcome == ImportOutcome.UNCHANGED
    with database.reading() as stores:
        assert stores.codelisten.list_all() == ()


def test_import_one_version_twice_is_refused(database: Database, job: CodelistImport) -> None:
    with pytest.raises(ImportRefused, match="mehrfach angegeben"):
        job.run([OTHER, OTHER], is_replacing=True)
    with database.reading() as stores:
        assert stores.codelisten.list_all() == ()


def test_import_many_entries_keep_their_order(database: Database, job: CodelistImport) -> None:
    entries = {f"k{number * 7919 % 12000:05}": f"Name {number}" for number in range(12000)}
    job.run([Codeliste("urn:x:gross", "1", "Groß", entries)], is_replacing=False)
    with database.reading() as stores:
        found = stores.codelisten.find("urn:x:gross", "1")
    assert found is not None
    assert list(found.entries.items()) == list(entries.items())


def test_plan_tells_what_is_new_changed_and_retired_and_writes_nothing(
    job: CodelistImport, codelisten: Codelisten
) -> None:
    shipped = codelisten.find_version(EINNAHMEART_URI, "1")
    assert shipped is not None
    first, *others = shipped.entries.items()
    entries = {**dict(others), "katzensteuer": "Katzensteuer", others[0][0]: "Anders"}
    planned = job.plan([Codeliste(EINNAHMEART_URI, "3", "Einnahmeart", entries), OTHER])
    assert [item.outcome for item in planned] == [ImportOutcome.ADDED] * 2
    changes = planned[0].changes
    assert planned[0].base == shipped and changes.retired == (first,)
    assert changes.added == (("katzensteuer", "Katzensteuer"),)
    assert changes.changed == ((others[0][0], others[0][1], "Anders"),)
    assert planned[1].base is None and len(planned[1].changes.added) == len(OTHER.entries)
    assert codelisten.find_version(EINNAHMEART_URI, "3") is None


def test_plan_compares_with_the_same_version_else_with_the_newest(job: CodelistImport) -> None:
    job.run([VERSION_2], is_replacing=False)
    (unchanged,) = job.plan([VERSION_2])
    assert unchanged.outcome is ImportOutcome.UNCHANGED
    assert unchanged.changes == CodelisteChanges((), (), ())
    (newer,) = job.plan([replace(VERSION_2, version="10")])
    assert newer.base == VERSION_2
    with pytest.raises(ImportRefused, match="mehrfach angegeben"):
        job.plan([VERSION_2, VERSION_2])
