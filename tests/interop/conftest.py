"""One running installation for the foreign clients."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, make_installation, serving


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo that is being served; it looks for no duplicates, since all send one sample."""
    made = make_installation(tmp_path_factory.mktemp("interop") / "demo")
    with serving(made, {"DAMTSHILFE_DELIVERY__DUPLICATE_WINDOW_DAYS": "0"}):
        yield made
