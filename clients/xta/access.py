"""Where an XTA server is, and how the client speaks with it."""

from dataclasses import dataclass, field
from pathlib import Path

from clients.multipart import AnswerLimits
from clients.xta.retry import RetryPolicy


@dataclass(frozen=True)
class XtaAccess:
    """The three ports, the contract (path or URL), and the way in.

    `certificate` holds client certificate and key (PEM). With `sends_mtom` files, and contents
    from 64 KiB, go beside the envelope as they are; with `accepts_mtom` the contents of answers
    come so. Without, they are base64 and held in memory. `timeout_seconds` limits connecting, and
    each wait for bytes.
    """

    wsdl: str
    management: str
    send: str
    mailbox: str
    certificate: Path
    server_ca: Path
    timeout_seconds: float = 60
    accepts_mtom: bool = True
    sends_mtom: bool = True
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    limits: AnswerLimits = field(default_factory=AnswerLimits)

    @classmethod
    def for_server(
        cls, base: str, certificate: Path, server_ca: Path, wsdl: str = ""
    ) -> "XtaAccess":
        """The ports below a URL (`https://HOST:PORT/xta/2.1.1`); the contract is read there."""
        management = f"{base}/ManagementPort"
        return cls(
            wsdl or f"{management}?wsdl",
            management,
            f"{base}/SendXtaPort",
            f"{base}/MsgBoxPort",
            certificate,
            server_ca,
        )
