"""TransportReport on the wire."""

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.transport_report import (
    CODELIST_URI,
    CODELIST_VERSION,
    ReportEntry,
    Severity,
)
from server.services.reporting import TransportReport
from server.xmlio.metadata import write_stamped_metadata
from server.xmlio.moments import format_moment
from server.xmlio.namespaces import XTA, name_in

_XTA = ElementMaker(namespace=XTA, nsmap={"xta": XTA})
_LISTS = (
    (Severity.ERROR, "ErrorList", "Error"),
    (Severity.WARNING, "WarnList", "Warning"),
    (Severity.INFO, "InfoList", "Info"),
)


def write_report(report: TransportReport, server_identity: str) -> etree._Element:
    """The report with MessageMetaData as it stood and the times that the server knows."""
    message = report.message
    element: etree._Element = _XTA.TransportReport(
        write_stamped_metadata(message.head.metadata_xml, message.times),
        _XTA.ReportTime(format_moment(report.created)),
        _XTA.XTAServerIdentity(server_identity),
        _write_status(report),
    )
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
