"""Imports: all or nothing, versions, references, and the way back."""

from datetime import date

import pytest
from sqlalchemy import text

from persistence.authority_database import AuthorityDatabase
from persistence.engine import begin_writing
from server.domain.behoerde import PartyIdentifier
from server.domain.directory_kind import DirectoryKind
from server.domain.eintrag import EintragState
from server.services.directory_data.exporting import DirectoryExport
from server.services.directory_data.importing import DirectoryImport, ImportPlan, ImportRefused
from server.services.directory_data.versions import DirectoryVersions, RollbackRefused
from tests.unit.services.directory_data.conftest import BEHOERDEN, GEMEINDEN, REGELN, Write

pytestmark = pytest.mark.both_databases

JENA = PartyIdentifier("ags:16053000", "xoev")
KINDS = tuple(DirectoryKind)


def dump(directory: AuthorityDatabase) -> dict[str, list[list[str]]]:
    export = DirectoryExport(directory)
    return {kind.value: list(export.list_rows(kind)) for kind in KINDS}


def test_run_writes_all_kinds_as_one_version(
    filled: ImportPlan, directory: AuthorityDatabase
) -> None:
    assert filled.version == 1
    with directory.reading() as store:
        (version,) = store.versions.list_all()
        assert store.regeln.list_by_anchors(["16053000"])[0].behoerde.value == JENA.value
    assert version.source == "datei1.csv, datei2.csv, datei3.csv"
    assert version.summary["gemeinden"] == {"added": 3, "changed": 0, "ended": 0, "unchanged": 0}


