"""The façade's dry run with zeep: everything is told at once, and nothing is left behind."""

import uuid
from pathlib import Path
from typing import Any

from clients.fachverfahren import Attachment
from tests.integration.test_bad_input import count_messages
from tests.integration.test_facade import SOAP_VERSIONS, reader, send
from tests.support.installation import (
    Installation,
    make_installation,
    read_sample,
    serving,
)
from tests.support.mtom import package_type, part, read_package, root_part, write_package

UNKNOWN_READER = {"_value_1": "ags:00000000", "typ": "xoev"}


def check(installation: Installation, is_soap_12: bool = False, **changes: Any) -> Any:
    values = {
        "leser": reader(installation, "jena"),
        "message": installation.payload(),
        "attachments": [Attachment("bescheid.pdf", "application/pdf", installation.attachment())],
        **changes,
    }
    return installation.fachverfahren("potsdam", is_soap_12).check(**values)


def view(answer: Any) -> list[tuple[str, str]]:
    return [(befund.gewicht, befund.code) for befund in answer.befund]


def list_files(installation: Installation) -> set[Path]:
    """All payloads, those that came in and were not kept too, and all letters."""
    folders = [installation.folder / "daten", installation.folder / "druck"]
    return {
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }


@SOAP_VERSIONS
def test_pruefen_valid_message_is_ready_and_nothing_is_stored(
    installation: Installation, is_soap_12: bool
) -> None:
    before = count_messages(installation), list_files(installation)
    answer = check(installation, is_soap_12)
    assert (answer.versandbereit, answer.zustellweg) == (True, "elektronisch")
    assert answer.nachrichtentyp == "vollstreckungshilfeersuchen"
    assert answer.leser._value_1 == reader(installation, "jena")["_value_1"]
    assert answer.leserName == installation.mandant("jena")["behoerde"]
    assert answer.befund == []
    assert (count_messages(installation), list_files(installation)) == before
    assert installation.fachverfahren("jena").receive().nachricht is None


@SOAP_VERSIONS
def test_pruefen_several_mistakes_are_told_together_each_with_its_line(
    installation: Installation, is_soap_12: bool
) -> None:
    message = (
        installation.payload()
        .replace(b"<amt:einnahmeart>", b"<amt:einnahmeart>nicht erlaubt: ")
        .replace(b"</amt:plz>", b"x</amt:plz>")
    )
    before = count_messages(installation), list_files(installation)
    answer = check(
        installation, is_soap_12, message=message, leser=UNKNOWN_READER, message_id="ohne-schema"
    )
    assert not answer.versandbereit
    faults = [befund for befund in answer.befund if befund.code == "9050"]
    assert len(faults) >= 3
    lines = message.decode().splitlines()
    for befund in faults:
        assert befund.gewicht == "fehler"
        assert befund.text.startswith(f"Zeile {befund.zeile}, Element „")
        assert "plz" in lines[befund.zeile - 1] or "einnahmeart" in lines[befund.zeile - 1]
        assert befund.abhilfe == "Bitte die Fachnachricht gegen ihr Schema prüfen."
    assert {befund.code for befund in answer.befund} == {"9021", "9022", "9050"}
    assert answer.zustellweg is None
    assert (count_messages(installation), list_files(installation)) == before


@SOAP_VERSIONS
def test_pruefen_reader_by_letter_tells_the_way(
    installation: Installation, is_soap_12: bool
) -> None:
    before = list_files(installation)
    answer = check(installation, is_soap_12, leser=reader(installation, "cochem"))
    assert (answer.versandbereit, answer.zustellweg) == (True, "brief")
    assert answer.leserName == installation.mandant("cochem")["behoerde"]
    assert view(answer) == [("info", "zustellweg-brief")]
    assert answer.befund[0].abhilfe is None
    assert list_files(installation) == before


def test_pruefen_test_message_by_letter_is_not_printed(installation: Installation) -> None:
    answer = check(installation, leser=reader(installation, "cochem"), is_test=True)
    assert answer.versandbereit
    assert view(answer) == [("info", "zustellweg-brief"), ("info", "testnachricht-ohne-brief")]


