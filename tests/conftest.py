"""What all tests share: one PostgreSQL cluster for those that want one."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.support.postgres import Cluster, ClusterOptions, find_reason_to_skip, running_cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A cluster without flushes to the disk, made when it is asked for the first time."""
    reason = find_reason_to_skip()
    if reason:
        pytest.skip(reason)
    with running_cluster(ClusterOptions(is_durable=False)) as cluster:
        yield cluster


@pytest.fixture
def make_postgres_database(postgres: Cluster) -> Iterator[Callable[..., str]]:
    """Makes databases of a template and returns their URLs; they go when the test has ended."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        name = f"test_{uuid.uuid4().hex}"
        made.append(name)
        return postgres.create_database(name, template)

    yield make
    for name in made:
        postgres.drop_database(name)
