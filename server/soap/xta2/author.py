"""The header Author: who the caller says it is."""

from server.domain.mandant import CentreCaller
from server.services.tenancy import require_own_name
from server.soap.call import Call
from server.xmlio.metadata import read_party
from server.xmlio.namespaces import OSCI_META, name_in


def check_author(call: Call) -> None:
    """Raises 9014 where the header names somebody else; without the header nothing is claimed.

    The header is called Author on every input, also where the caller is a reader. A data centre
    speaks for many: what it may do is decided for each message.
    """
    if isinstance(call.caller, CentreCaller):
        return
    author = call.headers.get(name_in(OSCI_META, "Author"))
    if author is not None:
        require_own_name(call.caller, read_party(author))
