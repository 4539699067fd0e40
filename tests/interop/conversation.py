"""The whole conversation that every foreign client goes through, and what must come of it.

A client program gets the path of a task file (JSON, `write_task`), speaks to the running server,
and prints one JSON object. `check_outcome` holds that object against the task.

Steps of a client: checkAccountActive; lookupService for the reader; three times createMessageId;
sendMessage with all attachments under the first two ids, and under the third with NotBefore one
day ahead; then as the reader, with the MsgSelector MessageID set to the first two ids:
getStatusList with maxListItems 1 and getNextStatusList, getMessage, getNextMessage with the first
id as LastMsgReceived, close with the second; then as the author: getTransportReport of the first
id, cancelMessage of the third and its report, cancelMessage of the first, which is refused.
"""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

from tests.support.installation import Installation

AUTHOR, READER = "potsdam", "jena"
# Enough to leave every buffer of a client and small enough for a quick test (bytes).
_BINARY_SIZE = 1_500_000
_DELIVERED = ["angenommen", "elektronisch-zugestellt", "abgeholt", "empfang-bestaetigt"]


def write_task(installation: Installation, folder: Path, *, is_mtom: bool) -> Path:
    """Writes the task file and the attachments into the folder; returns the path of the file."""
    binary = folder / "akte.bin"
    binary.write_bytes(random.Random(7).randbytes(_BINARY_SIZE))
    sample = installation.facts["sample"]
    task = {
        "ports": installation.facts["ports"],
        "ca": str(installation.ca),
        "author": _describe(installation, AUTHOR),
        "reader": _describe(installation, READER),
        "message": sample["payload"],
        "attachments": [
            {
                "path": sample["attachment"],
                "filename": "bescheid.pdf",
                "contentType": "application/pdf",
            },
            {
                "path": str(binary),
                "filename": "akte.bin",
                "contentType": "application/octet-stream",
            },
        ],
        "service": sample["service"],
        "messageType": sample["message_type"],
        "messageTypeListUri": sample["message_type_list_uri"],
        "messageTypeListVersion": sample["message_type_list_version"],
        "payloadSchema": sample["schema"],
        "isMtom": is_mtom,
    }
    path = folder / "task.json"
    path.write_text(json.dumps(task, ensure_ascii=False), encoding="utf-8")
    return path


def check_outcome(output: str, task_path: Path) -> None:
    """Fails where the conversation did not go as it must."""
    outcome = json.loads(output)
    task = json.loads(task_path.read_text(encoding="utf-8"))
    first, second, third = outcome["messageIds"]
    assert len({first, second, third}) == 3
    assert outcome["accountActive"] is True
    assert outcome["serviceAvailable"] is True
    assert outcome["listed"] == [first]
    assert outcome["listedNext"] == [second]
    for step, message_id in (("fetched", first), ("fetchedNext", second)):
        assert outcome[step]["messageId"] == message_id
        assert outcome[step]["parts"] == _list_parts(task)
    assert outcome["report"] == {"status": 1, "codes": _DELIVERED}
    assert outcome["cancelled"]["codes"] == ["angenommen", "zurueckgezogen"]
    assert outcome["fault"] == {"exception": "CancelDeniedException", "code": "9101"}


def _describe(installation: Installation, name: str) -> dict[str, Any]:
    mandant = installation.mandant(name)
    return {"identifier": mandant["identifier"], "certificate": mandant["certificate"]}


def _list_parts(task: dict[str, Any]) -> list[dict[str, str]]:
    """What a fetched message holds: the message (without a name) and its attachments."""
    return [
        {"filename": "", "sha256": _hash(task["message"])},
        *(
            {"filename": item["filename"], "sha256": _hash(item["path"])}
            for item in task["attachments"]
        ),
    ]


def _hash(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
