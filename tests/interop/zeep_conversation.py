"""The conversation of `conversation.py` with zeep, as `clients/xta` uses it.

Arguments: path of the task file, and the contract (path or URL). Prints one JSON object.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clients.xta import (
    IncomingMessage,
    OutgoingMessage,
    ReportView,
    Selection,
    WirePart,
    WireParty,
    XtaAccess,
    XtaClient,
    XtaFault,
)

Task = dict[str, Any]


def main() -> None:
    """Holds the conversation of the task."""
    task_path, wsdl = sys.argv[1:]
    task = json.loads(Path(task_path).read_text(encoding="utf-8"))
    author, reader = (connect(task, wsdl, name) for name in ("author", "reader"))
    author.check_account_active()
    outcome: dict[str, Any] = {
        "accountActive": True,
        "serviceAvailable": author.lookup_service(party(task, "reader"), task["service"]),
    }
    message_ids = [author.create_message_id() for _ in range(3)]
    outcome["messageIds"] = message_ids
    first, second, third = message_ids
    author.send(compose(task, first))
    author.send(compose(task, second))
    author.send(compose(task, third, datetime.now(UTC) + timedelta(days=1)))
    outcome |= read_mailbox(reader, first, second)
    outcome["report"] = describe_report(author.find_report(first))
    author.cancel(third)
    outcome["cancelled"] = describe_report(author.find_report(third))
    outcome["fault"] = cancel_in_vain(author, first)
    print(json.dumps(outcome))


def connect(task: Task, wsdl: str, name: str) -> XtaClient:
    """The client of the author or the reader."""
    ports = task["ports"]
    access = XtaAccess(
        wsdl,
        ports["management"],
        ports["send"],
        ports["msgbox"],
        Path(task[name]["certificate"]),
        Path(task["ca"]),
        accepts_mtom=task["isMtom"],
    )
    return XtaClient(access, party(task, name))


def party(task: Task, name: str) -> WireParty:
    """The author or the reader."""
    return WireParty(**task[name]["identifier"])


def compose(task: Task, message_id: str, not_before: datetime | None = None) -> OutgoingMessage:
    """The message of the task with all its attachments."""
    return OutgoingMessage(
        message_id=message_id,
        reader=party(task, "reader"),
        service=task["service"],
        message_type=task["messageType"],
        message_type_list=(task["messageTypeListUri"], task["messageTypeListVersion"]),
        payload_schema=task["payloadSchema"],
        message=WirePart(Path(task["message"]).read_bytes(), "application/xml"),
        attachments=[
            WirePart(Path(item["path"]).read_bytes(), item["contentType"], item["filename"])
            for item in task["attachments"]
        ],
        not_before=not_before,
    )


def read_mailbox(reader: XtaClient, first: str, second: str) -> dict[str, Any]:
    """Lists and fetches both messages with iterators, and confirms them."""
    selection = Selection((first, second))
    listed = reader.list_mailbox(selection, max_items=1)
    listed_next = reader.list_next(listed.request_id)
    fetched = reader.fetch(selection)
    assert fetched, "nothing was fetched"
    fetched_next = reader.fetch_next(fetched.request_id, [first])
    assert fetched_next, "nothing more was fetched"
    reader.close(fetched.request_id, [second])
    return {
        "listed": listed.message_ids,
        "listedNext": listed_next.message_ids,
        "fetched": describe_message(fetched),
        "fetchedNext": describe_message(fetched_next),
    }


def describe_message(message: IncomingMessage) -> dict[str, Any]:
    """MessageID, and name and digest of each part."""
    return {
        "messageId": message.message_id,
        "parts": [
            {"filename": part.filename, "sha256": hashlib.sha256(part.content).hexdigest()}
            for part in (message.message, *message.attachments)
        ],
    }


def describe_report(report: ReportView) -> dict[str, Any]:
    """Status and the codes of the entries."""
    return {"status": report.status, "codes": report.codes}


def cancel_in_vain(author: XtaClient, message_id: str) -> dict[str, str]:
    """The fault of a message that cannot be taken back."""
    try:
        author.cancel(message_id)
    except XtaFault as fault:
        return {"exception": fault.exception, "code": fault.code}
    return {"exception": "", "code": ""}


if __name__ == "__main__":
    main()
