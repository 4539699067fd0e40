"""What letters cost without a server: typst and the PDF merge alone, on two processes at once.

The same templates and texts are set letter by letter, and pikepdf puts the attachment behind. No
database, no contents at rest, no checks, no proof.
"""

import itertools
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import typst

from bench.letter_orders import ATTACHMENT_NAME, LetterSource, make_letters
from server.domain.behoerde import PartyIdentifier
from server.printing.letter import LetterLook, LetterStyle
from server.printing.letter_texts import KeyNames, collect_texts
from server.printing.stationery import MAIN, SHIPPED
from server.printing.typesetting import TEXTS

PROCESSES = 2
_WARM_UP = 5
_CREATED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
# How the templates get their texts, and how they do where typst is called with nothing around it.
_DATA = 'json("brief.json")'
_PLAIN_DATA = "json(bytes(sys.inputs.letter))"

# Sets the texts of a letter (JSON).
Setter = Callable[[str], bytes]


@dataclass(frozen=True)
class Manner:
    """How typst is called: the plain way, or by a compiler that stays from letter to letter.

    With `by_file` the texts come as a file beside the templates, and not as inputs, on which all
    depends: typst then remembers parts that letters have in common.
    """

    is_kept: bool = False
    by_file: bool = False


PLAIN = Manner()


@dataclass(frozen=True)
class Measured:
    """Letters a second by the clock, and seconds of processor time for each."""

    rate: float
    cpu: float


class Alone:
    """Two processes that set letters of their own when they are told to, and else do nothing.

    To be used as a context.
    """

    def __init__(self, letters: range, author: PartyIdentifier, manner: Manner = PLAIN) -> None:
        self._letters = letters
        self._author = author
        self._manner = manner
        self._processes: list[_Process] = []

    def __enter__(self) -> "Alone":
        share = len(self._letters) // PROCESSES
        parts = [
            self._letters[share * number : share * (number + 1)] for number in range(PROCESSES)
        ]
        self._processes = [_Process(part, self._author, self._manner) for part in parts]
        for process in self._processes:
            process.await_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.end()

    def take_turn(self, count: int) -> None:
        """Each process sets so many letters."""
        for process in self._processes:
            process.begin(count)
        for process in self._processes:
            process.await_end()

    def tell(self) -> Measured:
        """Over all turns. Who is ready before the other one does not wait in this rate."""
        rate = sum(process.letters / process.seconds for process in self._processes)
        used = sum(process.cpu for process in self._processes)
        return Measured(rate, used / sum(process.letters for process in self._processes))


class _Process:
    """One of the two; sums over its turns, in seconds."""

    def __init__(self, letters: range, author: PartyIdentifier, manner: Manner) -> None:
        self.letters = 0
        self.seconds = 0.0
        self.cpu = 0.0
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        # It ends with the benchmark, also where that fails before it comes to `end`.
        self._process = context.Process(
            target=_run, args=(letters, author, manner, far_end), daemon=True
        )
        self._process.start()
        far_end.close()

    def await_ready(self) -> None:
        self._pipe.recv()

    def begin(self, count: int) -> None:
        self._pipe.send(count)

    def await_end(self) -> None:
        letters, seconds, cpu = self._pipe.recv()
        self.letters += letters
        self.seconds += seconds
        self.cpu += cpu

    def end(self) -> None:
        self._pipe.close()
        self._process.join()


def measure_alone(letters: range, author: PartyIdentifier, manner: Manner) -> Measured:
    """All in one turn."""
    with Alone(letters, author, manner) as alone:
        alone.take_turn(len(letters) // PROCESSES)
        return alone.tell()


def measure_one_compilation(letters: range, author: PartyIdentifier) -> float:
    """Letters a second where typst sets all of them as one document, on one process."""
    texts = f"[{','.join(_prepare(letter) for letter in make_letters(letters, author))}]"
    head, _, body = _read_template().partition(f"#let data = {_DATA}")
    body = "\n".join(line for line in body.splitlines() if not line.startswith("#set document"))
    body = body.replace(_DATA, "data")
    loop = "#for data in json(bytes(sys.inputs.letters)) { letter(data) }"
    source = f"{head}#let letter(data) = [\n#counter(page).update(1)\n{body}\n]\n{loop}\n"
    files: Any = {**_read_files(), "main": source.encode()}
    start = time.perf_counter()
    typst.compile(
        files,
        root=SHIPPED,
        ignore_system_fonts=True,
        sys_inputs={"letters": texts},
        **_options(),
    )
    return len(letters) / (time.perf_counter() - start)


def _run(letters: range, author: PartyIdentifier, manner: Manner, pipe: Connection) -> None:
    """In a process: prepares, tells that it is ready, and sets as many as it is told each time."""
    work = [(_prepare(letter), letter.attachment) for letter in make_letters(letters, author)]
    with _open_setter(manner) as set_cover:
        for texts, attachment in work[:_WARM_UP]:
            _merge(set_cover(texts), attachment)
        endless = itertools.cycle(work)
        pipe.send(len(work))
        # The other end closes when no more is wanted.
        with suppress(EOFError):
            while count := pipe.recv():
                start, used = time.perf_counter(), time.process_time()
                for texts, attachment in itertools.islice(endless, count):
                    _merge(set_cover(texts), attachment)
                pipe.send((count, time.perf_counter() - start, time.process_time() - used))


def _merge(cover: bytes, attachment: bytes) -> bytes:
    with pikepdf.open(BytesIO(cover)) as pdf, pikepdf.open(BytesIO(attachment)) as behind:
        pdf.pages.extend(behind.pages)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue()


@contextmanager
def _open_setter(manner: Manner) -> Iterator[Setter]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in _read_files().items():
            (folder / file).write_bytes(content)
        if not manner.by_file:
            plain = _read_template().replace(_DATA, _PLAIN_DATA)
            (folder / MAIN).write_text(plain, encoding="utf-8")
        compiler: Any = typst.Compiler(folder / MAIN, root=folder, ignore_system_fonts=True)
        call = partial(typst.compile, folder / MAIN, root=folder, ignore_system_fonts=True)
        set_letter: Any = compiler.compile if manner.is_kept else call

        def set_cover(texts: str) -> bytes:
            if manner.by_file:
                (folder / TEXTS).write_text(texts, encoding="utf-8")
            inputs = {} if manner.by_file else {"letter": texts}
            return bytes(set_letter(sys_inputs=inputs, **_options()))

        yield set_cover


def _options() -> dict[str, Any]:
    """As letters are set."""
    return {"format": "pdf", "pdf_standards": "a-2b", "pdf_tags": False, "timestamp": _CREATED}


def _prepare(letter: LetterSource) -> str:
    style = LetterStyle()
    look = LetterLook(style.stationery.find_for(letter.ersuchen.ersuchender.identifier), style)
    texts = {
        **collect_texts(letter.ersuchen, KeyNames(), look.stationery.letterhead),
        **look.describe(),
        "attachments": [ATTACHMENT_NAME],
        "order_line": f"Auftrag {letter.number}",
    }
    return json.dumps(texts, ensure_ascii=False)


def _read_files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in SHIPPED.iterdir()}


def _read_template() -> str:
    return (SHIPPED / MAIN).read_text(encoding="utf-8")
