"""The examples of docs/directory.md are read as they stand."""

import re

from server.domain.directory_kind import DirectoryKind
from server.services.directory_data.columns import COLUMNS
from server.services.directory_data.importing import DirectoryImport
from tests.support.installation import REPOSITORY
from tests.unit.services.directory_data.conftest import Write

_TEXT = (REPOSITORY / "docs" / "directory.md").read_text(encoding="utf-8")
_EXAMPLES = dict(re.findall(r"```csv (\w+)\n(.*?)```", _TEXT, re.DOTALL))


def test_examples_are_imported_together(job: DirectoryImport, read: Write) -> None:
    batch = read(*_EXAMPLES.values(), names=[f"{kind}.csv" for kind in _EXAMPLES])
    assert [kind.value for kind in DirectoryKind if kind in batch.records] == list(_EXAMPLES)
    plan = job.run(batch)
    added = {kind.value: len(changes.added) for kind, changes in plan.changes.items()}
    assert added == {"gemeinden": 3, "ortsteile": 1, "behoerden": 2, "regeln": 2, "teilnehmer": 1}
    assert plan.notes == []


def test_document_names_every_column() -> None:
    sections = dict(zip(_EXAMPLES, re.split(r"^### ", _TEXT, flags=re.MULTILINE)[1:], strict=True))
    missing = [
        f"{kind.value}: {name}"
        for kind, columns in COLUMNS.items()
        for name in columns.names
        if f"`{name}`" not in sections[kind.value]
    ]
    assert missing == []
