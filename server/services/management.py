"""Management of the own account: MessageIDs."""

import uuid

from server.domain.mandant import AnyCaller, CentreCaller

_MESSAGE_ID_LENGTH = 100


def create_message_id(caller: AnyCaller) -> str:
    """A new MessageID: `urn:de:xta:messageid:<sender>:<UUID>` of at most 100 characters.

    The form is that of XTA core 3.1.1; a long identifier of the sender is shortened, since
    the UUID alone makes the MessageID unique.
    """
    unique = str(uuid.uuid4())
    prefix, suffix = "urn:de:xta:messageid:", f":{unique}"
    sender = _to_urn_part(
        caller.centre if isinstance(caller, CentreCaller) else caller.mandant.identifier.value
    )
    return prefix + sender[: _MESSAGE_ID_LENGTH - len(prefix) - len(suffix)] + suffix


def _to_urn_part(value: str) -> str:
    return "".join(
        char if char.isascii() and (char.isalnum() or char in "-._") else "_" for char in value
    )
