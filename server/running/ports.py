"""TCP ports: free, taken, listened to."""

import socket


def is_listening(host: str, port: int) -> bool:
    """True where something accepts connections."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def find_port_problem(host: str, port: int) -> str | None:
    """Why nobody can listen at an address (German); None where it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"An {host}:{port} kann nicht gelauscht werden ({error.strerror})."
    return None


def find_free_ports(number: int) -> list[int]:
    """Ports of the loopback address on which nothing listens, all different."""
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
