"""What exceptions become on their way out."""

import errno
import os

import pytest

from server.errors import Faults
from server.soap.protocol import to_wire_fault


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_to_wire_fault_of_a_disk_that_fails_asks_to_repeat(number: int) -> None:
    fault = to_wire_fault(OSError(number, os.strerror(number)))
    assert fault.error.fault is Faults.STORAGE_UNAVAILABLE
    assert "unverändert wiederholen" in fault.text


def test_to_wire_fault_of_another_error_of_the_system_is_an_internal_one() -> None:
    fault = to_wire_fault(PermissionError(errno.EACCES, "no"))
    assert fault.error.fault is Faults.INTERNAL_ERROR
