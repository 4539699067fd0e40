"""What a caller wants to send."""

from dataclasses import dataclass

from server.domain.content import Content
from server.domain.mandant import AnyCaller
from server.domain.stored_message import MessageHead, PartKind


@dataclass(frozen=True)
class IncomingPart:
    """A part of the container as it came in; `attributes` are those of XTA ContentType."""

    kind: PartKind
    content: Content
    attributes: dict[str, str]


@dataclass(frozen=True)
class SendCommand:
    """A message with its head; `tokens_xml` keeps the X509TokenContainer header.

    `is_unscanned` tells that the scanner was away, so that the message has to wait for it.

    `parts` is what came in and is kept; `opened` is what an encrypted part holds, where it could
    be opened here.
    """

    caller: AnyCaller
    head: MessageHead
    parts: tuple[IncomingPart, ...]
    tokens_xml: bytes | None = None
    opened: tuple[IncomingPart, ...] = ()
    is_unscanned: bool = False

    @property
    def readable(self) -> tuple[IncomingPart, ...]:
        """The parts that can be looked into as far as that is possible."""
        return self.opened or self.parts

    @property
    def message(self) -> Content | None:
        """The message itself; None where the container is encrypted and stays so."""
        found = (part.content for part in self.readable if part.kind == PartKind.MESSAGE)
        return next(found, None)

    @property
    def attached(self) -> dict[str, str]:
        """SHA-256 (hex) of the attachments by their file names."""
        return {
            part.attributes.get("filename", ""): part.content.sha256
            for part in self.readable
            if part.kind == PartKind.ATTACHMENT
        }
