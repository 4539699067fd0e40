"""Builds what gathers letters into batches and hands them over, from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from persistence.blobs import Blobs
from persistence.database import Database
from server.bootstrap_delivery import make_delivery_plan, make_worker
from server.bootstrap_letters import make_mark_style
from server.bootstrap_printing import load_outputs_of
from server.domain.cut_off import CutOffPlan, FreeDays
from server.domain.destination import DestinationKind
from server.services.batching.closing import Closing
from server.services.batching.contents import BatchContents
from server.services.batching.desk import LetterDesk
from server.services.batching.news import NewsBook
from server.services.batching.plan import BatchPlan, CutOffs
from server.services.batching.polling import Polling, PollPlan
from server.services.batching.public_holidays import find_public_holidays
from server.services.batching.submitting import Submitting
from server.services.batching.telling import Telling
from server.services.clock import Clock, read_clock
from server.services.directory import Directory
from server.services.directory_doubts import DirectoryDoubts
from server.settings import Settings
from server.settings_printing import CutOffChoice, PrintingSettings
from server.worker.loop import Task

_WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")


@dataclass(frozen=True)
class BatchTasks:
    """What the worker does about batches, in this order."""

    close: Task
    submit: Task
    tell: Task


def make_cut_offs(printing: PrintingSettings, clock: Clock = read_clock) -> CutOffs:
    """When batches close, for each output of the settings."""
    return CutOffs({name: _make_cut_off(printing, name) for name in printing.outputs}, clock)


def make_batch_plan(settings: Settings) -> BatchPlan:
    """Sizes, retries, and for how long outputs are asked."""
    printing, delivery = settings.printing, make_delivery_plan(settings)
    return BatchPlan(
        printing.batch_letters,
        delivery.lease,
        delivery.find_retry(DestinationKind.LETTER),
        delivery.breaker,
        timedelta(minutes=printing.poll_minutes),
        {name: timedelta(days=printing.find_news_days(name)) for name in printing.outputs},
    )


def build_batch_tasks(
    settings: Settings, database: Database, blobs: Blobs, is_stopping: Callable[[], bool]
) -> BatchTasks:
    """The tasks; raises what `load_outputs_of` and `make_mark_style` raise."""
    plan, worker = make_batch_plan(settings), make_worker(is_stopping)
    submitting = Submitting(
        database,
        load_outputs_of(settings),
        BatchContents(database, blobs, make_mark_style(settings.printing)),
        read_clock,
        plan=plan,
        worker=worker,
    )
    return BatchTasks(
        Closing(database, read_clock, plan.max_letters).close_due,
        submitting.submit_next,
        Telling(database, read_clock, plan, worker.name).tell_some,
    )


def build_news_tasks(
    settings: Settings, database: Database, directory: Directory, is_stopping: Callable[[], bool]
) -> tuple[Task, ...]:
    """What the worker does about the news of letters; raises what `load_outputs_of` raises."""
    batch_plan = make_batch_plan(settings)
    returns = timedelta(days=settings.printing.return_days)
    polling = Polling(
        database,
        load_outputs_of(settings),
        NewsBook(database, read_clock, make_worker(is_stopping).name),
        read_clock,
        plan=PollPlan(batch_plan.poll, batch_plan.lease, returns),
    )
    return polling.poll_next, DirectoryDoubts(database, directory, read_clock).tell_next


def build_letter_desk(
    settings: Settings, database: Database, blobs: Blobs, actor: str, clock: Clock = read_clock
) -> LetterDesk:
    """What a person does about letters and batches; raises what `load_outputs_of` raises."""
    closing = Closing(database, clock, settings.printing.batch_letters)
    return LetterDesk(database, blobs, load_outputs_of(settings), closing, clock=clock, actor=actor)


def _make_cut_off(printing: PrintingSettings, output: str) -> CutOffPlan:
    chosen = printing.find_cut_offs(output)
    return CutOffPlan(
        tuple(time.fromisoformat(text) for text in chosen.times),
        frozenset(_WEEKDAYS.index(day) for day in chosen.days),
        _make_free_days(chosen),
    )


def _make_free_days(chosen: CutOffChoice) -> FreeDays:
    parts = [[int(part) for part in text.split(".") if part] for text in chosen.free_days]
    return FreeDays(
        find_public_holidays(chosen.holidays),
        frozenset((month, day) for day, month, *year in parts if not year),
        frozenset(date(year[0], month, day) for day, month, *year in parts if year),
    )
