"""A client process that sends one file and fetches it again, and tells how much memory it took.

The argument is the path of a task (JSON); prints one JSON object.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bench.processes import read_peak, reset_peak
from clients.xta import OutgoingMessage, WirePart, WireParty, XtaAccess, XtaClient

_SELF = "self"
_Result = TypeVar("_Result")


def main() -> None:
    """Sends, fetches into a folder, fetches into temporary files."""
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    author, reader = (connect(task, name) for name in ("author", "reader"))
    message = OutgoingMessage(
        reader=WireParty(**task["reader"]["identifier"]),
        service=task["service"],
        message_type="akte",
        message_type_list=("urn:beispiel:liste", "1"),
        payload_schema="urn:beispiel:akte",
        message=WirePart(b"Text", "text/plain"),
        attachments=[WirePart.from_file(Path(task["file"]))],
    )
    folder = Path(task["folder"])
    receipt, sending = measure(lambda: author.send(message))
    fetched, saving = measure(lambda: reader.fetch(receipt.message_id, folder))
    again, fetching = measure(lambda: reader.fetch(receipt.message_id))
    assert fetched and again, "nothing was fetched"
    copy = again.attachments[0].save_to(folder, "kopie.bin")
    reader.close(fetched.request_id, [receipt.message_id])
    growth = {"send": sending, "save": saving, "fetch": fetching}
    print(json.dumps({"paths": [str(fetched.attachments[0].source), str(copy)], "growth": growth}))


def connect(task: dict[str, Any], name: str) -> XtaClient:
    """The client of the author or the reader."""
    certificate, ca = Path(task[name]["certificate"]), Path(task["ca"])
    access = XtaAccess.for_server(task["base"], certificate, ca, task["wsdl"])
    client = XtaClient(access, WireParty(**task[name]["identifier"]))
    client.check_account_active()
    return client


def measure(call: Callable[[], _Result]) -> tuple[_Result, int]:
    """What a call gives, and by how many bytes the peak of memory rose above what was in use."""
    reset_peak(_SELF)
    before = read_peak(_SELF)
    result = call()
    return result, read_peak(_SELF) - before


if __name__ == "__main__":
    main()
