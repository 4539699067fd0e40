"""How long failed sign-ins keep a client address out, whatever logins they were for.

Failures fall evenly with time, so that a network behind one address that fails now and then is
never kept out. A delay does not count as such time: who goes on after it waits twice as long.
"""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_FIRST_DELAY = timedelta(seconds=30)
# Shorter than that of a user: others may sit behind the same address.
_LONGEST_DELAY = timedelta(minutes=15)
_MOST_DOUBLINGS = 5
# What belongs to one customer or one site (RFC 6177); within it, addresses change at will.
_IPV6_PREFIX = 64


@dataclass(frozen=True)
class AddressLimit:
    """So many failures cost nothing (0: there is no limit); they are forgotten within `period`."""

    failures: int
    period: timedelta


@dataclass(frozen=True)
class AddressRecord:
    """The failures of an address as they were at `counted`."""

    address: str
    failures: float
    counted: datetime
    blocked_until: datetime | None = None


def group_address(address: str) -> str:
    """Under which a client address is counted: IPv4 as it is, IPv6 by its /64; empty where it is
    none.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))


def count_failure(record: AddressRecord, limit: AddressLimit, moment: datetime) -> AddressRecord:
    """One more failure, and the delay where they are too many."""
    failures = _fall(record, limit, moment) + 1
    excess = int(failures - limit.failures)
    if excess <= 0:
        return AddressRecord(record.address, failures, moment)
    delay = min(_FIRST_DELAY * (1 << min(excess - 1, _MOST_DOUBLINGS)), _LONGEST_DELAY)
    # Failures begin to fall when the delay is over.
    return AddressRecord(record.address, failures, moment + delay, moment + delay)


def forgive_failures(record: AddressRecord, number: int) -> AddressRecord:
    """Without the failures of somebody who has signed in now."""
    return replace(record, failures=max(0.0, record.failures - number))


def _fall(record: AddressRecord, limit: AddressLimit, moment: datetime) -> float:
    elapsed = max(moment - record.counted, timedelta())
    return max(0.0, record.failures - limit.failures * (elapsed / limit.period))
