"""What the look over the directory tells: gaps, and authorities that are no answer."""

import pytest

from persistence.authority_database import AuthorityDatabase
from server.domain.behoerde import PartyIdentifier
from server.services.directory_data.checking import DirectoryCheck, DirectoryReport
from server.services.directory_data.importing import DirectoryImport
from tests.unit.conftest import FixedClock
from tests.unit.services.directory_data.conftest import BEHOERDEN, REGELN, Write

pytestmark = pytest.mark.both_databases


def check(directory: AuthorityDatabase, clock: FixedClock) -> DirectoryReport:
    return DirectoryCheck(directory, clock).run()


@pytest.mark.usefixtures("filled")
def test_run_covered_directory_has_nothing_to_tell(
    directory: AuthorityDatabase, clock: FixedClock
) -> None:
    assert check(directory, clock) == DirectoryReport((), ())


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("regeln", "gaps"),
    [
        ("land;behoerde\n16;ags:16053000\n", ["Potsdam (12054000, 14467)"]),
        ("kreis;behoerde\n12054;ags:16053000\n", ["Jena (16053000, 07743, 07745)"]),
        (
            "plz;behoerde\n07743;ags:16053000\n14467;ags:16053000\n",
            ["Jena (16053000, 07745)"],
        ),
        (
            "ags;strasse;behoerde\n16053000;Saalstraße;ags:16053000\n",
            ["Jena (16053000, 07743, 07745)", "Potsdam (12054000, 14467)"],
        ),
        (
            "ags;behoerde;gueltig_bis\n16053000;ags:16053000;2026-11-22\n"
            "12054000;ags:12054000;2026-11-23\n",
            ["Jena (16053000, 07743, 07745)"],
        ),
    ],
)
def test_run_gap_is_told_with_its_postal_codes(
    directory: AuthorityDatabase,
    clock: FixedClock,
    job: DirectoryImport,
    read: Write,
    regeln: str,
    gaps: list[str],
) -> None:
    job.run(read(regeln), is_full=True)
    assert check(directory, clock).gaps == tuple(
        f"Für {gap} gilt heute keine Regel." for gap in gaps
    )


@pytest.mark.usefixtures("filled")
def test_run_authority_that_is_no_answer_is_told_with_its_rules(
    directory: AuthorityDatabase, clock: FixedClock, job: DirectoryImport, read: Write
) -> None:
    head, jena, potsdam = BEHOERDEN.splitlines()
    ended = f"{head};gueltig_bis;status\n{jena};2026-11-22;aktiv\n{potsdam};;registriert\n"
    job.run(read(ended, REGELN))
    assert check(directory, clock).authorities == (
        "ags:16053000, Zahl der geltenden Regeln: 1: die Behörde ist heute nicht im Amt.",
        "ags:12054000, Zahl der geltenden Regeln: 1: die Registrierung ist nicht bestätigt.",
    )


@pytest.mark.usefixtures("filled")
def test_run_doubt_is_told(directory: AuthorityDatabase, clock: FixedClock) -> None:
    with directory.writing() as store:
        store.behoerden.mark_doubtful(PartyIdentifier("ags:16053000", "xoev"), "Brief kam zurück")
    (sentence,) = check(directory, clock).authorities
    assert sentence.endswith("der Eintrag ist zweifelhaft (Brief kam zurück).")
