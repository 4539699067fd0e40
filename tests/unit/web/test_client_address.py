"""From which address a request comes."""

import pytest

from server.web.client_address import choose_address

PROXIES = ("10.0.0.0/8", "2001:db8:f::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        # Without a trusted proxy the header is anybody's word.
        ("192.0.2.7", "198.51.100.1", (), "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", PROXIES, "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", PROXIES, "198.51.100.1"),
        # What the client wrote itself stands to the left of what the proxy has seen.
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", PROXIES, "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", PROXIES, "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", PROXIES, "10.0.0.3"),
        ("10.0.0.1", "", PROXIES, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown", PROXIES, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1,,", PROXIES, "198.51.100.1"),
        ("2001:db8:f::1", "2001:db8:1::5", PROXIES, "2001:db8:1::5"),
        ("", "198.51.100.1", PROXIES, ""),
    ],
)
def test_choose_address_believes_trusted_proxies_only(
    peer: str, forwarded: str, proxies: tuple[str, ...], address: str
) -> None:
    assert choose_address(peer, forwarded, proxies) == address