def test_plan_writes_nothing(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    plan = job.plan(read(GEMEINDEN))
    assert len(plan.changes[DirectoryKind.GEMEINDEN].added) == 3
    assert plan.version is None
    assert dump(directory)["gemeinden"] == []


@pytest.mark.usefixtures("filled")
def test_run_the_same_again_changes_nothing_and_makes_no_version(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    plan = job.run(read(GEMEINDEN, BEHOERDEN, REGELN), is_full=True)
    assert plan.is_empty
    assert plan.version is None
    assert len(DirectoryVersions(directory).list_all()) == 1


@pytest.mark.usefixtures("filled")
def test_run_changed_row_keeps_what_the_file_does_not_name(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    with directory.writing() as store:
        store.behoerden.mark_doubtful(JENA, "Brief kam zurück.")
    job.run(read("kennung;name;plz;ort;kanal\nags:16053000;Stadt Jena neu;07743;Jena;brief\n"))
    with directory.reading() as store:
        eintrag = store.behoerden.find(JENA)
    assert eintrag is not None
    assert eintrag.behoerde.name == "Stadt Jena neu"
    assert eintrag.behoerde.anschrift.strasse == "Saalstraße"
    assert eintrag.doubt_reason == "Brief kam zurück."


@pytest.mark.usefixtures("filled")
def test_run_missing_rows_end_only_in_a_full_import(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    text = "ags;plz;ort;kreis\n16053000;07743;Jena;\n12054000;14467;Potsdam;\n"
    assert job.run(read(text)).is_empty
    plan = job.run(read(text), is_full=True)
    assert [item.row["plz"] for item in plan.changes[DirectoryKind.GEMEINDEN].ended] == ["07745"]
    assert len(dump(directory)["gemeinden"]) == 2
    assert len(dump(directory)["behoerden"]) == 2


@pytest.mark.usefixtures("filled")
def test_run_broken_line_5000_imports_nothing_of_any_file(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    lines = [f"{16000000 + number:08};{number:05};Ort {number}" for number in range(2, 6000)]
    lines[4998] = "16004999;kaputt;Ort"
    before = dump(directory)
    batch = read(BEHOERDEN.replace("Stadt Jena", "Jena"), "\n".join(["ags;plz;ort", *lines]))
    with pytest.raises(ImportRefused) as caught:
        job.run(batch)
    (refusal,) = caught.value.plan.refusals
    assert (refusal.source, refusal.line) == ("datei2.csv", 5000)
    assert dump(directory) == before
    assert len(DirectoryVersions(directory).list_all()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ags;behoerde\n16053000;ags:unbekannt\n", "Die Behörde ags:unbekannt ist nicht bekannt"),
        ("ags;behoerde\n16099999;ags:16053000\n", "Die Gemeinde 16099999 ist nicht bekannt"),
        ("land;behoerde\n09;ags:16053000\n", "Das Land 09 ist nicht bekannt"),
        ("kreis;behoerde\n16077;ags:16053000\n", "Der Kreis 16077 ist nicht bekannt"),
        ("plz;behoerde\n99999;ags:16053000\n", "Die Postleitzahl 99999 ist nicht bekannt"),
        ("ags;plz;behoerde\n16053000;14467;ags:16053000\n", "gehört die Postleitzahl 14467 nicht"),
        ("ortsteil;ags\nLobeda;16099999\n", "Die Gemeinde 16099999 ist nicht bekannt"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_run_row_that_names_what_is_not_there_is_refused(
    job: DirectoryImport, read: Write, text: str, words: str
) -> None:
    with pytest.raises(ImportRefused) as caught:
        job.run(read(text))
    (refusal,) = caught.value.plan.refusals
    assert refusal.line == 2
    assert words in refusal.reason


@pytest.mark.usefixtures("filled")
def test_run_authority_that_rules_name_cannot_end(job: DirectoryImport, read: Write) -> None:
    only_jena = "\n".join(BEHOERDEN.splitlines()[:2])
    with pytest.raises(ImportRefused) as caught:
        job.run(read(only_jena), is_full=True)
    assert (
        "ags:12054000 kann nicht enden; Regeln, die sie noch nennen: 1"
        in caught.value.plan.refusals[0].reason
    )
    without_rule = "\n".join(REGELN.splitlines()[:2])
    assert not job.run(read(only_jena, without_rule), is_full=True).is_empty


@pytest.mark.usefixtures("filled")
def test_plan_equal_rules_for_two_authorities_are_told_and_taken(
    job: DirectoryImport, read: Write
) -> None:
    plan = job.run(read("ags;einnahmearten;behoerde\n16053000;;ags:12054000\n"))
    assert plan.version == 2
    (note,) = plan.notes
    assert "gleichrangige Regeln, Gemeinde 16053000: ags:16053000 und ags:12054000" in note


@pytest.mark.usefixtures("filled")
def test_plan_einnahmeart_that_no_list_knows_is_told(job: DirectoryImport, read: Write) -> None:
    plan = job.plan(
        read("ags;einnahmearten;behoerde\n16053000;steuer-x hundesteuer;ags:16053000\n")
    )
    assert plan.refusals == []
    assert plan.notes == ["Die Einnahmeart steuer-x steht nicht in der mitgelieferten Codeliste."]


@pytest.mark.usefixtures("filled")
def test_export_of_everything_is_taken_back_without_any_change(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    rich = (
        "kennung;name;plz;ort;kanal;status;iban;einnahmearten;rechenzentrum;kontakte;gueltig_bis\n"
        'ags:1;"Amt ""Süd""; Kasse";07743;Jena;brief;registriert;DE89 3704 0044 0532 0130 00;'
        'bussgeld,grundsteuer;RZ;"Eva Beispiel; 03641 1; eva@example.org | Max Muster;;;Leitung";'
        "31.12.2030\n"
    )
    streets = (
        "plz;strasse;hausnummer_von;hausnummer_bis;seite;einnahmearten;behoerde;gueltig_von\n"
        "07743;Saalstraße;1;17a;ungerade;bussgeld;ags:16053000;2026-01-01\n"
    )
    parts = "ortsteil;ags;plz\nLobeda;16053000;07745\n"
    who = f"fingerabdruck;name;gueltig_bis\n{'AB:' * 31}AB;RZ Süd;2027-01-01\n"
    job.run(read(rich, streets, parts, who))
    export = DirectoryExport(directory)
    contents = [export.write_csv(kind) for kind in KINDS]
    assert all(contents)
    plan = job.plan(read(*contents), is_full=True)
    assert plan.refusals == []
    assert plan.is_empty
    assert sum(changes.unchanged for changes in plan.changes.values()) == 11
    workbooks = [export.write_xlsx(kind) for kind in KINDS]
    again = job.plan(read(*workbooks, names=[f"{kind}.xlsx" for kind in KINDS]), is_full=True)
    assert (again.refusals, again.is_empty) == ([], True)
    assert {kind: item.unchanged for kind, item in again.changes.items()} == {
        kind: item.unchanged for kind, item in plan.changes.items()
    }
    with directory.reading() as store:
        eintrag = store.behoerden.find(PartyIdentifier("ags:1", "xoev"))
        participant = store.find_participant("ab" * 32)
    assert eintrag is not None
    assert eintrag.state is EintragState.REGISTERED
    assert not eintrag.is_valid_on(date(2026, 11, 24))
    assert eintrag.contact == (
        {"name": "Eva Beispiel", "telefon": "03641 1", "email": "eva@example.org"},
        {"name": "Max Muster", "funktion": "Leitung"},
    )
    assert participant is not None
    assert participant.not_after.isoformat() == "2027-01-01T23:59:59+00:00"


@pytest.mark.usefixtures("filled")
def test_roll_back_brings_back_what_was(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    before = dump(directory)
    who = f"fingerabdruck;name;gueltig_bis\n{'ab' * 32};RZ Süd;2027-01-01\n"
    job.run(read(REGELN.replace("12054000;;", "12054000;bussgeld;"), who), is_full=True)
    assert dump(directory) != before
    versions = DirectoryVersions(directory)
    with pytest.raises(RollbackRefused, match="zuerst ist Version 2"):
        versions.roll_back(1)
    versions.roll_back(2)
    assert dump(directory) == before
    with pytest.raises(RollbackRefused, match="schon zurückgenommen"):
        versions.roll_back(2)
    with pytest.raises(RollbackRefused, match="gibt es nicht"):
        versions.roll_back(9)
    versions.roll_back(1)
    assert dump(directory)["regeln"] == []


@pytest.mark.usefixtures("filled")
def test_roll_back_keeps_the_doubt_about_an_authority(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    job.run(read(BEHOERDEN.replace("Stadt Jena", "Jena")))
    with directory.writing() as store:
        store.behoerden.mark_doubtful(JENA, "Brief kam zurück.")
    DirectoryVersions(directory).roll_back(2)
    with directory.reading() as store:
        eintrag = store.behoerden.find(JENA)
    assert eintrag is not None
    assert (eintrag.behoerde.name, eintrag.is_doubtful) == ("Stadt Jena", True)


def test_participant_added_by_itself_stays_when_versions_go(
    job: DirectoryImport, read: Write, directory: AuthorityDatabase
) -> None:
    row = f"('{'cd' * 32}', 'RZ Nord', '2030-01-01 00:00:00')"
    with begin_writing(directory.engine) as connection:
        connection.execute(
            text(f"INSERT INTO participant (fingerprint, name, not_after) VALUES {row}")
        )
    job.run(read(GEMEINDEN))
    DirectoryVersions(directory).roll_back(1)
    with directory.reading() as store:
        assert store.find_participant("cd" * 32) is not None
