"""A TCP relay on loopback that loses connections when it is told to, and a port that is silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_CHUNK = 64 * 1024
_HOST = "127.0.0.1"


@dataclass
class Cut:
    """Loses a connection at the answer after so many bytes up, then after so many bytes down.

    With `is_in_upload` it is lost as soon as so many bytes went up.
    """

    after_upload: int = 0
    after_download: int = 0
    is_in_upload: bool = False


class Relay:
    """Forwards to a port; each cut that is armed ends one connection."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((_HOST, 0))
        self._cuts: list[Cut] = []
        self._lock = threading.Lock()
        self.lost = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def arm(self, *cuts: Cut) -> None:
        """Ends connections, one after the other."""
        self._cuts.extend(cuts)

    def run(self) -> None:
        """Accepts connections until it is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((_HOST, self._target))
                for source, sink, is_up in ((client, server, True), (server, client, False)):
                    arguments = (source, sink, is_up)
                    threading.Thread(target=self._forward, args=arguments, daemon=True).start()

    def close(self) -> None:
        """Accepts nothing more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _forward(self, source: socket.socket, sink: socket.socket, is_up: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if self._is_lost(len(chunk), is_up):
                    break
                sink.sendall(chunk)
        for connection in (source, sink):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _is_lost(self, size: int, is_up: bool) -> bool:
        """Counts bytes; an answer that has begun shows that the request is worked on."""
        with self._lock:
            if not self._cuts:
                return False
            cut = self._cuts[0]
            if is_up:
                cut.after_upload -= size
                if not cut.is_in_upload or cut.after_upload > 0:
                    return False
            elif cut.is_in_upload or cut.after_upload > 0:
                return False
            else:
                cut.after_download -= size
                if cut.after_download > 0:
                    return False
            self._cuts.pop(0)
            self.lost += 1
            return True


@contextmanager
def relaying(port: int) -> Iterator[Relay]:
    """A relay to a port until the end of the block."""
    relay = Relay(port)
    thread = threading.Thread(target=relay.run, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join(10)


class SilentListener:
    """Takes connections and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server((_HOST, 0))
        self.connections: list[socket.socket] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def run(self) -> None:
        """Accepts connections until it is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)

    def close(self) -> None:
        """Lets go of everybody."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for item in (self._listener, *self.connections):
            item.close()


@contextmanager
def listening_silently() -> Iterator[SilentListener]:
    """A listener on a free port until the end of the block."""
    listener = SilentListener()
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.close()
        thread.join()
