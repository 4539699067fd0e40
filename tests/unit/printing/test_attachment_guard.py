"""What attachments may take of time and memory, and that nothing but their check dies of them."""

import os
import signal
import threading
from pathlib import Path
from unittest.mock import patch

import pytest

from server.printing import attachment_guard
from server.printing.attachment_guard import CheckUnavailable, find_print_problem
from server.printing.attachments import append_pages
from server.printing.unprintable import UnprintableAttachment
from tests.support.evil_attachments import EVIL, make_nested_drawings
from tests.support.letter_attachments import make_blank, make_text
from tests.support.letter_kinds import make_attachments

A4 = (595, 842)
MIB = 1024 * 1024
# What the check and this process may take at most; the files could unfold to many GiB.
PEAK = 800 * MIB
TOO_MUCH = "ist zu aufwendig, um gedruckt zu werden, oder beschädigt"


def list_checkers() -> list[int]:
    """The processes that check for this one."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return [
        int(child)
        for child in children.split()
        if b"guarded_check" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def read_peak(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("name", EVIL)
def test_find_print_problem_evil_file_is_named_or_can_be_printed(name: str) -> None:
    make, reason = EVIL[name]
    content = make()
    expected = f"Die Anlage „a.pdf“ {reason}." if reason else None
    assert find_print_problem("a.pdf", content) == expected
    if reason is None:
        assert append_pages(make_blank(A4), [("a.pdf", content)]).pages >= 2
    assert [read_peak(process) for process in list_checkers() if read_peak(process) > PEAK] == []


def test_find_print_problem_file_that_takes_too_long_is_refused_and_the_next_one_checked() -> None:
    with patch.object(attachment_guard, "_CPU_SECONDS", 1):
        problem = find_print_problem("a.pdf", make_nested_drawings(9, 10))
    assert problem == f"Die Anlage „a.pdf“ {TOO_MUCH}."
    assert find_print_problem("b.pdf", make_text()) is None


def test_find_print_problem_check_that_crashed_before_is_made_anew() -> None:
    find_print_problem("a.pdf", make_text())
    for process in list_checkers():
        os.kill(process, signal.SIGSEGV)
    assert find_print_problem("a.pdf", make_text()) is None


def test_find_print_problem_check_that_the_system_kills_is_no_fault_of_the_file() -> None:
    find_print_problem("a.pdf", make_text())

    def kill() -> None:
        for process in list_checkers():
            os.kill(process, signal.SIGKILL)

    timer = threading.Timer(1.0, kill)
    timer.start()
    with pytest.raises(CheckUnavailable):
        find_print_problem("a.pdf", make_nested_drawings(9, 10))
    timer.join()


def test_find_print_problem_asked_by_many_at_once_answers_all() -> None:
    contents = [make_text("eins"), b"kein PDF"] * 4
    answers: dict[int, str | None] = {}

    def ask(number: int) -> None:
        answers[number] = find_print_problem(f"{number}", contents[number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(contents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {
        number: None if number % 2 == 0 else f"Die Anlage „{number}“ ist keine PDF-Datei."
        for number in range(len(contents))
    }


@pytest.mark.parametrize("name", make_attachments())
def test_find_print_problem_what_letters_carry_has_none(name: str) -> None:
    files = make_attachments()[name].files
    assert [find_print_problem("a.pdf", content) for content in files] == [None] * len(files)


def test_append_pages_that_grow_beyond_any_envelope_are_refused() -> None:
    thick = make_blank(*[A4] * 600)
    files = [(f"{number}.pdf", thick) for number in range(3)]
    with pytest.raises(UnprintableAttachment, match=r"„2\.pdf“ kommt nach mehr als 1000 Seiten"):
        append_pages(make_blank(A4), files)
