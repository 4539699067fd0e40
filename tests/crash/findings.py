"""What lies in the databases and in the print output when all is over, and what clients see."""

import hashlib
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import func, select

from clients.xta import ReportStatus, XtaClient, XtaFault
from persistence.database import Database
from persistence.engine import make_engine
from persistence.tables import mandant, message, message_part
from server.domain.message import MessageState
from tests.crash.audit import PrintedLetter, StoredRow
from tests.crash.clients import Task
from tests.crash.plan import Consignment, Way
from tests.support.two_centres import Centre

_TICKET = "{urn:damtshilfe:druckauftrag:1}"


def list_rows(centre: Centre) -> list[StoredRow]:
    """Every message in the database of a server."""
    database = Database(make_engine(centre.settings.database.url))
    names = {
        item["identifier"]["value"]: item["name"] for item in centre.installation.facts["mandanten"]
    }
    hashes: dict[int, list[str]] = defaultdict(list)
    with database.engine.connect() as connection:
        for part in connection.execute(
            select(message_part.c.message_key, message_part.c.sha256).order_by(
                message_part.c.message_key, message_part.c.position
            )
        ):
            hashes[part.message_key].append(part.sha256)
        rows = connection.execute(
            select(
                message.c.key, message.c.message_id, message.c.state, mandant.c.identifier_value
            ).outerjoin(mandant, mandant.c.key == message.c.reader_mandant)
        ).all()
    database.engine.dispose()
    return [
        StoredRow(
            centre.name,
            row.message_id,
            names.get(row.identifier_value, "") if _was_in_mailbox(row.state) else "",
            MessageState(row.state).is_final,
            row.state,
            tuple(hashes[row.key]),
        )
        for row in rows
    ]


def _was_in_mailbox(state: str) -> bool:
    return MessageState(state).is_in_mailbox or state == MessageState.CLOSED


def count_open(centres: Iterable[Centre]) -> int:
    """How many messages have not come to an end."""
    final = [state.value for state in MessageState if state.is_final]
    query = select(func.count()).select_from(message).where(message.c.state.not_in(final))
    total = 0
    for centre in centres:
        engine = make_engine(centre.settings.database.url)
        with engine.connect() as connection:
            total += connection.scalar(query) or 0
        engine.dispose()
    return total


def list_letters(folder: Path) -> Iterator[PrintedLetter]:
    """Every letter that a print shop sees."""
    for path in sorted(folder.iterdir() if folder.exists() else ()):
        if path.name.startswith(".") or not path.is_dir():
            continue
        yield from _list_batch(path)


def _list_batch(folder: Path) -> Iterator[PrintedLetter]:
    """The letters of a batch, by its ticket; a file that it does not name belongs to nobody."""
    ticket = ET.parse(folder / f"{folder.name}.xml").getroot()
    files = {path.name: path for path in folder.glob("*.pdf")}
    for item in ticket.iterfind(f"{_TICKET}brief"):
        path = files.pop(item.findtext(f"{_TICKET}datei") or "", None)
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
        yield PrintedLetter(
            item.get("id") or "",
            item.findtext(f"{_TICKET}messageId") or "",
            found == item.findtext(f"{_TICKET}sha256"),
        )
    for name in files:
        yield PrintedLetter(f"{folder.name}/{name}", "", False)


def list_open_reports(task: Task, items: Iterable[Consignment]) -> Iterator[str]:
    """MessageIDs whose sender is told that the report is open, or that there is none."""
    other, own = task.ost.connect("jena"), task.mitte.connect("potsdam")
    for item in items:
        client = other if item.way == Way.OTHER else own
        if not _is_closed(client, item.message_id):
            yield item.message_id


def _is_closed(client: XtaClient, message_id: str) -> bool:
    try:
        return client.find_report(message_id).status != ReportStatus.OPEN
    except XtaFault as fault:
        if fault.is_unknown_message_id:
            return False
        raise
