"""One running installation for the foreign clients."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, make_installation, serving


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo that is being served."""
    made = make_installation(tmp_path_factory.mktemp("interop") / "demo")
    with serving(made):
        yield made
