"""TransportReport on the wire."""

import base64

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.transport_report import (
    CODELIST_URI,
    CODELIST_VERSION,
    REPORT_TYPE_CONTENT,
    REPORT_TYPE_LIST_URI,
    ReportEntry,
    Severity,
)
from server.services.reporting import TransportReport
from server.xmlio.inhaltsnachweis import write_inhaltsnachweis
from server.xmlio.metadata import write_stamped_metadata
from server.xmlio.moments import format_moment
from server.xmlio.namespaces import XTA, name_in
from server.xmlio.signature import ElementSigner

_XTA = ElementMaker(namespace=XTA, nsmap={"xta": XTA})
_LISTS = (
    (Severity.ERROR, "ErrorList", "Error"),
    (Severity.WARNING, "WarnList", "Warning"),
    (Severity.INFO, "InfoList", "Info"),
)


class ReportWriter:
    """Writes the reports of one server; with a signer they are signed (XMLDSig, enveloped)."""

    def __init__(self, server_identity: str, signer: ElementSigner | None = None) -> None:
        self._server_identity = server_identity
        self._signer = signer

    def write(self, report: TransportReport) -> etree._Element:
        """The report with MessageMetaData as it stood and the times that the server knows."""
        message = report.message
        element: etree._Element = _XTA.TransportReport(
            write_stamped_metadata(message.head.metadata_xml, message.times),
            _XTA.ReportTime(format_moment(report.created)),
            _XTA.XTAServerIdentity(self._server_identity),
            _write_status(report),
            _write_additional(report),
        )
        return self._signer.sign(element) if self._signer else element


def _write_additional(report: TransportReport) -> etree._Element:
    """One additional report: what was stored, so that both sides can compare it."""
    key = _XTA.Key(listURI=REPORT_TYPE_LIST_URI, listVersionID=CODELIST_VERSION)
    etree.SubElement(key, "code").text = REPORT_TYPE_CONTENT
    data = base64.b64encode(write_inhaltsnachweis(report.message)).decode("ascii")
    element: etree._Element = _XTA.AdditionalReports(_XTA.Report(key, _XTA.Data(data)))
    return element


def _write_status(report: TransportReport) -> etree._Element:
    status: etree._Element = _XTA.MessageStatus(_XTA.Status(str(int(report.status))))
    for severity, list_name, entry_name in _LISTS:
        entries = [entry for entry in report.entries if entry.severity == severity]
        if entries:
            entry_list = etree.SubElement(status, name_in(XTA, list_name))
            entry_list.extend(_write_entry(entry_name, entry) for entry in entries)
    return status


def _write_entry(name: str, entry: ReportEntry) -> etree._Element:
    code = _XTA.Code(listURI=CODELIST_URI, listVersionID=CODELIST_VERSION)
    etree.SubElement(code, "code").text = entry.code.value
    element = etree.Element(name_in(XTA, name))
    element.extend(
        [_XTA.Timestamp(format_moment(entry.timestamp)), code, _XTA.Reason(entry.reason)]
    )
    return element
