"""The library that gives memory to a process."""

from ctypes.util import find_library

import pytest

from server.running.allocator import SYSTEM, preload_allocator


def test_preload_allocator_of_the_system_needs_nothing() -> None:
    assert preload_allocator(SYSTEM) == {}


def test_preload_allocator_that_is_not_installed_leaves_that_of_the_system() -> None:
    assert preload_allocator("gibtesnicht") == {}


@pytest.mark.skipif(find_library("jemalloc") is None, reason="jemalloc is not installed")
def test_preload_allocator_that_is_installed_names_its_library() -> None:
    assert "libjemalloc" in preload_allocator("jemalloc")["LD_PRELOAD"]
