"""`damtshilfe authority`: registering authorities, looking at entries and at doubts about them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from persistence.authority_database import AuthorityDatabase
from server.cli_installation import CONFIG, fail, fail_if, load, open_directory
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import Eintrag
from server.services.clock import read_clock
from server.services.directory_care import DirectoryCare
from server.services.directory_data.records import IDENTIFIER_TYPE, STATE_WORDS
from server.services.directory_data.registration import Registration, RegistrationRefused
from server.services.directory_data.registration_file import (
    KEYS,
    RegistrationUnreadable,
    join_contacts,
    read_registration,
)
from server.xmlio.shipped_codelisten import read_shipped_codelisten

_STATES = {value: word for word, value in STATE_WORDS.items()}
_KENNUNG = click.argument("kennung", metavar="KENNUNG")
_TYP = click.option("--typ", default=IDENTIFIER_TYPE, show_default=True, help="Typ der Kennung.")


def _add_fields(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each field, in the order of the file."""
    for name in reversed(KEYS):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, help=f"Wie „{name}“ in der Datei.")(command)
    return command


@click.command("register")
@click.argument("file", metavar="[DATEI]", required=False, type=click.Path(path_type=Path))
@CONFIG
@_add_fields
@click.option(
    "--kontakt", "contacts", multiple=True, help="„Name; Telefon; E-Mail; Funktion“, auch mehrmals."
)
@click.option(
    "--accept-address", is_flag=True, help="Auch eine Anschrift, die das Verzeichnis nicht kennt."
)
def register(
    file: Path | None,
    config: Path,
    contacts: tuple[str, ...],
    accept_address: bool,
    **options: str | None,
) -> None:
    """Options replace what the file says; every mistake is told."""
    values = _read_file(file) if file else {}
    values.update({name: value for name, value in options.items() if value is not None})
    if contacts:
        values["kontakte"] = join_contacts(contacts)
    with open_directory(config) as directory:
        try:
            eintrag = _make_registration(directory, config).register(values, accept_address)
        except RegistrationRefused as error:
            fail([*error.problems, "Es wurde nichts registriert."])
    kennung = eintrag.behoerde.identifier.value
    click.echo(f"Registriert: {kennung} {eintrag.behoerde.name}")
    click.echo(f"Gilt erst nach: damtshilfe authority confirm {kennung} --config {config}")


@click.command("confirm")
@_KENNUNG
@_TYP
@CONFIG
def confirm(kennung: str, typ: str, config: Path) -> None:
    """Running servers know it within seconds."""
    with open_directory(config) as directory:
        try:
            eintrag = _make_registration(directory, config).confirm(PartyIdentifier(kennung, typ))
        except RegistrationRefused as error:
            fail(error.problems)
    click.echo(f"Bestätigt: {kennung} {eintrag.behoerde.name}")


@click.command("show")
@_KENNUNG
@_TYP
@CONFIG
def show(kennung: str, typ: str, config: Path) -> None:
    """Field by field, empty ones left out."""
    with open_directory(config) as directory:
        eintrag = DirectoryCare(directory, read_clock).find(PartyIdentifier(kennung, typ))
    if eintrag is None:
        fail([f"{kennung} ist nicht eingetragen."])
    for label, value in _list_fields(eintrag):
        if value:
            click.echo(f"{label + ':':<15} {value}")


@click.command("list")
@CONFIG
@click.option("--doubtful", is_flag=True, help="Nur zweifelhafte Einträge.")
@click.option("--state", type=click.Choice(list(STATE_WORDS)), help="Nur in diesem Zustand.")
def list_all(config: Path, doubtful: bool, state: str | None) -> None:
    """A line for each."""
    with open_directory(config) as directory:
        for eintrag in DirectoryCare(directory, read_clock).list_all():
            is_wanted = state is None or _STATES[eintrag.state.value] == state
            if is_wanted and (eintrag.is_doubtful or not doubtful):
                click.echo(_describe(eintrag))


@click.command("doubt")
@_KENNUNG
@click.argument("reason", metavar="GRUND")
@_TYP
@CONFIG
def doubt(kennung: str, reason: str, typ: str, config: Path) -> None:
    """For what came back by post."""
    fail_if([] if reason.strip() else ["Der Grund fehlt."])
    with open_directory(config) as directory:
        care = DirectoryCare(directory, read_clock)
        is_known = care.report_doubt(PartyIdentifier(kennung, typ), reason, "Verwaltung")
    fail_if([] if is_known else [f"{kennung} ist nicht eingetragen."])
    click.echo(f"{kennung} ist als zweifelhaft vorgemerkt.")


@click.command("clear-doubt")
@_KENNUNG
@_TYP
@CONFIG
def clear_doubt(kennung: str, typ: str, config: Path) -> None:
    """Takes the mark away."""
    with open_directory(config) as directory:
        was_doubtful = DirectoryCare(directory, read_clock).clear_doubt(
            PartyIdentifier(kennung, typ)
        )
    fail_if([] if was_doubtful else [f"{kennung} ist nicht als zweifelhaft vorgemerkt."])
    click.echo(f"{kennung} ist nicht mehr zweifelhaft.")


def _make_registration(directory: AuthorityDatabase, config: Path) -> Registration:
    threshold = load(config).authority_server.ort_similarity
    return Registration(directory, read_clock, read_shipped_codelisten(), threshold)


def _read_file(path: Path) -> dict[str, str]:
    try:
        return read_registration(path.read_bytes())
    except OSError as error:
        fail([f"{path}: {error.strerror}."])
    except RegistrationUnreadable as error:
        fail([f"{path}: {problem}" for problem in error.problems])


def _list_fields(eintrag: Eintrag) -> Iterator[tuple[str, Any]]:
    behoerde = eintrag.behoerde
    yield "Kennung", f"{behoerde.identifier.value} ({behoerde.identifier.type})"
    yield "Kategorie", behoerde.identifier.category
    yield "Name", behoerde.name
    yield "Anschrift", ", ".join(behoerde.anschrift.lines())
    yield "Kanal", behoerde.kanal.value
    yield "Zustand", _STATES[eintrag.state.value]
    yield "Gültig ab", f"{eintrag.valid_from:%d.%m.%Y}" if eintrag.valid_from else ""
    yield "Gültig bis", f"{eintrag.valid_to:%d.%m.%Y}" if eintrag.valid_to else ""
    yield "IBAN", eintrag.iban
    yield "Einnahmearten", ", ".join(eintrag.einnahmearten)
    yield "Rechenzentrum", eintrag.rechenzentrum
    for person in eintrag.contact:
        yield "Kontakt", ", ".join(person.values())
    yield "Zweifel", eintrag.doubt_reason


def _describe(eintrag: Eintrag) -> str:
    behoerde = eintrag.behoerde
    line = (
        f"{behoerde.identifier.value}  {behoerde.name}, {behoerde.anschrift.plz} "
        f"{behoerde.anschrift.ort}, {behoerde.kanal.value}, {_STATES[eintrag.state.value]}"
    )
    return f"{line}\n  zweifelhaft: {eintrag.doubt_reason}" if eintrag.is_doubtful else line
