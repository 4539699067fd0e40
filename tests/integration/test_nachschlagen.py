"""Code lists and the catalogue of measures: by the command and over the façade."""

import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from zeep.exceptions import Fault

from server.domain.codeliste import EINNAHMEART_URI
from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.genericode import read_codeliste
from tests.support.calls import make_calls
from tests.support.installation import (
    SAMPLES,
    Installation,
    make_installation,
    read_fault,
    read_sample,
    run_cli,
)

FILES = SAMPLES / "codelisten"
MANDANT = "ags:16053000"
SOAP_VERSIONS = pytest.mark.parametrize("is_soap_12", [False, True], ids=["soap11", "soap12"])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("nachschlagen") / "demo")


@pytest.fixture
def config(prepared: Installation, tmp_path: Path) -> str:
    """The settings of an installation that a test may change and nothing runs."""
    shutil.copytree(prepared.folder, tmp_path / "demo")
    return str(tmp_path / "demo" / "damtshilfe.toml")


@pytest.fixture
def changed_katalog(installation: Installation) -> Iterator[str]:
    """The catalogue of Jena with a measure less, one more, and a note."""
    options = ("--config", str(installation.config), "--mandant", MANDANT)
    run_cli("massnahmen", "disable", "insolvenzantrag", *options)
    run_cli("massnahmen", "enable", "sachpfaendung", *options, "--hinweis", "Nur vormittags.")
    own = ("--name", "Hausbesuch", "--rechtsgrundlage", "Satzung", "--angabe", "gegenstand")
    run_cli("massnahmen", "add", "hausbesuch", *options, *own, "--land", "TH")
    yield "jena"
    run_cli("massnahmen", "enable", "insolvenzantrag", *options)
    run_cli("massnahmen", "enable", "sachpfaendung", *options, "--hinweis", "")
    run_cli("massnahmen", "remove", "hausbesuch", *options)


@SOAP_VERSIONS
def test_codeliste_without_uri_has_the_heads_of_all(
    installation: Installation, is_soap_12: bool
) -> None:
    heads = installation.fachverfahren("potsdam", is_soap_12).list_codelisten()
    found = {(head.uri, head.version) for head in heads}
    assert {(EINNAHMEART_URI, "1"), ("urn:damtshilfe:codeliste:nachrichtentyp", "1")} <= found
    assert all(head.name and head.eintrag == [] for head in heads)


@SOAP_VERSIONS
def test_codeliste_with_uri_has_its_entries(installation: Installation, is_soap_12: bool) -> None:
    client = installation.fachverfahren("potsdam", is_soap_12)
    found = client.find_codeliste(EINNAHMEART_URI, "1")
    entries = {entry.schluessel: entry.bezeichnung for entry in found.eintrag}
    assert entries["bussgeld"] == "Bußgeld"
    assert len(entries) >= 60


def test_codeliste_unknown_list_or_version_is_empty(installation: Installation) -> None:
    client = installation.fachverfahren("potsdam")
    assert client.find_codeliste("urn:x:unbekannt") is None
    assert client.find_codeliste(EINNAHMEART_URI, "99") is None


def test_codeliste_imported_while_serving_is_known_soon(installation: Installation) -> None:
    client = installation.fachverfahren("potsdam")
    within, before = date(2031, 6, 1), date(2030, 12, 31)
    assert client.find_codeliste(EINNAHMEART_URI, stichtag=within).version == "1"
    run_cli(
        "codelist",
        "import",
        str(FILES / "einnahmeart-2.gc.xml"),
        "--config",
        str(installation.config),
    )
    # Every process asks for itself; each answer of the new version comes from one that has asked.
    deadline = time.monotonic() + 30
    answers: list[str] = []
    while answers[-10:] != ["2"] * 10:
        assert time.monotonic() < deadline
        answers.append(client.find_codeliste(EINNAHMEART_URI, stichtag=within).version)
        time.sleep(0.1)
    found = client.find_codeliste(EINNAHMEART_URI, stichtag=within)
    assert (found.gueltigAb, found.gueltigBis) == (date(2031, 1, 1), date(2031, 12, 31))
    assert client.find_codeliste(EINNAHMEART_URI, stichtag=before).version == "1"
    assert client.find_codeliste(EINNAHMEART_URI).version == "1"


