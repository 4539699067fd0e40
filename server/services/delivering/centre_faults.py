"""What a refusal of another data centre means for a message: the one table."""

from enum import Enum

from clients.xta import XtaError, XtaFault
from server.domain.data_centre import DataCentre
from server.services.delivering.channel import DependencyDown, RefusedByReader, Undeliverable


class Refusal(Enum):
    """What becomes of the message."""

    # It says nothing about the message: held until the data centre takes us again.
    HELD = "held"
    # It may pass, but concerns this message alone: tried again, parked after a while.
    RETRIED = "retried"
    # The reader's side does not want it: parked, and a rule may find another way.
    REFUSED = "refused"
    # Something between the data centres is not right: parked for the operator.
    PARKED = "parked"


# By codes of XTA; what stands for no message in particular holds all of them.
REFUSALS: dict[str, Refusal] = {
    "": Refusal.RETRIED,
    "9010": Refusal.HELD,
    "9011": Refusal.HELD,
    "9012": Refusal.HELD,
    "9013": Refusal.REFUSED,
    "9014": Refusal.PARKED,
    "9020": Refusal.PARKED,
    "9021": Refusal.PARKED,
    "9022": Refusal.REFUSED,
    "9023": Refusal.REFUSED,
    "9024": Refusal.PARKED,
    "9030": Refusal.RETRIED,
    "9031": Refusal.HELD,
    "9032": Refusal.RETRIED,
    "9050": Refusal.REFUSED,
    "9051": Refusal.REFUSED,
    "9052": Refusal.REFUSED,
    "9060": Refusal.REFUSED,
    "9070": Refusal.PARKED,
    "9080": Refusal.PARKED,
    "9081": Refusal.PARKED,
}


class RefusedForNow(Exception):
    """The data centre could not take this message now."""


def is_passing(fault: XtaFault) -> bool:
    """True where the data centre may answer the same call otherwise later."""
    is_of_xta = bool(fault.code)
    return is_of_xta and REFUSALS.get(fault.code) in (Refusal.HELD, Refusal.RETRIED)


def judge_refusal(error: XtaError, centre: DataCentre) -> Exception:
    """The error as the engine knows it; a code that is not in the table parks the message."""
    if not isinstance(error, XtaFault):
        return DependencyDown(centre.title, str(error))
    refusal = REFUSALS.get(error.code, Refusal.PARKED)
    text = f"{centre.title} lehnt die Nachricht ab: {error.reason}"
    if refusal is Refusal.HELD:
        return DependencyDown(centre.title, error.reason)
    if refusal is Refusal.RETRIED:
        return RefusedForNow(text)
    return RefusedByReader(text) if refusal is Refusal.REFUSED else Undeliverable(text)
