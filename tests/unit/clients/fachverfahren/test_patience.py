"""The distance between tries."""

from clients.fachverfahren.patience import Patience


def test_note_failure_doubles_the_wait_up_to_the_longest() -> None:
    patience = Patience(5)
    assert [patience.note_failure("a") for _ in range(5)] == [1, 2, 4, 5, 5]


def test_is_due_when_the_wait_is_over_or_forgotten() -> None:
    now = [100.0]
    patience = Patience(5, lambda: now[0])
    assert patience.is_due("a")
    patience.note_failure("a")
    assert (patience.is_due("a"), patience.is_due("b")) == (False, True)
    now[0] += 1
    assert patience.is_due("a")
    patience.note_failure("a")
    patience.forget("a")
    assert patience.is_due("a")
    assert patience.note_failure("a") == 1
