"""What must be right before anything starts, checked together and told in German."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from persistence.reachability import find_database_problem
from persistence.reader_key_files import ReaderKeyFiles
from server.bootstrap_letters import make_letter_style
from server.bootstrap_printing import list_choices
from server.pki import BadKeyMaterial, check_key, read_certificate
from server.pki.exchange import require_private
from server.printing.dispatcher import find_output_problems
from server.printing.marks import MarkUnusable
from server.printing.stationery import StationeryFolders, TemplatesInvalid
from server.printing.template_check import find_template_problems
from server.running.blob_store import find_key_problems
from server.running.ports import find_port_problem
from server.settings import Settings
from server.settings_printing import PrintingSettings
from server.xmlio.message_profile import ProfileInvalid
from server.xmlio.schema_catalogue import SchemaCatalogue


def find_problems(settings: Settings, now: datetime) -> list[str]:
    """Mistakes in files, keys and plugins (German sentences)."""
    databases = find_database_problems(settings)
    return [
        *_find_missing_files(settings),
        *_find_bad_keys(settings),
        *_find_expired_certificates(settings, now),
        *_find_missing_databases(settings),
        *databases,
        *find_output_problems(list_choices(settings), settings.printing.output),
        *find_letter_problems(settings.printing),
        *_find_bad_schemas(settings),
        *_find_open_reader_keys(settings),
        # Which keys contents need stands in the database.
        *(() if databases else find_key_problems(settings)),
    ]


def find_database_problems(settings: Settings) -> list[str]:
    """Why the databases cannot be used (German sentences); asks those that are servers."""
    problems = [
        f"{key}: {problem}"
        for key, url in _list_databases(settings)
        if (problem := find_database_problem(url))
    ]
    if settings.database.url == settings.authority_server.database_url:
        problems.append("authority_server.database_url: Der Authority-Server braucht eine eigene.")
    return problems


def find_letter_problems(printing: PrintingSettings) -> list[str]:
    """What hinders letters: own templates, the place of marks (German sentences)."""
    try:
        folders = StationeryFolders(printing.templates_folder)
        problems = find_template_problems(folders, make_letter_style(printing, folders))
    except TemplatesInvalid as error:
        problems = error.problems
    except MarkUnusable as error:
        return [f"printing.marks: {error}"]
    return [f"printing.templates: {problem}" for problem in problems]


def find_taken_ports(listeners: Iterable[tuple[str, str, int]]) -> list[str]:
    """Ports (setting, host, port) that something else listens on (German sentences)."""
    return [
        f"{key}: {problem}"
        for key, host, port in listeners
        if (problem := find_port_problem(host, port))
    ]


def _list_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "tls.certificate", settings.tls.certificate
    yield "tls.key", settings.tls.key
    yield "tls.client_ca", settings.tls.client_ca
    yield "authority_client.certificate", settings.authority_client.certificate
    yield "authority_client.server_ca", settings.authority_client.server_ca
    if settings.data_centre.name:
        yield "data_centre.certificate", settings.data_centre.certificate
        yield "data_centre.server_ca", settings.data_centre.server_ca
    if settings.reports.sign:
        yield "reports.certificate", settings.reports.certificate
        yield "reports.key", settings.reports.key
    if settings.web.enabled:
        yield "web.certificate", settings.web.certificate
        yield "web.key", settings.web.key


def _find_missing_files(settings: Settings) -> Iterator[str]:
    for key, path in _list_files(settings):
        if not path.is_file():
            yield f"{key}: Die Datei {path} fehlt."


def _find_bad_keys(settings: Settings) -> Iterator[str]:
    pairs = [
        ("tls.key", settings.tls.certificate, settings.tls.key),
        (
            "authority_client.certificate",
            settings.authority_client.certificate,
            settings.authority_client.certificate,
        ),
    ]
    if settings.data_centre.name:
        own = settings.data_centre.certificate
        pairs.append(("data_centre.certificate", own, own))
    if settings.reports.sign:
        pairs.append(("reports.key", settings.reports.certificate, settings.reports.key))
    if settings.web.enabled:
        pairs.append(("web.key", settings.web.certificate, settings.web.key))
    for key, certificate, private_key in pairs:
        if certificate.is_file() and private_key.is_file():
            try:
                check_key(certificate, private_key)
                require_private(private_key)
            except BadKeyMaterial as error:
                yield f"{key}: {error}"


def _find_expired_certificates(settings: Settings, now: datetime) -> Iterator[str]:
    for key, path in _list_files(settings):
        if key in ("tls.key", "reports.key", "web.key") or not path.is_file():
            continue
        try:
            not_after = read_certificate(path).not_after
        except BadKeyMaterial as error:
            yield f"{key}: {error}"
        else:
            if not_after < now:
                yield f"{key}: Das Zertifikat {path} galt bis zum {not_after:%d.%m.%Y}."


def _list_databases(settings: Settings) -> tuple[tuple[str, str], ...]:
    return (
        ("database.url", settings.database.url),
        ("authority_server.database_url", settings.authority_server.database_url),
    )


def _find_missing_databases(settings: Settings) -> Iterator[str]:
    for key, url in _list_databases(settings):
        path = url.removeprefix("sqlite:///")
        if url.startswith("sqlite:///") and not Path(path).is_file():
            yield f"{key}: Die Datenbank {path} fehlt; „damtshilfe init“ legt sie an."


def _find_bad_schemas(settings: Settings) -> Iterator[str]:
    try:
        SchemaCatalogue(settings.schemas.directory)
    except ProfileInvalid as error:
        yield from (f"schemas.dir: {problem}" for problem in error.problems)


def _find_open_reader_keys(settings: Settings) -> Iterator[str]:
    for path in ReaderKeyFiles(settings.encryption.keys).find_readable_by_others():
        yield f"encryption.keys: {path} darf nur für den Besitzer lesbar sein (Rechte 0600)."