@pytest.mark.parametrize("name", ["codeliste", "massnahmenkatalog"])
def test_facade_answer_is_valid_in_its_contract(installation: Installation, name: str) -> None:
    call = make_calls("urn:x:1")[name]
    response = installation.post(installation.url("amtshilfe"), call.content, call.action)
    body = etree.fromstring(response.content).find("{*}Body")
    assert body is not None
    schema = etree.XMLSchema(file=str(XSD_FOLDER / "fachverfahren-1" / "fachverfahren.xsd"))
    schema.assertValid(etree.ElementTree(body[0]))
    assert len(body[0]) > 0


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "codeliste",
            ("<fv:uri>urn:damtshilfe:codeliste:einnahmeart</fv:uri>", "<fv:version>1</fv:version>"),
            "fehlt die uri",
        ),
        ("codeliste", ("</fv:uri>", "</fv:uri><fv:stichtag>-0044-03-15</fv:stichtag>"), "kein Tag"),
        ("massnahmenkatalog", (">BB<", ">XY<"), "Ein Land „XY“ gibt es nicht"),
    ],
)
def test_facade_parameters_that_do_not_fit_get_9022(
    installation: Installation, name: str, change: tuple[str, str], words: str
) -> None:
    call = make_calls("urn:x:1")[name]
    content = call.content.decode()
    assert change[0] in content
    response = installation.post(
        installation.url("amtshilfe"), content.replace(*change).encode(), call.action
    )
    fault = read_fault(response)
    assert fault.code == "9022"
    assert words in fault.text


@SOAP_VERSIONS
def test_massnahmenkatalog_standard_says_what_a_message_must_carry(
    installation: Installation, is_soap_12: bool
) -> None:
    massnahmen = by_key(installation.fachverfahren("potsdam", is_soap_12).list_massnahmen())
    assert len(massnahmen) >= 18
    lohn = massnahmen["lohnpfaendung"]
    assert [angabe.schluessel for angabe in lohn.angabe] == ["drittschuldner"]
    assert "§§ 309, 313, 314 AO" in lohn.rechtsgrundlage
    assert massnahmen["sachpfaendung"].angabe == []
    assert massnahmen["gerichtsvollzieher"].land == ["BW"]


def test_massnahmenkatalog_land_leaves_out_what_it_does_not_know(
    installation: Installation,
) -> None:
    client = installation.fachverfahren("potsdam")
    known = {item.schluessel for item in client.list_massnahmen()}
    in_bw = {item.schluessel for item in client.list_massnahmen("BW")}
    in_bb = {item.schluessel for item in client.list_massnahmen("BB")}
    assert in_bw == known
    assert known - in_bb == {"gerichtsvollzieher"}


def test_massnahmenkatalog_of_a_mandant_is_its_own(
    installation: Installation, changed_katalog: str
) -> None:
    massnahmen = by_key(installation.fachverfahren(changed_katalog).list_massnahmen())
    assert "insolvenzantrag" not in massnahmen
    assert massnahmen["sachpfaendung"].erlaeuterung.endswith("Nur vormittags.")
    hausbesuch = massnahmen["hausbesuch"]
    assert (hausbesuch.bezeichnung, hausbesuch.rechtsgrundlage) == ("Hausbesuch", ["Satzung"])
    assert (hausbesuch.erlaeuterung, hausbesuch.land) == (None, ["TH"])
    others = by_key(installation.fachverfahren("potsdam").list_massnahmen())
    assert "insolvenzantrag" in others
    assert "hausbesuch" not in others
    kennung = installation.mandant(changed_katalog)["identifier"]
    leser = {"_value_1": kennung["value"], "typ": kennung["type"]}
    asked = by_key(installation.fachverfahren("potsdam").list_massnahmen(leser=leser))
    assert asked.keys() == massnahmen.keys()


def test_massnahmenkatalog_without_certificate_of_a_mandant_is_refused(
    installation: Installation,
) -> None:
    call = make_calls("urn:x:1")["massnahmenkatalog"]
    stranger = installation.folder / "pki" / "xta-server.pem"
    response = installation.post(
        installation.url("amtshilfe"), call.content, call.action, certificate=stranger
    )
    assert read_fault(response).code == "9012"


def test_facade_unknown_land_is_a_fault_for_zeep(installation: Installation) -> None:
    with pytest.raises(Fault, match="9022"):
        installation.fachverfahren("potsdam").list_massnahmen("bayern")


def test_codelist_import_show_export_is_the_same_list(config: str, tmp_path: Path) -> None:
    source, target = FILES / "xoev.gc.xml", tmp_path / "export.gc.xml"
    output = run_cli("codelist", "import", str(source), "--config", config).stdout
    assert output == (
        "urn:beispiel:codeliste:verfahrensart, Version 2030-04-01 (Verfahrensarten), "
        "gültig ab 01.04.2030: importiert\n"
    )
    again = run_cli("codelist", "import", str(source), "--config", config).stdout
    assert again.endswith(": war schon da\n")
    named = ("urn:beispiel:codeliste:verfahrensart", "--version", "2030-04-01", "--config", config)
    shown = run_cli("codelist", "show", *named).stdout
    assert "  anhoerung  Verfahren mit Anhörung\n  eilig      Eilverfahren\n" in shown
    run_cli("codelist", "export", named[0], str(target), *named[1:])
    exported = read_codeliste(target.read_bytes())
    assert exported.has_same_content(read_codeliste(source.read_bytes()))
    assert run_cli("codelist", "import", str(target), "--config", config).stdout == again


