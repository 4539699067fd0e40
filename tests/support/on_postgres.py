"""A demo installation whose XTA database lies in PostgreSQL."""

from sqlalchemy import insert, select

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.tables import mandant, mandant_certificate
from server.settings_file import load_settings
from tests.support.installation import Installation


def move_to_postgres(installation: Installation, url: str) -> None:
    """Makes the tables at the URL, takes the Mandanten along, and changes `database.url`."""
    old_url = load_settings(installation.config, {}).database.url
    source, target = make_engine(old_url), make_engine(url)
    upgrade_schema(target, DatabaseKind.XTA)
    with source.connect() as reading, target.begin() as writing:
        for table in (mandant, mandant_certificate):
            rows = [dict(row._mapping) for row in reading.execute(select(table))]
            writing.execute(insert(table), rows)
    source.dispose()
    target.dispose()
    _change_url(installation, url)


def _change_url(installation: Installation, url: str) -> None:
    text = installation.config.read_text(encoding="utf-8")
    head, mark, rest = text.partition("[database]\n")
    assert mark, "the settings have no section [database]"
    lines = rest.splitlines(keepends=True)
    number = next(index for index, line in enumerate(lines) if line.startswith("url = "))
    lines[number] = f'url = "{url}"\n'
    installation.config.write_text(head + mark + "".join(lines), encoding="utf-8")
