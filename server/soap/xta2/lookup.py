"""LookupServiceRequest and LookupServiceResponse on the wire."""

import base64
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.behoerde import PartyIdentifier
from server.services.lookup import ServiceAnswer
from server.xmlio.metadata import read_party, write_party_identifier
from server.xmlio.namespaces import OSCI_META, XTA, name_in

# Kinds of ServiceParameter: the standard leaves the list to the operator.
PARAMETER_LIST_URI = "urn:damtshilfe:codeliste:dienstparameter"
PARAMETER_LIST_VERSION = "1"
ENCRYPTION_CERTIFICATE = "verschluesselungszertifikat"

_XTA = ElementMaker(namespace=XTA, nsmap={"xta": XTA, "meta": OSCI_META})
_META = ElementMaker(namespace=OSCI_META)


def read_questions(request: etree._Element) -> Iterator[tuple[PartyIdentifier, str]]:
    """Reader and service of each question."""
    for question in request.iter(name_in(XTA, "LookupService")):
        reader = question.find(name_in(OSCI_META, "Reader"))
        if reader is None:
            raise ValueError("Reader is missing, although the contract asks for it")
        yield read_party(reader), (question.findtext(name_in(XTA, "ServiceType")) or "").strip()


def write_answers(answers: Iterable[ServiceAnswer]) -> etree._Element:
    """One result for each answer, in the same order."""
    response: etree._Element = _XTA.LookupServiceResponse(
        _XTA.LookupServiceResultList(*map(_write_answer, answers))
    )
    return response


def _write_answer(answer: ServiceAnswer) -> etree._Element:
    if answer.is_available is None:
        value = _XTA.ServiceIsAvailableUnknown("true")
    else:
        value = _XTA.ServiceIsAvailable("true" if answer.is_available else "false")
    result: etree._Element = _XTA.LookupServiceResult(
        _META.Reader(write_party_identifier(answer.reader)),
        _XTA.ServiceType(answer.service),
        _XTA.IsServiceAvailableValue(value),
    )
    result.extend(map(_write_certificate, answer.certificates))
    return result


def _write_certificate(der: bytes) -> etree._Element:
    parameter_type = _XTA.ParameterType(
        listURI=PARAMETER_LIST_URI, listVersionID=PARAMETER_LIST_VERSION
    )
    etree.SubElement(parameter_type, "code").text = ENCRYPTION_CERTIFICATE
    parameter: etree._Element = _XTA.ServiceParameter(
        parameter_type, _XTA.Resource(base64.b64encode(der).decode("ascii"))
    )
    return parameter
