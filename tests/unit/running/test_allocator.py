"""The library that gives memory to a process."""

import subprocess
from ctypes.util import find_library

import pytest

from server.running.allocator import SYSTEM, end_preload, preload_allocator


def test_preload_allocator_of_the_system_needs_nothing() -> None:
    assert preload_allocator(SYSTEM) == {}


def test_preload_allocator_that_is_not_installed_leaves_that_of_the_system() -> None:
    assert preload_allocator("gibtesnicht") == {}


@pytest.mark.skipif(find_library("jemalloc") is None, reason="jemalloc is not installed")
def test_preload_allocator_that_is_installed_names_its_library() -> None:
    assert "libjemalloc" in preload_allocator("jemalloc")["LD_PRELOAD"]


def test_end_preload_what_is_started_has_it_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    preloaded = {"LD_PRELOAD": "libjemalloc.so.2", "MALLOC_CONF": "thp:always"}
    for name, value in preloaded.items():
        monkeypatch.setenv(name, value)
    end_preload(preloaded)
    assert preloaded.keys().isdisjoint(_list_environment_of_a_child())


def test_end_preload_what_others_preload_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_CONF", "narenas:1")
    end_preload({"MALLOC_CONF": "thp:always"})
    assert _list_environment_of_a_child()["MALLOC_CONF"] == "narenas:1"


def _list_environment_of_a_child() -> dict[str, str]:
    told = subprocess.run(["env", "-0"], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in told.split("\0") if line)
