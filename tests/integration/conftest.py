"""One running installation for all integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation, make_installation, serving


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo that is being served; tests use fresh MessageIDs and clean up their mailbox."""
    made = make_installation(tmp_path_factory.mktemp("server") / "demo")
    limits = {"REQUEST_BYTES": "3000000", "ENVELOPE_BYTES": "1000000"}
    changes = {f"DAMTSHILFE_LIMITS__{key}": value for key, value in limits.items()}
    with serving(made, {**changes, "DAMTSHILFE_REPORTS__SIGN": "true"}):
        yield made


@pytest.fixture
def letters(installation: Installation) -> Path:
    """The folder into which the print output writes."""
    return installation.folder / "druck"
