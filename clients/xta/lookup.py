"""The answer of lookupService: can a reader be reached, and for which certificates to encrypt."""

from dataclasses import dataclass
from typing import Any

from clients.xta.zeep_values import read_choice, read_code


@dataclass(frozen=True)
class ServiceParameter:
    """A parameter of a service: its kind (code, and URI of the code list) and its bytes."""

    kind: str
    kind_list: str
    data: bytes


@dataclass(frozen=True)
class ServiceView:
    """`is_available` is None where that is not known."""

    is_available: bool | None
    parameters: tuple[ServiceParameter, ...]

    def list_data(self, kind: str = "verschluesselungszertifikat") -> tuple[bytes, ...]:
        """What the parameters of a kind hold, newest first: X.509 certificates in DER form."""
        return tuple(item.data for item in self.parameters if item.kind == kind)


def read_service(result: Any) -> ServiceView:
    """A LookupServiceResult."""
    return ServiceView(
        _read_availability(result.IsServiceAvailableValue),
        tuple(_read_parameter(item) for item in result.ServiceParameter or []),
    )


def _read_availability(value: Any) -> bool | None:
    if read_choice(value, "ServiceIsAvailableUnknown"):
        return None
    return bool(read_choice(value, "ServiceIsAvailable"))


def _read_parameter(value: Any) -> ServiceParameter:
    kind, (kind_list, _) = read_code(value.ParameterType)
    return ServiceParameter(kind, kind_list, value.Resource or b"")
