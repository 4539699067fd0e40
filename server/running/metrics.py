"""`damtshilfe status --format prometheus`: numbers for a monitoring system, as it reads them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database, Stores
from persistence.engine import make_engine
from persistence.trust_database import TrustDatabase
from server.bootstrap_trust import make_own_list
from server.domain.certificate import ClientCertificate, list_current
from server.services.batching.news_problems import count_overdue
from server.services.certificates import Certificates
from server.services.clock import read_clock
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import Mandanten
from server.settings import Settings

_SECONDS_PER_DAY = 86_400


def render_metrics(settings: Settings) -> Iterator[str]:
    """The lines of the text format, each metric with its type."""
    database = Database(make_engine(settings.database.url))
    trust = TrustDatabase(make_engine(settings.authority_server.database_url))
    views = Mandanten(database, read_clock, settings.access.test_days).list_all()
    with database.reading() as stores:
        messages = stores.messages.count_by_state()
        orders = stores.orders.count_by_state()
        addresses = {
            "gezaehlt": stores.web_addresses.count(),
            "verzoegert": stores.web_addresses.count_held(read_clock()),
        }
        letters = tuple(_count_letters(stores, settings.printing.overdue_days))
        requests = stores.certificate_requests.find_waiting()
    here = MandantCertificates(database, read_clock)
    certificates = Certificates(trust, here, read_clock).list_all()
    states = [view.state.value for view in views]
    yield from _render("mandanten", "state", {state: states.count(state) for state in states})
    yield from _render("messages", "state", {key.value: value for key, value in messages.items()})
    yield from _render("orders", "state", {key.value: value for key, value in orders.items()})
    yield from _render("sign_in_addresses", "state", addresses)
    waiting = int(requests.find_age(read_clock()).total_seconds())
    for name, number in (
        *letters,
        ("certificate_requests_waiting", requests.number),
        ("certificate_requests_oldest_seconds", waiting),
        ("directory_doubts", _count_doubts(trust)),
    ):
        yield f"# TYPE damtshilfe_{name} gauge"
        yield f"damtshilfe_{name} {number}"
    yield from _render_certificates(certificates, read_clock())
    yield from _render_list_end(make_own_list(settings, trust).find_end(), read_clock())
    for engine in (database.engine, trust.engine):
        engine.dispose()


def _count_letters(stores: Stores, overdue_days: int) -> Iterator[tuple[str, int]]:
    """What an alarm looks at: letters without batch, without news for long, and what differs."""
    yield "letters_waiting", stores.letters.count_ready()
    yield "letters_overdue", count_overdue(stores, read_clock(), overdue_days)
    yield "letter_differences_open", sum(n for _, n in stores.letter_news.list_differing())


def _count_doubts(trust: TrustDatabase) -> int:
    """The directory lies in the same database."""
    with AuthorityDatabase(trust.engine).reading() as directory:
        return directory.behoerden.count_doubtful()


def _render(name: str, label: str, numbers: dict[str, int]) -> Iterator[str]:
    yield f"# TYPE damtshilfe_{name} gauge"
    for key, number in sorted(numbers.items()):
        yield f'damtshilfe_{name}{{{label}="{_escape(key)}"}} {number}'


def _render_certificates(found: Sequence[ClientCertificate], moment: datetime) -> Iterator[str]:
    name = "damtshilfe_certificate_days_left"
    yield f"# TYPE {name} gauge"
    for item in list_current(found, moment):
        days = (item.accepted_until - moment).total_seconds() / _SECONDS_PER_DAY
        holder = _escape(str(item.holder))
        yield f'{name}{{holder="{holder}",fingerprint="{item.fingerprint}"}} {days:.2f}'


def _render_list_end(end: datetime | None, moment: datetime) -> Iterator[str]:
    if end:
        name = "damtshilfe_revocation_list_days_left"
        yield f"# TYPE {name} gauge"
        yield f"{name} {(end - moment).total_seconds() / _SECONDS_PER_DAY:.2f}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
