"""`make crash-print`: a worker that is killed while it prints; then the books are compared.

It sets letters, gathers them, hands them over to two print shops (a folder, a service over HTTPS)
and asks what became of them.

PRINT_LETTERS=400 PRINT_KILLS=60 CRASH_DATABASE=sqlite|postgresql CRASH_SEED=... Exit code 1 where
a letter was lost, doubled or damaged, or did not come to its end.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from persistence.database import Database
from persistence.engine import make_engine
from persistence.letter_tables import print_batch
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.domain.destination import LETTER
from server.domain.message import MessageEvent
from server.domain.print_settings import PrintChoice
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.pki import Authority, write_private
from server.printing.plugin_contract import ReceivedLetter
from server.running.blob_store import make_blobs
from server.services.clock import read_clock
from server.services.message_events import record_event
from tests.crash.plan import Storage
from tests.crash.print_books import count_open, describe_progress, find_violations
from tests.crash.servers import RunningPart
from tests.support.installation import Installation, make_installation, serving
from tests.support.on_postgres import move_to_postgres
from tests.support.postgres import running_cluster
from tests.support.print_service import PrintService, running_print_service
from tests.support.print_shop import PrintShop
from tests.support.two_centres import Centre

SERVICE = "dienst"
SETTLE_SECONDS = 240
# A worker that has just started needs some of them, and may have nothing to do.
PROGRESS_SECONDS = 20
# News are asked for whenever the harness says so; batches are small, so that there are many.
ENVIRONMENT = {
    "DAMTSHILFE_DELIVERY__LEASE_SECONDS": "4",
    "DAMTSHILFE_PRINTING__NEWS_DAYS": "14",
    "DAMTSHILFE_PRINTING__RETURN_DAYS": "0",
    "DAMTSHILFE_PRINTING__BATCH_LETTERS": "7",
    "DAMTSHILFE_PRINTING__MARKS": "datamatrix",
}


@dataclass(frozen=True)
class PrintPlan:
    """How many letters there are, and how often the worker is killed meanwhile."""

    letters: int = 400
    kills: int = 60
    storage: Storage = Storage.SQLITE
    seed: str = "druck"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "PrintPlan":
        """From PRINT_LETTERS, PRINT_KILLS, CRASH_DATABASE and CRASH_SEED."""
        return cls(
            int(environment.get("PRINT_LETTERS", cls.letters)),
            int(environment.get("PRINT_KILLS", cls.kills)),
            Storage(environment.get("CRASH_DATABASE", cls.storage)),
            environment.get("CRASH_SEED", cls.seed),
        )


@dataclass
class Site:
    """The installation, both print shops, and the worker that dies."""

    installation: Installation
    database: Database
    shop: PrintShop
    service: PrintService
    worker: RunningPart
    chance: random.Random

    def kill(self) -> None:
        """The worker is gone in the middle of whatever it does, and another one starts."""
        process = self.worker.process
        assert process is not None
        process.kill()
        process.wait()
        self.worker.start()

    def received(self) -> list[ReceivedLetter]:
        """What both print shops have."""
        return [*self.shop.list_received(), *self.service.list_received()]

    def report(self) -> None:
        """Both print shops tell what they have done, and are asked at once."""
        for ready in sorted(self.shop.folder.glob("*.fertig")):
            self.shop.take(ready.stem)
            self._report_of_folder(ready.stem)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for batch in list(self.service.batches.values()):
            for letter_id in batch.states:
                batch.states[letter_id] = (self.chance.choice(("gedruckt", "versandt")), now)
        with self.database.engine.begin() as connection:
            connection.execute(
                update(print_batch)
                .where(print_batch.c.next_poll.is_not(None))
                .values(next_poll=read_clock())
            )

    def _report_of_folder(self, batch_id: str) -> None:
        """Posted and printed, in this order and in files of their own: as it sometimes comes."""
        letters = [item for item in self.shop.list_received() if item.batch_id == batch_id]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for state, suffix in (("versandt", "csv"), ("gedruckt", "2.csv")):
            lines = [f"{letter.letter_id};{state};{now};\r\n" for letter in letters]
            text = "".join(["brief;stand;zeitpunkt;grund\r\n", *lines])
            self.shop.report(f"{batch_id}.{suffix}", text)


def run_print_crash(plan: PrintPlan, folder: Path) -> list[str]:
    """One run; what was violated, as sentences."""
    with running_site(plan, folder) as site:
        for number in range(plan.kills):
            share = plan.letters * (number + 1) // plan.kills - plan.letters * number // plan.kills
            add_letters(site, share, start=plan.letters * number // plan.kills)
            await_progress(site)
            site.report()
            time.sleep(site.chance.uniform(0.0, 6.0))
            site.kill()
            left = count_open(site.database)
            print(f"  {number + 1} kills, {left} letters on their way", flush=True)
        settle(site)
        return find_violations(site.database, site.installation, plan.letters, site.received())


def await_progress(site: Site) -> None:
    """Until the worker that was started last has done something, or for some time."""
    before, deadline = describe_progress(site.database), time.monotonic() + PROGRESS_SECONDS
    while describe_progress(site.database) == before and time.monotonic() < deadline:
        time.sleep(0.02)


def settle(site: Site) -> None:
    """Nothing is killed any more: waits until all is posted, or nothing moves."""
    fewest, deadline = sys.maxsize, time.monotonic()
    while (left := count_open(site.database)) and (left < fewest or time.monotonic() < deadline):
        if left < fewest:
            fewest, deadline = left, time.monotonic() + SETTLE_SECONDS
        site.report()
        time.sleep(1)


@contextmanager
def running_site(plan: PrintPlan, folder: Path) -> Iterator[Site]:
    """The installation with its Authority-Server, the worker and both print shops."""
    with ExitStack() as stack:
        installation = make_installation(folder / "demo")
        if plan.storage == Storage.POSTGRESQL:
            cluster = stack.enter_context(running_cluster())
            move_to_postgres(installation, cluster.create_database("druck"))
        service = stack.enter_context(_serve_print_service(installation, folder / "dienst"))
        centre = Centre("mitte", installation, ENVIRONMENT)
        stack.enter_context(serving(installation, ENVIRONMENT, part="authority"))
        database = Database(make_engine(centre.settings.database.url))
        stack.callback(database.engine.dispose)
        _choose_service(database, installation)
        worker = RunningPart(centre, "worker")
        worker.start()
        stack.callback(worker.stop)
        shop = PrintShop(installation.folder / "druck")
        yield Site(installation, database, shop, service, worker, random.Random(plan.seed))


@contextmanager
def _serve_print_service(installation: Installation, folder: Path) -> Iterator[PrintService]:
    """A print service over HTTPS, and the output that leads to it."""
    folder.mkdir()
    authority = Authority.create("Druckerei", read_clock())
    write_private(folder / "ca.pem", authority.credential.pem_certificate())
    pem, token = folder / "server.pem", folder / "ausweis"
    write_private(pem, authority.issue_server(["localhost"], read_clock()).pem_both())
    write_private(token, b"geheimer-ausweis\n")
    with running_print_service(pem, pem, token="geheimer-ausweis") as service:
        with installation.config.open("a", encoding="utf-8") as config:
            config.write(
                f'\n[printing.outputs.{SERVICE}]\nplugin = "http"\noptions = {{ '
                f'url = "{service.url}", ca = "{folder / "ca.pem"}", token_file = "{token}" }}\n'
            )
        yield service


def _choose_service(database: Database, installation: Installation) -> None:
    """Letters of Jena go to the service, those of Potsdam into the folder."""
    with database.writing() as stores:
        jena = stores.mandanten.find(find_party(installation, "jena"))
        assert jena is not None
        stores.print_choices.save(jena.key, PrintChoice(output=SERVICE))


def find_party(installation: Installation, name: str) -> PartyIdentifier:
    """The Kennung of a Mandant of the demo."""
    identifier = installation.mandant(name)["identifier"]
    return PartyIdentifier(identifier["value"], identifier["type"])


def add_letters(site: Site, count: int, start: int) -> None:
    """Messages to Cochem, which takes no part electronically, with orders that are due."""
    settings = site.worker.centre.settings
    blobs = make_blobs(settings, site.database)
    message = blobs.keep(InlineContent(site.installation.payload()))
    attachment = blobs.keep(InlineContent(site.installation.attachment()))
    parts = (
        ContentPart(PartKind.MESSAGE, message, {"contentType": "application/xml"}),
        ContentPart(PartKind.ATTACHMENT, attachment, {"filename": "bescheid.pdf"}),
    )
    reader = find_party(site.installation, "cochem")
    moment = read_clock()
    with site.database.writing() as stores:
        for number in range(start, start + count):
            name = ("potsdam", "jena")[number % 2]
            author = stores.mandanten.find(find_party(site.installation, name))
            assert author is not None
            head = MessageHead(
                f"urn:de:xta:messageid:druck:{number}",
                author.identifier,
                reader,
                *("dienst", "szenario", "vollstreckungshilfeersuchen"),
                "urn:damtshilfe:amtshilfe:1",
                b"<m/>",
            )
            new = NewMessage(head, author.key, None, parts, f"{number:064x}")
            key = stores.messages.add(new, moment)
            record_event(stores, new.stored_as(key, moment), MessageEvent.SENT_FOR_DELIVERY, moment)
            stores.orders.add(key, LETTER, moment, moment, is_redirected=True)


def main() -> int:
    """A run in a temporary folder, which stays."""
    plan = PrintPlan.read()
    print(f"{plan.letters} letters, {plan.kills} kills, {plan.storage}, seed {plan.seed}")
    folder = Path(tempfile.mkdtemp(prefix="damtshilfe-druck-"))
    violations = run_print_crash(plan, folder)
    for violation in violations[:50]:
        print(f"  {violation}")
    print(f"violations: {len(violations)}; {folder}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