def test_codelist_import_days_of_the_command_count(config: str) -> None:
    days = ("--gueltig-ab", "2033-01-01", "--gueltig-bis", "2033-12-31")
    run_cli("codelist", "import", str(FILES / "xoev.gc.xml"), "--config", config, *days)
    listed = run_cli("codelist", "list", "--config", config).stdout
    assert "gültig ab 01.01.2033, gültig bis 31.12.2033, 2 Einträge" in listed
    assert "urn:damtshilfe:codeliste:einnahmeart, Version 1 (Einnahmearten), " in listed


def test_codelist_import_mistakes_of_all_files_are_told_and_nothing_is_imported(
    config: str, tmp_path: Path
) -> None:
    empty = tmp_path / "leer.xml"
    empty.write_bytes(b"")
    files = [str(FILES / "xoev.gc.xml"), str(FILES / "many-mistakes.gc.xml"), str(empty)]
    files.append(str(tmp_path / "fehlt.xml"))
    errors = run_cli("codelist", "import", *files, "--config", config, expected=1).stderr
    assert "many-mistakes.gc.xml: Zeile 18: Der Schlüssel „a“ steht schon" in errors
    assert "leer.xml: Das XML ist nicht wohlgeformt" in errors
    assert "fehlt.xml: " in errors
    assert "Es wurde nichts importiert." in errors
    assert "verfahrensart" not in run_cli("codelist", "list", "--config", config).stdout


def test_codelist_import_changed_list_needs_replace(config: str, tmp_path: Path) -> None:
    changed = tmp_path / "geaendert.xml"
    changed.write_bytes(read_sample("codelisten", "xoev.gc.xml").replace(b"Eilverfahren", b"Eile"))
    run_cli("codelist", "import", str(FILES / "xoev.gc.xml"), "--config", config)
    arguments = ("codelist", "import", str(changed), "--config", config)
    assert "--replace ersetzt sie" in run_cli(*arguments, expected=1).stderr
    assert run_cli(*arguments, "--replace").stdout.endswith(": ersetzt\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("codelist", "show", "urn:x:y"), "keine heute gültige Version bekannt"),
        (("codelist", "show", EINNAHMEART_URI, "--version", "9"), "keine Version 9 bekannt"),
        (("codelist", "export", EINNAHMEART_URI, "/fehlt/x.xml"), "/fehlt/x.xml: "),
        (("massnahmen", "list", "--mandant", "ags:0"), "Einen Mandanten xoev:ags:0 gibt es"),
        (("massnahmen", "disable", "zaubern", "--mandant", MANDANT), "keine Maßnahme „zaubern“"),
        (("massnahmen", "remove", "verwertung", "--mandant", MANDANT), "nur sperren (disable)"),
    ],
)
def test_command_what_is_not_there_is_told_in_german(
    prepared: Installation, arguments: tuple[str, ...], words: str
) -> None:
    result = run_cli(*arguments, "--config", str(prepared.config), expected=1)
    assert result.stderr.startswith("Fehler: ")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_codelist_import_day_in_words_is_a_wrong_usage(prepared: Installation) -> None:
    arguments = ("codelist", "import", "x.xml", "--config", str(prepared.config))
    result = run_cli(*arguments, "--gueltig-ab", "morgen", expected=2)
    assert "„morgen“ ist kein Tag (JJJJ-MM-TT)" in result.stderr


def test_massnahmen_list_shows_what_a_mandant_changed(config: str) -> None:
    options = ("--config", config, "--mandant", f"xoev:{MANDANT}")
    run_cli("massnahmen", "disable", "kfz-wegfahrsperre", *options, "--hinweis", "Nicht geübt.")
    own = ("--name", "Hausbesuch", "--rechtsgrundlage", "Satzung", "--rechtsgrundlage", "§ 1 X")
    run_cli("massnahmen", "add", "hausbesuch", *options, *own, "--angabe", "gegenstand")
    listed = run_cli("massnahmen", "list", *options).stdout
    assert listed.startswith("Maßnahmenkatalog von ")
    assert (
        "hausbesuch: Hausbesuch\n  Rechtsgrundlage: Satzung; § 1 X\n"
        "  Angaben: Gegenstand der Maßnahme\n"
    ) in listed
    assert "Ventilwächter) [gesperrt]\n" in listed
    assert "  Hinweis: Nicht geübt.\n" in listed
    run_cli("massnahmen", "enable", "kfz-wegfahrsperre", *options)
    run_cli("massnahmen", "remove", "hausbesuch", *options)
    listed = run_cli("massnahmen", "list", *options).stdout
    assert "[gesperrt]" not in listed
    assert "hausbesuch" not in listed


def by_key(massnahmen: Any) -> dict[str, Any]:
    return {item.schluessel: item for item in massnahmen}
