"""The commands `damtshilfe print` for letters and their batches."""

import getpass
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from server.bootstrap_batching import build_letter_desk, make_cut_offs
from server.bootstrap_control import build_delivery_control
from server.bootstrap_printing import list_choices
from server.cli_installation import CONFIG, fail, fail_if, load, open_database
from server.domain.batch import BatchState, StoredBatch
from server.printing.dispatcher import find_output_problems
from server.running.batches import render_batch, render_batches, render_cut_offs, render_letter
from server.running.blob_store import make_blobs
from server.running.letter_news import count_differences, render_news_problems
from server.services.batching.acknowledging import LetterRefused
from server.services.batching.desk import LetterDesk
from server.services.batching.news_problems import NewsProblems
from server.services.delivery_control import DeliveryControl, DeliveryRefused

_BATCH = click.argument("batch_id", metavar="STAPEL")
_LETTER = click.argument("name", metavar="BRIEF|MESSAGE_ID")
_STATES: Mapping[str | None, tuple[BatchState, ...]] = {
    "open": (BatchState.CLOSED, BatchState.SUBMITTED),
}


@click.command("batches")
@click.option("--open", "which", flag_value="open", help="Nur die noch nicht abgeschlossenen.")
@click.option(
    "--problems", "which", flag_value="problems", help="Nur solche mit Ursache oder Abweichungen."
)
@CONFIG
def print_batches(which: str | None, config: Path) -> None:
    """One line for each."""
    with _open_desk(config) as desk:
        batches = desk.list_batches(_STATES.get(which, ()))
        if which != "problems":
            lines = list(render_batches(batches, desk.count_ready()))
        else:
            problems = desk.find_news_problems()
            lines = [
                *render_batches(_choose_problems(batches, problems), desk.count_ready()),
                *render_news_problems(problems),
            ]
        for line in (*lines, *render_cut_offs(make_cut_offs(load(config).printing).list_next())):
            click.echo(line)


@click.command("batch")
@_BATCH
@CONFIG
def print_batch(batch_id: str, config: Path) -> None:
    """The letters page by page: there may be thousands."""
    with _open_desk(config) as desk:
        view = desk.show(batch_id)
        for line in render_batch(view):
            click.echo(line)
        after = 0
        while page := desk.list_letters(view.batch, after):
            for letter in page:
                click.echo(render_letter(letter))
            after += len(page)


@click.command("close")
@CONFIG
def print_close(config: Path) -> None:
    """The worker hands them over."""
    with _open_desk(config) as desk:
        batches = desk.close()
    for batch in batches:
        click.echo(f"Stapel {batch.batch_id}: {batch.sums.letters} Briefe")
    if not batches:
        click.echo("Es sind keine Briefe bereit.")


@click.command("recall")
@_LETTER
@CONFIG
def print_recall(name: str, config: Path) -> None:
    """Exits 1 where the letter goes out all the same."""
    with _open_desk(config) as desk:
        click.echo(desk.recall(name))


@click.command("retry")
@_BATCH
@click.option(
    "--anew",
    is_flag=True,
    help="Gibt einen wartenden Stapel auf, damit seine Briefe neu gesetzt werden. Nur, wenn die "
    "Druckausgabe ihn sicher nicht hat.",
)
@CONFIG
def print_retry(batch_id: str, anew: bool, config: Path) -> None:
    """Letters of a refused batch are set anew, by what holds for their Mandanten now."""
    with _open_desk(config) as desk:
        if anew:
            click.echo(desk.give_up(batch_id))
            return
        message_ids = desk.retry(batch_id)
    if message_ids is None:
        click.echo(f"Der Stapel {batch_id} wird sofort übergeben.")
        return
    with open_database(config) as database:
        control = build_delivery_control(load(config), database, _name_actor())
        resumed = [found for found in message_ids if _resume(control, found)]
    click.echo(f"{len(resumed)} Briefe werden neu gesetzt.")


@click.command("acknowledge")
@_BATCH
@click.option("--reason", required=True, help="Was die Klärung ergab; steht bei der Abweichung.")
@click.option(
    "--number",
    "numbers",
    type=click.IntRange(1),
    multiple=True,
    help="Nummer der Abweichung, wie „print batch“ sie zeigt (mehrmals möglich); sonst alle.",
)
@CONFIG
def print_acknowledge(batch_id: str, reason: str, numbers: tuple[int, ...], config: Path) -> None:
    """`damtshilfe status` warns of them no more."""
    with _open_desk(config) as desk:
        found = desk.show(batch_id).open_differences
        if numbers and max(numbers) > len(found):
            raise LetterRefused(f"Der Stapel {batch_id} hat {len(found)} ungeklärte Abweichungen.")
        lines = [found[number - 1] for number in numbers] if numbers else None
        count = desk.acknowledge(batch_id, reason, lines)
    click.echo(f"Als geklärt vermerkt: {count_differences(count)}.")


@click.command("poll")
@_BATCH
@CONFIG
def print_poll(batch_id: str, config: Path) -> None:
    """The worker asks."""
    with _open_desk(config) as desk:
        desk.ask_at_once(batch_id)
    click.echo(f"Zum Stapel {batch_id} wird die Druckausgabe sofort gefragt.")


@click.command("letter")
@_LETTER
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Die Datei.")
@CONFIG
def print_letter(name: str, target: Path, config: Path) -> None:
    """A file that is there stays as it is."""
    with _open_desk(config) as desk:
        letter, content = desk.find_letter(name)
        try:
            with target.open("xb") as file:
                for chunk in content.read_chunks(1 << 20):
                    file.write(chunk)
        except FileExistsError:
            fail([f"Die Datei {target} gibt es schon."])
        except OSError as error:
            fail([f"Die Datei {target} lässt sich nicht schreiben ({error.strerror})."])
    click.echo(f"{letter.letter.letter_id}: {letter.letter.pages} Seiten in {target}")


def _choose_problems(
    batches: Iterable[StoredBatch], problems: NewsProblems
) -> Iterator[StoredBatch]:
    differing = {batch_id for batch_id, _ in problems.differing}
    return (batch for batch in batches if batch.cause or batch.batch_id in differing)


def _resume(control: DeliveryControl, message_id: str) -> bool:
    """False where somebody has seen to the message already."""
    try:
        control.retry(message_id)
    except DeliveryRefused as error:
        click.echo(str(error), err=True)
        return False
    return True


def _name_actor() -> str:
    return f"Betreiber ({getpass.getuser()})"


@contextmanager
def _open_desk(config: Path) -> Iterator[LetterDesk]:
    settings = load(config)
    fail_if(find_output_problems(list_choices(settings), settings.printing.output))
    try:
        with open_database(config) as database:
            blobs = make_blobs(settings, database)
            yield build_letter_desk(settings, database, blobs, _name_actor())
    except LetterRefused as error:
        fail([str(error)])
