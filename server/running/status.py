"""`damtshilfe status`: what an operator wants to know at a glance, in German."""

from collections.abc import Iterator
from datetime import datetime

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database, Stores
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current
from persistence.stores.vorgaenge import Overdue
from persistence.trust_database import TrustDatabase
from server.bootstrap_trust import make_own_list
from server.domain.certificate_request import WaitingRequests
from server.domain.local_time import find_local_day
from server.running.certificates import render_ending
from server.running.deliveries import render_destinations
from server.running.letter_news import render_news_problems
from server.running.mandanten import render_ending_tests
from server.running.ports import is_listening
from server.services.batching.news_problems import count_overdue, find_news_problems
from server.services.batching.texts import BATCH_TEXTS
from server.services.certificates import Certificates
from server.services.clock import read_clock
from server.services.delivery_sight import list_busy_destinations
from server.services.delivery_texts import ORDER_TEXTS
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import Mandanten
from server.settings import AccessSettings, Settings


def render_status(settings: Settings) -> Iterator[str]:
    """The lines of the status."""
    yield from _render_servers(settings)
    database = Database(make_engine(settings.database.url))
    has_tables = is_schema_current(database.engine, DatabaseKind.XTA)
    yield _render_schema("Datenbank", has_tables)
    if has_tables:
        yield from _render_mandanten(database, settings.access)
        yield from _render_traffic(database, settings)
    directory = AuthorityDatabase(make_engine(settings.authority_server.database_url))
    is_current = is_schema_current(directory.engine, DatabaseKind.AUTHORITY)
    yield _render_schema("Verzeichnis", is_current)
    with directory.reading() as store:
        yield f"Behörden im Verzeichnis: {store.behoerden.count()}"
        if is_current and (doubts := store.behoerden.count_doubtful()):
            yield f"  zweifelhaft: {doubts}"
    if is_current and has_tables:
        yield from _render_certificates(settings, database, TrustDatabase(directory.engine))


def _render_traffic(database: Database, settings: Settings) -> Iterator[str]:
    with database.reading() as stores:
        yield "Nachrichten:"
        for state, number in sorted(stores.messages.count_by_state().items()):
            yield f"  {state.value}: {number}"
        yield "Zustellaufträge:"
        for order_state, number in stores.orders.count_by_state().items():
            yield f"  {ORDER_TEXTS[order_state]}: {number}"
        for parked in stores.orders.list_parked():
            yield f"  angehalten: {parked.message_id}: {parked.cause}"
        for title, number in stores.forwarded.count_silent().items():
            yield f"  ohne Auskunft von {title}: {number}"
        yield from _render_letters(stores, settings.printing.overdue_days)
        for line in render_destinations(list_busy_destinations(stores), read_clock()):
            yield f"  Ziel {line}"
        yield from _render_vorgaenge(stores, settings.vorgang.answer_days)


def _render_letters(stores: Stores, overdue_days: int) -> Iterator[str]:
    yield "Briefe:"
    yield f"  warten auf ihren Stapel: {stores.letters.count_ready()}"
    for state, number in stores.batches.count_by_state().items():
        yield f"  Stapel, {BATCH_TEXTS[state]}: {number}"
    overdue = count_overdue(stores, read_clock(), overdue_days)
    if overdue:
        yield f"  ohne Rückmeldung seit mehr als {overdue_days} Tagen: {overdue}"
    for line in render_news_problems(find_news_problems(stores)):
        yield f"  {line}"


def _render_certificates(
    settings: Settings, database: Database, trust: TrustDatabase
) -> Iterator[str]:
    here = MandantCertificates(database, read_clock)
    certificates = Certificates(trust, here, read_clock).list_all()
    yield f"Zertifikate: {len(certificates)}"
    for line in render_ending(certificates, read_clock()):
        yield f"  {line}"
    with database.reading() as stores:
        yield from _render_requests(stores.certificate_requests.find_waiting(), read_clock())
    end = make_own_list(settings, trust).find_end()
    if end:
        yield f"Sperrliste: gilt bis zum {end:%d.%m.%Y}"


def _render_requests(waiting: WaitingRequests, moment: datetime) -> Iterator[str]:
    if waiting.oldest:
        late = ", das ist lange: Läuft der Worker?" if waiting.is_late(moment) else ""
        since = f"{waiting.oldest:%d.%m.%Y, %H:%M} UTC"
        yield f"  Anträge, die warten: {waiting.number}, der älteste seit {since}{late}"


def _render_mandanten(database: Database, access: AccessSettings) -> Iterator[str]:
    views = Mandanten(database, read_clock, access.test_days).list_all()
    yield f"Mandanten: {len(views)}"
    days = max(access.reminder_days, default=0)
    for line in render_ending_tests(views, find_local_day(read_clock()), days):
        yield f"  {line}"


def _render_vorgaenge(stores: Stores, answer_days: int) -> Iterator[str]:
    yield "Vorgänge:"
    for state, number in sorted(stores.vorgaenge.count_by_state().items()):
        yield f"  {state.value}: {number}"
    overdue = Overdue(find_local_day(read_clock()), answer_days)
    yield f"  Antwort überfällig: {stores.vorgaenge.count_overdue(overdue)}"


def _render_servers(settings: Settings) -> Iterator[str]:
    servers = (
        ("XTA-Server", settings.server.host, settings.server.port),
        ("Authority-Server", settings.authority_server.host, settings.authority_server.port),
    )
    for name, host, port in servers:
        state = "erreichbar" if is_listening(host, port) else "nicht erreichbar"
        yield f"{name} ({host}:{port}): {state}"


def _render_schema(name: str, is_current: bool) -> str:
    return f"{name}: {'aktuell' if is_current else 'Migrationen fehlen'}"
