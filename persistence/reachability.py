"""Whether a database can be used, told in German and without its password."""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from persistence.engine import BadDatabaseUrl, make_engine, read_url

_ENCODING = "UTF8"


def find_database_problem(url: str) -> str:
    """Why the database of this URL cannot be used; empty where it can. Waits some seconds at most.

    A file of SQLite that is missing is no problem here.
    """
    try:
        if read_url(url).get_backend_name() == "sqlite":
            return ""
    except BadDatabaseUrl as error:
        return str(error)
    engine = make_engine(url, connections=1)
    try:
        with engine.connect() as connection:
            return _find_setup_problem(connection)
    except DBAPIError as error:
        return _explain(engine, error)
    finally:
        engine.dispose()


def _find_setup_problem(connection: Connection) -> str:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != _ENCODING:
        return f"Die Datenbank ist in {encoding} kodiert; nötig ist {_ENCODING}."
    if connection.scalar(text("SHOW synchronous_commit")) == "off":
        return (
            "In der Datenbank steht synchronous_commit auf off; so ginge bei einem Absturz "
            "Bestätigtes verloren. Nötig ist on."
        )
    may_create = text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
    if not connection.scalar(may_create):
        return (
            "Der Benutzer darf in der Datenbank keine Tabellen anlegen; am einfachsten gehört "
            "ihm die Datenbank (ALTER DATABASE … OWNER TO …)."
        )
    return ""


def _explain(engine: Engine, error: DBAPIError) -> str:
    where = engine.url.set(query={}).render_as_string(hide_password=True)
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    cause = lines[0] if lines else type(error.orig).__name__
    # In every language of the server: what it answers itself begins with this word.
    _, is_answered, answer = cause.partition("FATAL:")
    if is_answered:
        return (
            f"Die Datenbank {where} nimmt die Anmeldung nicht an ({answer.strip()}); bitte "
            "Benutzer, Passwort und Name der Datenbank prüfen."
        )
    return (
        f"Die Datenbank {where} ist nicht erreichbar ({cause}); bitte prüfen, ob sie läuft und ob "
        "Rechner und Port stimmen."
    )
