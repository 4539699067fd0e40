"""What the processes of an installation write into their logs."""

import logging

from server.settings import LogSettings


def begin_log(name: str, log: LogSettings) -> None:
    """The log of this process, on stderr."""
    logging.basicConfig(
        level=log.level, format=f"%(asctime)s %(levelname)s {name} %(name)s: %(message)s"
    )
    # The libraries beneath tell each request at INFO; ours is told once, by the protocol.
    for chatty in ("zeep", "urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
