"""A process that sets letters: its channel, and how its answers come back."""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.stored_message import StoredMessage
from server.services.delivering.channel import Channel, Outcome


@dataclass(frozen=True)
class Answer:
    """What a channel answered or raised; most errors cannot be made anew from their text."""

    outcome: Outcome | None = None
    error: tuple[type[Exception], tuple[object, ...], dict[str, object]] | None = None
    trace: str = ""

    def open(self) -> Outcome:
        """The outcome; raises what the channel has raised."""
        if self.outcome is not None:
            return self.outcome
        if self.error is None:
            raise RuntimeError(self.trace)
        kind, args, values = self.error
        error = kind.__new__(kind, *args)
        error.args = args
        error.__dict__.update(values)
        error.add_note(self.trace)
        raise error


# What sets the letters of this process.
_channels: list[Channel] = []


def begin(make_channel: Callable[[], Channel]) -> None:
    """Called first in a process."""
    _channels.append(make_channel())


def set_letter(order: DeliveryOrder, message: StoredMessage, destination: Destination) -> Answer:
    """Called in a process for each letter; raises nothing."""
    try:
        return Answer(_channels[0].deliver(order, message, destination))
    except Exception as error:
        return _wrap(error)


def _wrap(error: Exception) -> Answer:
    trace = "".join(traceback.format_exception(error))
    answer = Answer(error=(type(error), error.args, error.__dict__), trace=trace)
    try:
        pickle.dumps(answer)
    except Exception:
        return Answer(trace=trace)
    return answer
