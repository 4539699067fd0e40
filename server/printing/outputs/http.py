"""The output `http`: batches go to a print service (docs/print-plugins.md, interface)."""

import logging
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from clients.print_service import (
    BatchProgress,
    LetterState,
    PrintService,
    PrintServiceAccess,
    PrintServiceRefused,
    PrintServiceUnavailable,
    Upload,
)
from server.domain.content import Content, InlineContent
from server.printing.options import (
    OptionFile,
    OutputOptions,
    Seconds,
    SecretFile,
    read_options,
    read_secret,
    require_at_most_one,
)
from server.printing.output import (
    CHUNK_BYTES,
    BatchCount,
    BatchReceipt,
    BatchRefused,
    LetterNews,
    LetterProgress,
    News,
    OutputSetup,
    PrintBatch,
    UnreadNews,
)
from server.printing.output_connection import connected
from server.printing.outputs.counts import read_count

logger = logging.getLogger(__name__)

# Of a value that nobody understands.
_QUOTED = 60
_TICKET_TYPES = {".xml": "application/xml", ".csv": "text/csv"}


def _require_https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("muss mit https:// beginnen")
    return url.rstrip("/")


class HttpOptions(OutputOptions):
    """Options: the address, and how we show who we are: client certificate or bearer token."""

    url: Annotated[str, AfterValidator(_require_https)]
    ca: OptionFile | None = None
    certificate: SecretFile | None = None
    token_file: SecretFile | None = None
    token_env: str = ""
    timeout_seconds: Seconds = 60

    @model_validator(mode="after")
    def _require_identity(self) -> Self:
        tokens = {"token_file": self.token_file, "token_env": self.token_env}
        require_at_most_one(tokens)
        if not (self.certificate or any(tokens.values())):
            raise ValueError("es fehlt certificate, token_file oder token_env")
        return self


class HttpOutput:
    """Hands batches to a service, which knows by their ids what it has."""

    def __init__(self, setup: OutputSetup) -> None:
        self.name = setup.name
        self._options = read_options(HttpOptions, setup)

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        """Sends the batch; see OutputPlugin."""
        with self._connected() as service:
            try:
                reference = service.send_batch(
                    batch.batch_id, _list_values(batch), [*_list_uploads(batch)]
                )
            except PrintServiceRefused as error:
                raise BatchRefused(
                    f"Die Druckausgabe „{self.name}“ nimmt den Auftrag {batch.batch_id} nicht an "
                    f"({error})."
                ) from error
        return BatchReceipt(self.name, batch.batch_id, reference)

    def poll(self, receipt: BatchReceipt) -> tuple[News, ...]:
        """Asks the service; see OutputPlugin."""
        with self._connected() as service:
            told = service.find_progress(receipt.reference)
        return (
            *_list_counts(receipt.batch_id, told),
            *(_to_news(receipt.batch_id, state) for state in told.letters),
        )

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        """Asks the service to withdraw; see OutputPlugin."""
        with self._connected() as service:
            cancelled = service.cancel_letters(receipt.reference, sorted(letter_ids))
        return cancelled & frozenset(letter_ids)

    def check(self) -> None:
        """Whether the service is there and knows us; see CheckedOutput."""
        with self._connected() as service:
            service.check()

    def _connected(self) -> AbstractContextManager[PrintService]:
        options = self._options
        token = read_secret(self.name, options.token_file, options.token_env)
        service = PrintService(
            PrintServiceAccess(
                options.url, options.ca, options.certificate, token, options.timeout_seconds
            )
        )
        failures = (PrintServiceUnavailable, PrintServiceRefused)
        return connected(service, self.name, options.url, failures)


def _list_values(batch: PrintBatch) -> dict[str, str]:
    handling = batch.handling
    return {
        "batchId": batch.batch_id,
        "letterCount": str(len(batch.letters)),
        "duplex": str(handling.duplex).lower(),
        "colour": str(handling.colour).lower(),
        "stock": handling.stock,
        "envelope": handling.envelope,
        "product": handling.product,
        "checksums": "\n".join(
            f"{letter.content.sha256}  {letter.filename}" for letter in batch.letters
        ),
    }


def _list_uploads(batch: PrintBatch) -> Iterator[Upload]:
    for name, ticket in batch.tickets.items():
        media_type = _TICKET_TYPES[PurePath(name).suffix]
        yield _to_upload("ticket", name, media_type, InlineContent(ticket))
    for letter in batch.letters:
        yield _to_upload("letter", letter.filename, "application/pdf", letter.content)


def _to_upload(field: str, filename: str, media_type: str, content: Content) -> Upload:
    return Upload(
        field, filename, media_type, content.size, lambda: content.read_chunks(CHUNK_BYTES)
    )


def _list_counts(batch_id: str, told: BatchProgress) -> Iterator[BatchCount]:
    sums = [read_count(value, f"batch {batch_id}, {key}") for key, value in told.sums.items()]
    if any(sums):
        yield BatchCount(*sums)


def _to_news(batch_id: str, state: LetterState) -> News:
    """What a service says of a letter; where that makes no sense, it is logged too."""
    try:
        return LetterNews(
            state.letter_id,
            LetterProgress(state.state),
            datetime.fromisoformat(state.moment),
            state.reason,
            read_count(state.pages, f"batch {batch_id}, letter {state.letter_id}, pages"),
            read_count(state.sheets, f"batch {batch_id}, letter {state.letter_id}, sheets"),
        )
    except ValueError as error:
        logger.warning("batch %s, letter %s: %s", batch_id, state.letter_id, error)
        return UnreadNews(
            f"Der Druckdienst meldete Unverständliches zum Brief {state.letter_id[:_QUOTED]}: "
            f"state „{state.state[:_QUOTED]}“, moment „{state.moment[:_QUOTED]}“."
        )
