"""What a command loads before it does anything: lists cost nothing, simple commands little."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server.cli import main
from server.cli_lazy import LazyCommand

ROOT = Path(__file__).resolve().parents[2]
# What a list of commands needs none of.
_HEAVY = frozenset({"alembic", "lxml", "persistence", "pydantic", "server.settings", "sqlalchemy"})
# What only servers, letters and tables need.
_OF_PARTS = frozenset(
    {"flask", "gunicorn", "openpyxl", "pikepdf", "pypdfium2", "rapidfuzz", "spyne", "typst", "zeep"}
)
_PRINT_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def list_loaded(program: str) -> set[str]:
    """The modules that are loaded after a program of a process of its own."""
    command = [sys.executable, "-c", f"{program}\n{_PRINT_MODULES}"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(result.stdout.splitlines()[-1]))


def list_lazies(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every command that is loaded when it is chosen."""
    for name, command in group.commands.items():
        if isinstance(command, LazyCommand):
            yield (*path, name)
            loaded = command.load()
            if isinstance(loaded, click.Group):
                yield from list_lazies(loaded, (*path, name))


@pytest.mark.parametrize("group", ["", "authority", "print"])
def test_a_list_of_commands_loads_no_heavy_package(group: str) -> None:
    arguments = [*group.split(), "--help"]
    loaded = list_loaded(f"from server.cli import main; main({arguments}, standalone_mode=False)")
    assert "server.cli_lazy" in loaded
    assert loaded & (_HEAVY | _OF_PARTS) == set()


@pytest.mark.parametrize("module", ["server.cli_mandanten", "server.cli_status"])
def test_a_simple_command_loads_neither_servers_nor_letters(module: str) -> None:
    loaded = list_loaded(f"import {module}")
    assert module in loaded
    assert loaded & _OF_PARTS == set()


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=" ".join(path)) for path in list_lazies(main)]
)
def test_every_listed_command_is_there_and_explained(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        listed = command.commands[name]
        assert isinstance(listed, LazyCommand)
        command = listed.load()
    assert command.name == path[-1]
    assert command.help
