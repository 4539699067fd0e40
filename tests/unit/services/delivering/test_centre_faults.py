"""Every fault of a data centre has a consequence, and none that concerns us all parks a message."""

import pytest

from clients.xta import XtaFault, XtaUnreachable, XtaUnreadable
from server.domain.data_centre import DataCentre
from server.errors import ALL_FAULTS, FaultType
from server.services.delivering.centre_faults import REFUSALS, RefusedForNow, judge_refusal
from server.services.delivering.channel import DependencyDown, RefusedByReader, Undeliverable

OST = DataCentre("ost", "Rechenzentrum Ost", "https://o", "https://o", "https://o")


def judge(code: str) -> Exception:
    return judge_refusal(XtaFault(code, "Name", "Exception", f"{code}: Grund"), OST)


def test_every_fault_that_sending_declares_has_a_row() -> None:
    undeclared = (FaultType.CANCEL_DENIED,)
    codes = {fault.code for fault in ALL_FAULTS if fault.fault_type not in undeclared}
    assert codes - {"9000"} == set(REFUSALS) - {""}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("9010", DependencyDown),
        ("9012", DependencyDown),
        ("9031", DependencyDown),
        ("9030", RefusedForNow),
        ("", RefusedForNow),
        ("9022", RefusedByReader),
        ("9052", RefusedByReader),
        ("9014", Undeliverable),
        ("9024", Undeliverable),
        ("9000", Undeliverable),
        ("9999", Undeliverable),
    ],
)
def test_judge_refusal_tells_code_and_text(code: str, expected: type[Exception]) -> None:
    error = judge(code)
    assert type(error) is expected
    assert f"{code}: Grund" in str(error)
    assert "Rechenzentrum Ost" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        XtaUnreachable("keine Verbindung", may_have_arrived=True),
        XtaUnreachable("fremdes Zertifikat", may_have_arrived=False, is_retryable=False),
        XtaUnreadable("HTTP 404"),
    ],
)
def test_judge_refusal_without_an_answer_holds(error: Exception) -> None:
    assert isinstance(judge_refusal(error, OST), DependencyDown)  # type: ignore[arg-type]
