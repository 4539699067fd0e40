"""Code lists that say what a table of the source code says: faults and report entries.

They are written into `server/codelisten/` by `make codelisten`; a test compares both.
"""

from collections.abc import Mapping

from server.domain.codeliste import Codeliste
from server.domain.transport_report import CODELIST_URI as REPORT_URI
from server.domain.transport_report import CODELIST_VERSION as REPORT_VERSION
from server.domain.transport_report import REPORT_TEXTS
from server.errors import ALL_FAULTS
from server.errors import CODELIST_URI as FAULT_URI
from server.errors import CODELIST_VERSION as FAULT_VERSION
from server.xmlio.genericode import write_codeliste
from server.xmlio.shipped_codelisten import SUFFIX


def render_derived_codelisten() -> Mapping[str, bytes]:
    """The documents by the names of their files."""
    derived = (_make_fault_codes(), _make_report_codes())
    return {_name_file(codeliste): write_codeliste(codeliste) for codeliste in derived}


def _name_file(codeliste: Codeliste) -> str:
    return f"{codeliste.uri.rpartition(':')[2]}-{codeliste.version}{SUFFIX}"


def _make_fault_codes() -> Codeliste:
    # Several rows of the table share the code 9000; they share its name too.
    names = {fault.code: fault.name for fault in ALL_FAULTS}
    return Codeliste(FAULT_URI, FAULT_VERSION, "Fehlernummern des XTA-Webservice", names)


def _make_report_codes() -> Codeliste:
    names = {code.value: text.text.format(detail="…") for code, text in REPORT_TEXTS.items()}
    return Codeliste(REPORT_URI, REPORT_VERSION, "Einträge des TransportReports", names)
