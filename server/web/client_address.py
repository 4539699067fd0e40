"""From which address a request comes, also behind a proxy."""

import ipaddress
from collections.abc import Sequence

from flask import request

from server.web.context import config

_FORWARDED_FOR = "X-Forwarded-For"


def find_client_address() -> str:
    """The address of the connection; of a proxy that is trusted, the one that it names."""
    forwarded = ",".join(request.headers.getlist(_FORWARDED_FOR))
    return choose_address(request.remote_addr or "", forwarded, config().trusted_proxies)


def choose_address(peer: str, forwarded: str, proxies: Sequence[str]) -> str:
    """The nearest address that is no trusted proxy.

    Each proxy appends who asked it, so that what stands further left may be anybody's invention.
    """
    networks = [ipaddress.ip_network(proxy) for proxy in proxies]
    address = peer
    for item in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_within(address, networks) or not _is_address(item):
            break
        address = item
    return address


def _is_within(
    address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    return _is_address(address) and any(
        ipaddress.ip_address(address) in network for network in networks
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
