"""The explanation of a Zuständigkeit: over the wire, and by the command."""

from lxml import etree

from clients.authority import AuthorityClient, AuthorityServerAccess, WireAnschrift
from server.xmlio.contract_files import AUTHORITY_WSDL, ENVELOPE_SCHEMAS
from server.xmlio.namespaces import AUTHORITY, SOAP12, name_in
from server.xmlio.wsdl_contract import read_contract
from tests.support.calls import write_envelope
from tests.support.installation import Installation, read_fault, run_cli

ACTION = "urn:damtshilfe:authority:1/erklaereZustaendigkeit"


def write_request(anschrift: dict[str, str], stichtag: str = "") -> bytes:
    parts = "".join(f"<aut:{name}>{text}</aut:{name}>" for name, text in anschrift.items())
    day = f"<aut:stichtag>{stichtag}</aut:stichtag>" if stichtag else ""
    return write_envelope(
        "<aut:erklaereZustaendigkeit><aut:einnahmeart>grundsteuer</aut:einnahmeart>"
        f"<aut:anschrift>{parts}</aut:anschrift>{day}</aut:erklaereZustaendigkeit>"
    )


def ask(installation: Installation, stichtag: str = "", **anschrift: str) -> etree._Element:
    """The response, valid by the contract."""
    content = write_request(anschrift, stichtag)
    response = installation.post(installation.url("authority"), content, ACTION)
    assert response.status_code == 200, response.text
    envelope = etree.fromstring(response.content)
    contract = read_contract(AUTHORITY_WSDL, ENVELOPE_SCHEMAS)
    assert contract.schemas[SOAP12].check(envelope) == ()
    found = envelope.find(f".//{name_in(AUTHORITY, 'erklaereZustaendigkeitResponse')}")
    assert found is not None
    return found


def list_texts(element: etree._Element, path: str) -> list[str]:
    steps = "/".join(name_in(AUTHORITY, step) for step in path.split("/"))
    return [child.text or "" for child in element.iterfind(steps)]


def test_erklaere_zustaendigkeit_tells_rules_and_authority(installation: Installation) -> None:
    found = ask(
        installation, "2026-03-01", strasse="Saalstr. 17", plz="07743", ort="Jena/Thüringen"
    )
    assert list_texts(found, "stichtag") == ["2026-03-01"]
    assert list_texts(found, "anschrift/hausnummer") == ["17"]
    assert list_texts(found, "sicherheit") == ["sicher"]
    assert list_texts(found, "gemeinde/ags") == ["16053000"]
    assert list_texts(found, "hinweis") == ["schreibweise-angeglichen"]
    assert list_texts(found, "regel/urteil") == ["gilt"]
    assert list_texts(found, "eindeutig") == ["true"]
    assert list_texts(found, "satz")[-1].startswith("Zuständig ist: Stadt Jena")


def test_erklaere_zustaendigkeit_of_an_ambiguity_has_all_candidates(
    installation: Installation,
) -> None:
    found = ask(installation, plz="67346", ort="Speyer")
    assert list_texts(found, "eindeutig") == ["false"]
    assert list_texts(found, "hinweis") == ["regeln-gleichrangig"]
    assert len(list_texts(found, "zustaendigeBehoerde")) == 2


def test_erklaere_zustaendigkeit_without_address_is_answered(installation: Installation) -> None:
    found = ask(installation)
    assert list_texts(found, "sicherheit") == ["unbekannt"]
    assert list_texts(found, "hinweis") == ["keine-anschrift"]


def test_erklaere_zustaendigkeit_with_a_day_that_is_none_is_refused(
    installation: Installation,
) -> None:
    content = write_request({"plz": "07743"}, "gestern")
    fault = read_fault(installation.post(installation.url("authority"), content, ACTION))
    assert fault.code == "9000"


def test_erklaere_zustaendigkeit_on_a_day_of_no_calendar_gets_9022(
    installation: Installation,
) -> None:
    content = write_request({"plz": "07743"}, "-0044-03-15")
    fault = read_fault(installation.post(installation.url("authority"), content, ACTION))
    assert fault.code == "9022"


def test_authority_explain_tells_the_same_sentences(installation: Installation) -> None:
    told = run_cli(
        *("authority", "explain", "--einnahmeart", "grundsteuer", "--plz", "10115"),
        *("--ort", "Potsdam", "--stichtag", "2026-03-01", "--config", str(installation.config)),
    ).stdout.splitlines()
    found = ask(installation, "2026-03-01", plz="10115", ort="Potsdam")
    assert told == list_texts(found, "satz")
    assert "Das Verzeichnis kennt die Postleitzahl nicht." in told
    assert told[-1].startswith("Wer zuständig ist, steht nicht fest; in Frage kommen:")


def test_client_is_told_the_same_reasons_and_places(installation: Installation) -> None:
    client = open_authority_client(installation)
    told = client.explain_zustaendigkeit("hundesteuer", WireAnschrift("", "", "07743", "Jenna"))
    assert (told.eindeutig, told.sicherheit) == (True, "sicher")
    assert [behoerde.name for behoerde in told.behoerden] == ["Stadt Jena, Vollstreckungsstelle"]
    assert [(ort.plz, ort.ort) for ort in told.orte] == [("07743", "Jena")]
    assert told.hinweise == ("schreibweise-aehnlich",)
    assert told.saetze[-1] == "Zuständig ist: Stadt Jena, Vollstreckungsstelle."


def test_client_finds_places_by_their_beginning(installation: Installation) -> None:
    client = open_authority_client(installation)
    assert {ort.ort for ort in client.find_orte("Jen")} == {"Jena"}
    assert client.find_orte("Xyz") == ()


def open_authority_client(installation: Installation) -> AuthorityClient:
    access = AuthorityServerAccess(
        installation.url("authority"),
        AUTHORITY_WSDL,
        installation.certificate("potsdam"),
        installation.ca,
        timeout_seconds=10,
    )
    return AuthorityClient(access)
