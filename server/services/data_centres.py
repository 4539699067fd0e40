"""Which data centre serves a Mandant: registered, moved, looked up by day."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from persistence.trust_database import TrustDatabase, TrustStores
from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import (
    CannotMove,
    DataCentre,
    Gap,
    MandantService,
    find_gaps,
    find_overlap,
    find_service,
    plan_move,
)
from server.domain.local_time import find_local_day
from server.services.clock import Clock

_MAX_NAME = 64
_MAX_TITLE = 255


class DataCentreRefused(Exception):
    """What was asked for a data centre is not possible; the text is German."""


@dataclass(frozen=True)
class ServiceAnswer:
    """Who serves a Mandant on a day; the data centre's valid client certificates (DER)."""

    centre: DataCentre
    service: MandantService
    certificates: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class MandantServices:
    """All services of one Mandant by their first days, and the days that none of them covers."""

    mandant: PartyIdentifier
    services: tuple[MandantService, ...]
    gaps: tuple[Gap, ...]


class DataCentres:
    """Registers data centres and answers which of them serves a Mandant. Days are German ones."""

    def __init__(self, database: TrustDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def register(self, centre: DataCentre, *, replaces: bool) -> None:
        """Registers a data centre, or gives a known one other data; raises DataCentreRefused."""
        check_centre(centre)
        with self._database.writing() as stores:
            is_known = stores.centres.find(centre.name) is not None
            if replaces and is_known:
                stores.centres.change(centre)
            elif is_known:
                raise DataCentreRefused(f"Das Rechenzentrum {centre.name} gibt es bereits.")
            elif replaces:
                raise unknown_centre(centre.name)
            else:
                stores.centres.add(centre)

    def list_all(self) -> tuple[DataCentre, ...]:
        """Every data centre, by name."""
        with self._database.reading() as stores:
            return stores.centres.list_all()

    def list_services(self, mandant: PartyIdentifier | None = None) -> tuple[MandantServices, ...]:
        """Who is served by whom and when, of one Mandant or of all."""
        with self._database.reading() as stores:
            found = stores.centres.list_services(mandant)
        grouped: dict[PartyIdentifier, list[MandantService]] = {}
        for service in found:
            grouped.setdefault(service.mandant, []).append(service)
        return tuple(
            MandantServices(key, tuple(services), find_gaps(services))
            for key, services in grouped.items()
        )

    def serve(self, new: MandantService) -> MandantServices:
        """Registers a service; raises DataCentreRefused where another one is valid on its days."""
        if new.valid_to is not None and new.valid_to < new.valid_from:
            raise DataCentreRefused("Der letzte Tag liegt vor dem ersten.")
        with self._database.writing() as stores:
            _require_centre(stores, new.centre)
            other = find_overlap(stores.centres.list_services(new.mandant), new)
            if other:
                raise DataCentreRefused(
                    f"{new.mandant} wird {describe_period(other)} schon von {other.centre} betreut."
                )
            stores.centres.add_service(new)
            return _view(stores, new.mandant)

    def move(self, mandant: PartyIdentifier, centre: str, day: date) -> MandantServices:
        """Lets a data centre take over from a day on; raises DataCentreRefused."""
        with self._database.writing() as stores:
            _require_centre(stores, centre)
            try:
                move = plan_move(stores.centres.list_services(mandant), mandant, centre, day)
            except CannotMove as error:
                raise DataCentreRefused(str(error)) from error
            if move.ending and move.ended and move.ended.valid_to:
                stores.centres.end_service(move.ending, move.ended.valid_to)
            stores.centres.add_service(move.new)
            return _view(stores, mandant)

    def find(self, mandant: PartyIdentifier, day: date | None = None) -> ServiceAnswer | None:
        """Who serves the Mandant on the day (None: today); None where nobody does."""
        with self._database.reading() as stores:
            services = stores.centres.list_services(mandant)
            service = find_service(services, day or find_local_day(self._clock()))
            if service is None:
                return None
            moment = self._clock()
            certificates = tuple(
                item.der
                for item in stores.certificates.list_of_centre(service.centre)
                if item.is_accepted(moment)
            )
            return ServiceAnswer(_require_centre(stores, service.centre), service, certificates)


def describe_period(service: MandantService) -> str:
    """From when to when (German)."""
    last = f" bis zum {service.valid_to:%d.%m.%Y}" if service.valid_to else ""
    return f"ab dem {service.valid_from:%d.%m.%Y}{last}"


def unknown_centre(name: str) -> DataCentreRefused:
    """That there is no such data centre."""
    return DataCentreRefused(
        f"Das Rechenzentrum {name} gibt es nicht; „damtshilfe authority centre list“ zeigt alle."
    )


def _view(stores: TrustStores, mandant: PartyIdentifier) -> MandantServices:
    services = stores.centres.list_services(mandant)
    return MandantServices(mandant, services, find_gaps(services))


def _require_centre(stores: TrustStores, name: str) -> DataCentre:
    centre = stores.centres.find(name)
    if centre is None:
        raise unknown_centre(name)
    return centre


def check_centre(centre: DataCentre) -> None:
    """Raises DataCentreRefused where names or URLs cannot be registered."""
    for what, text, maximum in (
        ("Der Kurzname", centre.name, _MAX_NAME),
        ("Die Bezeichnung", centre.title, _MAX_TITLE),
    ):
        if not text.strip() or len(text) > maximum or not text.isprintable():
            raise DataCentreRefused(f"{what} braucht 1 bis {maximum} Zeichen ohne Umbruch.")
    for url in (centre.management, centre.send, centre.msgbox):
        if not _is_https(url):
            raise DataCentreRefused(f"{url} ist keine Adresse der Form https://…")


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    has_space = any(char.isspace() for char in url)
    return parts.scheme == "https" and bool(parts.hostname) and not has_space
