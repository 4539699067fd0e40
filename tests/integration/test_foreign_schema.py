"""A schema dropped into the folder is validated and routed, by XTA and by the façade."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from zeep.exceptions import Fault

from tests.integration.test_bad_input import AUTHOR, READER, SEND, new_id
from tests.support.installation import (
    SAMPLES,
    Installation,
    make_installation,
    read_fault,
    read_sample,
    run_cli,
    serving,
)

NAMESPACE = "urn:beispiel:antrag:2"
SCHEMATA = {"DAMTSHILFE_SCHEMAS__DIR": str(SAMPLES / "schemata")}


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server with the example schema."""
    made = make_installation(tmp_path_factory.mktemp("schemata") / "demo")
    with serving(made, SCHEMATA, part="xta"):
        yield made


def send_by_xta(installation: Installation, payload: bytes) -> requests.Response:
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=new_id(),
        SCHEMA=NAMESPACE,
        PAYLOAD=base64.b64encode(payload).decode(),
    )
    return installation.post(installation.url("send"), content, SEND)


def test_send_message_of_an_added_schema_is_validated(extended: Installation) -> None:
    assert send_by_xta(extended, read_sample("valid", "antrag.xml")).status_code == 200
    fault = read_fault(send_by_xta(extended, read_sample("invalid", "antrag-without-zeichen.xml")))
    assert (fault.exception, fault.code) == ("MessageSchemaViolationException", "9050")
    assert "es fehlt zeichen" in fault.text


def test_senden_of_an_added_schema_bears_its_message_type(extended: Installation) -> None:
    payload = read_sample("valid", "antrag.xml")
    kennung = {"_value_1": READER, "typ": "xoev"}
    sent = extended.fachverfahren("potsdam").send(kennung, payload)
    fetched = extended.fachverfahren("jena").receive(sent.messageId).nachricht
    assert fetched.nachrichtentyp == "antrag"
    assert fetched.inhalt == payload


def test_senden_of_a_schema_that_was_not_added_gets_9050(installation: Installation) -> None:
    kennung = {"_value_1": READER, "typ": "xoev"}
    with pytest.raises(Fault, match="9050"):
        installation.fachverfahren("potsdam").send(kennung, read_sample("valid", "antrag.xml"))


def test_config_check_profile_that_is_wrong_is_told(extended: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "kaputt"
    folder.mkdir()
    (folder / "profile.toml").write_text('namespace = "urn:x"\n')
    config = extended.config.with_name("kaputt.toml")
    text = extended.config.read_text(encoding="utf-8")
    assert "[schemas]\n" in text
    config.write_text(text.replace('dir = ""', f'dir = "{tmp_path}"', 1), encoding="utf-8")
    result = run_cli("config", "check", str(config), expected=1)
    assert "schema: " in result.stdout + result.stderr
    assert "schemas.dir" in result.stdout + result.stderr
