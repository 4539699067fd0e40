"""A real directory on SQLite, and files that a test writes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from persistence.authority_database import AuthorityDatabase
from persistence.schema import DatabaseKind
from server.services.directory_data.importing import DirectoryImport, ImportPlan
from server.services.directory_data.reading import Batch, read_files
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.unit.conftest import FixedClock, NewEngine

GEMEINDEN = "ags;plz;ort;kreis\n16053000;07743;Jena;\n16053000;07745;Jena;\n12054000;14467;Potsdam;"
BEHOERDEN = (
    "kennung;name;strasse;hausnummer;plz;ort;kanal\n"
    "ags:16053000;Stadt Jena;Saalstraße;17;07743;Jena;elektronisch\n"
    "ags:12054000;Stadt Potsdam;Zeppelinstraße;101;14467;Potsdam;brief\n"
)
REGELN = "ags;einnahmearten;behoerde\n16053000;;ags:16053000\n12054000;;ags:12054000\n"


@pytest.fixture
def directory(new_engine: NewEngine) -> AuthorityDatabase:
    return AuthorityDatabase(new_engine(DatabaseKind.AUTHORITY))


@pytest.fixture
def job(directory: AuthorityDatabase, clock: FixedClock) -> DirectoryImport:
    return DirectoryImport(directory, clock, read_shipped_codelisten())


Write = Callable[..., Batch]


@pytest.fixture
def read(tmp_path: Path) -> Write:
    """Reads texts as files that are named one.csv, two.csv, ..."""

    def write(*texts: str | bytes, names: Sequence[str] = (), **options: object) -> Batch:
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / (names[number] if names else f"datei{number + 1}.csv")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(path)
        return read_files(paths, lambda lines, size, name: lines, **options)  # type: ignore[arg-type]

    return write


@pytest.fixture
def filled(job: DirectoryImport, read: Write) -> ImportPlan:
    """Two Gemeinden, their authorities and rules."""
    return job.run(read(GEMEINDEN, BEHOERDEN, REGELN))
