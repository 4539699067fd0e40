"""A letter row is made in one place, which knows whether the message is a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What is called, and the only modules that may.
ONLY = {
    # The store reads rows as what they were made from.
    "NewLetter": [
        "persistence/stores/letter_rows.py",
        "server/services/delivering/letter_channel.py",
    ],
    "letters.add": ["server/services/delivering/results.py"],
    "insert(letter)": ["persistence/stores/letters.py"],
    "set_letter": [
        # Templates are tried with a sample at the start.
        "server/printing/letter.py",
        "server/printing/template_check.py",
        "server/services/delivering/letter_channel.py",
        # Hands on what the channel asks for.
        "server/services/letters.py",
    ],
}


def list_calls(path: Path) -> Iterator[str]:
    """Each call as a name, a name of an attribute with what it belongs to, or with its argument."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield called
            yield called.rpartition(".")[2]
            yield ".".join(called.split(".")[-2:])
            yield f"{called}({', '.join(ast.unparse(argument) for argument in node.args)})"


@pytest.mark.parametrize("call", ONLY)
def test_letters_are_made_only_where_test_messages_are_known(call: str) -> None:
    found = sorted(
        str(path.relative_to(ROOT))
        for package in ("server", "persistence")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and call in set(list_calls(path))
    )
    assert found == ONLY[call]
