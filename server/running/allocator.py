"""Which library gives memory to a process: one other than the system's is preloaded (ld.so(8))."""

import logging
import os
from collections.abc import Mapping
from ctypes.util import find_library

logger = logging.getLogger(__name__)

SYSTEM = "system"
# jemalloc(3): on large pages; processes that set letters hold some 100 MB all the time.
_TUNING = {"jemalloc": {"MALLOC_CONF": "thp:always,metadata_thp:auto"}}


def preload_allocator(name: str) -> Mapping[str, str]:
    """The environment of processes that use this allocator, such as `jemalloc`.

    Empty for `system`, and where the library is not installed.
    """
    if name == SYSTEM:
        return {}
    library = find_library(name)
    if library is None:
        logger.info("%s is not installed: the allocator of the system sets letters", name)
        return {}
    return {"LD_PRELOAD": library, **_TUNING.get(name, {})}


def end_preload(environment: Mapping[str, str]) -> None:
    """What this process starts uses the allocator of the system again, unless it is told otherwise.

    `environment` is what `preload_allocator` answered. The checks of attachments have limits of
    memory that are for the allocator of the system.
    """
    for name, value in environment.items():
        if os.environ.get(name) == value:
            del os.environ[name]
