"""Client certificates as German lines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from server.domain.certificate import ClientCertificate, find_expiry_step, list_current


def render_certificates(found: Iterable[ClientCertificate], moment: datetime) -> Iterator[str]:
    """The lines of the list."""
    lines = [render_certificate(item, moment) for item in found]
    yield from lines or ["Es ist kein Zertifikat eingetragen."]


def render_certificate(item: ClientCertificate, moment: datetime) -> str:
    """One line: which, whose, until when."""
    return f"{item.fingerprint[:16]}  {item.holder}  {item.subject}: {_describe(item, moment)}"


def render_ending(found: Sequence[ClientCertificate], moment: datetime) -> Iterator[str]:
    """A line for each certificate that has reached a step of the ladder."""
    for item in list_current(found, moment):
        if find_expiry_step(item.accepted_until, moment) is not None:
            yield render_certificate(item, moment)


def _describe(item: ClientCertificate, moment: datetime) -> str:
    if item.revoked:
        return f"gesperrt seit dem {item.revoked:%d.%m.%Y} ({item.reason})"
    step = find_expiry_step(item.accepted_until, moment)
    day = f"{item.accepted_until:%d.%m.%Y}"
    if step == 0:
        return f"abgelaufen am {day}"
    return f"gültig bis zum {day}" + (f" (Stufe: {step} Tage)" if step else "")
