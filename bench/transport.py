"""What the way alone costs: the same bytes over the same TLS to a process that drops them."""

import multiprocessing
import socket
import ssl
import time
from multiprocessing.connection import Connection
from pathlib import Path

from server.running.ports import find_free_ports

_RECORD = 16 * 1024


def time_transport(pki: Path, data: bytes, rounds: int) -> list[float]:
    """Seconds from the first byte sent to the answer that all have come, for each round."""
    (port,) = find_free_ports(1)
    parent, child = multiprocessing.Pipe()
    arguments = (child, port, pki, len(data), rounds)
    process = multiprocessing.get_context("spawn").Process(target=_drop, args=arguments)
    process.start()
    parent.recv()
    context = ssl.create_default_context(cafile=str(pki / "ca.pem"))
    samples = [_time_round(context, port, data) for _ in range(rounds)]
    process.join()
    return samples


def _time_round(context: ssl.SSLContext, port: int, data: bytes) -> float:
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        # Else the last bytes would wait for an acknowledgement that is delayed.
        secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = time.perf_counter()
        secure.sendall(data)
        secure.recv(1)
        return time.perf_counter() - start


def _drop(ready: Connection, port: int, pki: Path, size: int, rounds: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    with socket.create_server(("127.0.0.1", port)) as listener:
        ready.send(None)
        for _ in range(rounds):
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as secure:
                received = 0
                while received < size:
                    received += len(secure.recv(_RECORD))
                secure.sendall(b"x")
