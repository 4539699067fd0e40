"""PflegePort: participants tell the directory that an entry may be wrong (`pflege.xsd`)."""

from collections.abc import Mapping

from lxml import etree

from server.services.directory_care import DirectoryCare
from server.soap.call import Call, Handler, Reply
from server.xmlio.baukasten import read_kennung
from server.xmlio.namespaces import AUTHORITY, name_in


class PflegePort:
    """Contract types in, contract types out."""

    def __init__(self, care: DirectoryCare) -> None:
        self._care = care

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"meldeZweifel": self.melde_zweifel}

    def melde_zweifel(self, call: Call) -> Reply:
        """Marks an entry as doubtful; the caller's name is kept with the reason."""
        kennung = read_kennung(call.require_child(AUTHORITY, "kennung"))
        grund = call.require_child(AUTHORITY, "grund").text or ""
        is_known = self._care.report_doubt(kennung, grund, call.caller)
        response = etree.Element(
            name_in(AUTHORITY, "meldeZweifelResponse"), nsmap={"aut": AUTHORITY}
        )
        bekannt = etree.SubElement(response, name_in(AUTHORITY, "bekannt"))
        bekannt.text = "true" if is_known else "false"
        return Reply(response)