def test_pruefen_letter_that_cannot_be_printed_gets_9052(installation: Installation) -> None:
    answer = check(
        installation,
        leser=reader(installation, "cochem"),
        attachments=[Attachment("bild.png", "image/png", read_sample("valid", "pixel.png"))],
    )
    assert (answer.versandbereit, answer.zustellweg) == (False, "brief")
    assert view(answer) == [("fehler", "9052"), ("info", "zustellweg-brief")]
    assert "„bild.png“ ist keine PDF-Datei" in answer.befund[0].text


@SOAP_VERSIONS
def test_pruefen_unknown_reader_gets_9022(installation: Installation, is_soap_12: bool) -> None:
    answer = check(installation, is_soap_12, leser=UNKNOWN_READER)
    assert (answer.versandbereit, answer.zustellweg, answer.leserName) == (False, None, None)
    assert view(answer) == [("fehler", "9022")]
    assert "ags:00000000" in answer.befund[0].text


def test_pruefen_without_leser_takes_the_one_that_the_message_names(
    installation: Installation,
) -> None:
    answer = check(installation, leser=None)
    assert answer.versandbereit
    assert answer.leser._value_1 == reader(installation, "jena")["_value_1"]


def test_pruefen_without_leser_that_nobody_names_is_a_befund(installation: Installation) -> None:
    answer = check(installation, leser=None, message=b"kein XML", attachments=[])
    assert not answer.versandbereit
    assert (answer.leser, answer.nachrichtentyp, answer.zustellweg) == (None, None, None)
    assert view(answer) == [("fehler", "9050"), ("fehler", "9020")]


def test_pruefen_request_of_the_synchronous_message_gets_9081(installation: Installation) -> None:
    answer = check(installation, message=read_sample("valid", "anfrage-001.xml"), attachments=[])
    assert view(answer) == [("fehler", "9081")]
    assert answer.nachrichtentyp == "vollstreckungshilfe.ZustaendigkeitAnfrage.001"


def test_pruefen_message_id_that_is_used_tells_whether_the_content_is_the_same(
    installation: Installation,
) -> None:
    message_id = f"urn:de:xta:messageid:test:{uuid.uuid4()}"
    assert check(installation, message_id=message_id).versandbereit
    send(installation, installation.fachverfahren("potsdam"), message_id=message_id)
    same = check(installation, message_id=message_id)
    assert same.versandbereit
    assert view(same) == [("info", "bereits-angenommen")]
    other = check(installation, message_id=message_id, attachments=[])
    assert view(other) == [("fehler", "9024")]
    recipient = installation.fachverfahren("jena")
    assert recipient.receive(message_id).weitere == 0
    recipient.confirm(message_id)


def test_pruefen_package_leaves_no_staged_part_behind(installation: Installation) -> None:
    request = read_sample("valid", "senden-mtom.xml", READER="ags:16053000").decode()
    before = list_files(installation)
    response = installation.post(
        installation.url("amtshilfe"),
        write_package(
            [
                root_part(request.replace("senden", "pruefen").encode()),
                part("nachricht@test", installation.payload()),
                part("anhang@test", installation.attachment()),
            ]
        ),
        content_type=package_type(),
    )
    answer, _ = read_package(response)
    assert answer.findtext(".//{*}versandbereit") == "true"
    assert list_files(installation) == before


@SOAP_VERSIONS
def test_pruefen_directory_down_the_way_is_unknown(tmp_path: Path, is_soap_12: bool) -> None:
    made = make_installation(tmp_path / "demo")
    with serving(made, {"DAMTSHILFE_AUTHORITY_CLIENT__TIMEOUT_SECONDS": "2"}, part="xta"):
        answer = check(made, is_soap_12, leser=UNKNOWN_READER)
        electronic = check(made, is_soap_12)
    assert (answer.versandbereit, answer.zustellweg, answer.leserName) == (True, "unbekannt", None)
    assert view(answer) == [("warnung", "verzeichnis-nicht-erreichbar")]
    assert (electronic.zustellweg, electronic.befund) == ("elektronisch", [])
    assert count_messages(made) == 0
