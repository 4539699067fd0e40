"""What the operator wants to know at a glance: bounded in time, whatever the database holds."""

from collections.abc import Callable
from dataclasses import dataclass

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.batch import BatchState, StoredBatch
from server.domain.certificate import ClientCertificate, find_expiry_step, list_current
from server.domain.certificate_request import WaitingRequests
from server.domain.mandant_access import AccessState
from server.services.batching.news_problems import (
    NewsProblems,
    count_overdue,
    find_news_problems,
)
from server.services.certificates import Certificates
from server.services.clock import Clock
from server.services.delivery_queue import DeliveryQueue, QueueCriteria, QueuePage
from server.services.delivery_sight import MAX_COUNTED, BusyDestination, list_busy_destinations
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import Mandanten, MandantView

_MOST = 20
# Who is registered waits for the operator; whose test access runs will order or end.
_WATCHED = (AccessState.REGISTERED, AccessState.TESTING)


@dataclass(frozen=True)
class EndingCertificate:
    """A certificate whose end is near (0: it has ended)."""

    certificate: ClientCertificate
    step: int


@dataclass(frozen=True)
class Status:
    """What waits for the operator.

    `parked` is the first page of what is parked, `parked_count` how many there are: MAX_COUNTED
    where there are as many or more.
    `doubts` counts doubtful entries of the directory; None where that is elsewhere.
    """

    parked: QueuePage
    parked_count: int
    destinations: tuple[BusyDestination, ...]
    ready_letters: int
    overdue_letters: int
    refused_batches: tuple[StoredBatch, ...]
    news: NewsProblems
    mandanten: tuple[MandantView, ...]
    certificates: tuple[EndingCertificate, ...]
    requests: WaitingRequests
    are_requests_late: bool
    doubts: int | None

    @property
    def are_more_parked(self) -> bool:
        """True where the number of what is parked is a limit."""
        return self.parked_count >= MAX_COUNTED

    @property
    def is_quiet(self) -> bool:
        """True where nothing waits for a person."""
        waits = (
            self.parked.orders,
            self.destinations,
            self.refused_batches,
            self.overdue_letters,
            self.news.differing,
            self.news.silent,
            self.mandanten,
            self.certificates,
            self.are_requests_late,
            self.doubts,
        )
        return not any(waits)


class OperationStatus:
    """`find_directory` and `find_trust` give the directory and the register of certificates, None
    where they are elsewhere.
    """

    def __init__(
        self,
        database: Database,
        mandanten: Mandanten,
        find_directory: Callable[[], AuthorityDatabase | None],
        clock: Clock,
        overdue_days: int,
        *,
        find_trust: Callable[[], TrustDatabase | None],
    ) -> None:
        self._database = database
        self._queue = DeliveryQueue(database)
        self._mandanten = mandanten
        self._find_directory = find_directory
        self._find_trust = find_trust
        self._clock = clock
        self._overdue_days = overdue_days

    def show(self) -> Status:
        """How it stands now."""
        with self._database.reading() as stores:
            parked_count = stores.order_desk.count_parked(MAX_COUNTED)
            destinations = list_busy_destinations(stores)
            ready = stores.letters.count_ready()
            overdue = count_overdue(stores, self._clock(), self._overdue_days)
            refused = stores.batches.list_all((BatchState.REFUSED,), _MOST)
            news = find_news_problems(stores)
            requests = stores.certificate_requests.find_waiting()
        watched = [view for view in self._mandanten.list_all() if view.state in _WATCHED]
        return Status(
            self._queue.list_page(QueueCriteria()),
            parked_count,
            destinations,
            ready,
            overdue,
            refused,
            news,
            tuple(watched),
            tuple(self._list_ending()),
            requests,
            requests.is_late(self._clock()),
            self._count_doubts(),
        )

    def _count_doubts(self) -> int | None:
        found = self._find_directory()
        if found is None:
            return None
        with found.reading() as directory:
            return directory.behoerden.count_doubtful()

    def _list_ending(self) -> list[EndingCertificate]:
        here, trust = MandantCertificates(self._database, self._clock), self._find_trust()
        found = Certificates(trust, here, self._clock).list_all() if trust else here.list_all()
        moment = self._clock()
        current = list_current(found, moment)
        steps = [(item, find_expiry_step(item.accepted_until, moment)) for item in current]
        return [EndingCertificate(item, step) for item, step in steps if step is not None]
