"""The program that looks into PDFs on behalf of `attachment_guard`; it may die of them.

Reads from its standard input, for each file, a line of JSON (whether it is a logo, size, and how
many seconds of computing it may take) and the content; answers with a line of JSON: `problem` is
the end of a German sentence or null, `svg` and `png` are what a logo shows, in base64.
"""

import base64
import json
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from server.printing.attachments import find_problem
from server.printing.logo_pdf import LogoRefused, draw_logo

READY = b"ready\n"
TOO_MUCH = "ist zu aufwendig, um gedruckt zu werden, oder beschädigt"
# Beside the content, of which several copies are held.
_MEMORY_BYTES = 1024 * 1024 * 1024
_COPIES = 8


def main() -> None:
    """Answers until nothing more comes."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    _answer(answers, READY)
    while line := questions.readline():
        question = json.loads(line)
        content = questions.read(question["size"])
        _limit(question["seconds"], len(content))
        answer = _look_at_logo(content) if question["is_logo"] else _look_at(content)
        _answer(answers, json.dumps(answer).encode() + b"\n")


def _answer(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


def _look_at(content: bytes) -> dict[str, str | None]:
    try:
        return {"problem": find_problem(content)}
    except (MemoryError, RecursionError):
        return {"problem": TOO_MUCH}


def _look_at_logo(content: bytes) -> dict[str, str | None]:
    try:
        drawing = draw_logo(content)
    except LogoRefused as error:
        return {"problem": str(error)}
    except (MemoryError, RecursionError):
        return {"problem": TOO_MUCH}
    drawn = {"svg": drawing.svg, "png": drawing.png}
    packed = {name: base64.b64encode(data).decode() for name, data in drawn.items()}
    return {"problem": None, **packed}


def _limit(seconds: int, size: int) -> None:
    """From here on so much more may be taken; the system ends the program that takes longer."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _set_soft(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + seconds)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    used = pages * resource.getpagesize()
    _set_soft(resource.RLIMIT_AS, used + _MEMORY_BYTES + _COPIES * size)


def _set_soft(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    is_unlimited = hard == resource.RLIM_INFINITY
    resource.setrlimit(kind, (limit if is_unlimited else min(limit, hard), hard))


if __name__ == "__main__":
    main()
