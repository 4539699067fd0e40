"""What every command needs of an installation, checked together and told in German.

What only letters and print outputs need, is looked at by `preflight`: it takes a second.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from persistence.reachability import find_database_problem
from persistence.reader_key_files import ReaderKeyFiles
from server.pki import BadKeyMaterial, check_key, read_certificate
from server.pki.exchange import require_private
from server.running.blob_store import find_key_problems
from server.settings import Settings
from server.xmlio.message_profile import ProfileInvalid
from server.xmlio.schema_catalogue import SchemaCatalogue


def find_installation_problems(settings: Settings, now: datetime) -> list[str]:
    """Mistakes in files, keys, databases and schemas (German sentences)."""
    databases = find_database_problems(settings)
    return [
        *_find_missing_files(settings),
        *_find_bad_keys(settings),
        *_find_expired_certificates(settings, now),
        *_find_missing_databases(settings),
        *databases,
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
