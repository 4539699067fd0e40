"""An installation whose databases are on PostgreSQL: the main job, and two servers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clients.xta import XtaClient
from server.running.ports import find_free_ports
from tests.integration.test_main_job import await_entry
from tests.support.installation import Installation, make_installation, run_cli, serving
from tests.support.postgres import (
    PASSWORD,
    Cluster,
    ClusterOptions,
    find_reason_to_skip,
    running_cluster,
)

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster that is stopped and started here."""
    with running_cluster(ClusterOptions(is_durable=False)) as made:
        yield made


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Installation:
    """A demo with both databases on PostgreSQL; a test serves it."""
    return make_installation(
        tmp_path_factory.mktemp("postgresql") / "demo",
        *("--database-url", cluster.create_database("xta")),
        *("--authority-database-url", cluster.create_database("verzeichnis")),
    )


def send(installation: Installation, reader: str) -> str:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, reader))
    return message_id


def fetch_and_close(reader: XtaClient, message_id: str) -> bytes:
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])
    return fetched.message.content


def move_to_port(installation: Installation, port: int) -> Installation:
    """The same installation as a second server sees it."""
    old = installation.url("management").split("/xta")[0]
    ports = {
        key: value.replace(old, f"https://localhost:{port}")
        for key, value in installation.facts["ports"].items()
    }
    return replace(installation, facts={**installation.facts, "ports": ports})


def test_main_job_with_two_servers_on_one_database(on_postgres: Installation) -> None:
    (port,) = find_free_ports(1)
    second = move_to_port(on_postgres, port)
    changes = {"DAMTSHILFE_SERVER__PORT": str(port)}
    with serving(on_postgres), serving(second, changes, part="xta"):
        message_id, letter_id = send(on_postgres, "jena"), send(second, "cochem")
        content = fetch_and_close(second.xta("jena"), message_id)
        assert content == on_postgres.payload()
        for server in (on_postgres, second):
            report = server.xta("potsdam").find_report(message_id)
            assert (report.status, report.codes[-1]) == (1, "empfang-bestaetigt")
        report = await_entry(on_postgres.xta("potsdam"), letter_id, "brief-ausgegeben")
        assert report.status == 1
        status = run_cli("status", "--config", str(on_postgres.config)).stdout
        assert "Datenbank: aktuell" in status
    assert len(list((on_postgres.folder / "druck").glob("*/*.pdf"))) == 1


def test_serve_wrong_login_or_no_server_is_told_without_the_password(
    on_postgres: Installation, cluster: Cluster, tmp_path: Path
) -> None:
    text = on_postgres.config.read_text(encoding="utf-8")
    config = tmp_path / "damtshilfe.toml"
    for url, expected in (
        (cluster.url_for("xta", password="ganz-falsch"), "nimmt die Anmeldung nicht an"),
        (cluster.url_for("gibtesnicht"), "nimmt die Anmeldung nicht an"),
        (cluster.url_for("xta").replace(f":{cluster.port}/", ":1/"), "ist nicht erreichbar"),
        (cluster.url_for("verzeichnis"), "braucht eine eigene"),
        ("mysql://root:ganz-falsch@localhost/x", "gibt es hier nicht"),
    ):
        config.write_text(text.replace(cluster.url_for("xta"), url), encoding="utf-8")
        result = run_cli("serve", "--config", str(config), expected=1)
        assert expected in result.stderr
        assert "ganz-falsch" not in result.stderr
        assert PASSWORD not in result.stderr
        assert "Traceback" not in result.stderr


def test_init_demo_into_a_database_that_is_in_use_is_refused(
    on_postgres: Installation, cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.url_for("xta")
    result = run_cli("init", str(tmp_path / "b"), "--demo", "--database-url", url, expected=1)
    assert "enthält schon Mandanten" in result.stderr
    assert not (tmp_path / "b").exists()
