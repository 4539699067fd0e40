"""What the operator does in the Web-Client: the use cases of the commands, for a named person."""

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.web_user import Actor
from server.services.batching.desk import LetterDesk
from server.services.batching.plan import CutOffs
from server.services.codelist_uploads import CodelistUploads
from server.services.delivery_control import DeliveryControl
from server.services.delivery_queue import DeliveryQueue
from server.services.directory_data.uploading import DirectoryUploads
from server.services.doubt_desk import DoubtDesk
from server.services.mandanten import Mandanten
from server.services.operation_status import OperationStatus


@dataclass(frozen=True)
class Operation:
    """`delivery` and `letters` make the service that acts for somebody: the name stands in the
    history of what was changed.
    """

    status: OperationStatus
    queue: DeliveryQueue
    delivery: Callable[[Actor], DeliveryControl]
    letters: Callable[[Actor], LetterDesk]
    cut_offs: CutOffs
    mandanten: Mandanten
    uploads: DirectoryUploads
    codelist_uploads: CodelistUploads
    doubts: DoubtDesk
