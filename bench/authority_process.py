"""The Authority-Server as it runs, but findBehoerde answers a constant: what a call costs.

Run by `bench.zustaendigkeit` as a process of its own: `python -m bench.authority_process CONFIG`.
"""

import sys
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from server.running.parts import Part, run_part
from server.settings_file import load_settings
from server.soap.authority.port import AuthorityPort
from server.soap.call import Call, Reply
from server.xmlio.namespaces import AUTHORITY, name_in


def answer_constant(_port: AuthorityPort, _call: Call) -> Reply:
    """The same answer to whatever is asked."""
    return Reply(etree.Element(name_in(AUTHORITY, "findBehoerdeResponse")))


def main() -> None:
    """Serves until SIGTERM."""
    with patch.object(AuthorityPort, "find_behoerde", answer_constant):
        run_part(Part.AUTHORITY, load_settings(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
