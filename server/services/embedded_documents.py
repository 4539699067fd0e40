"""Documents that stand within a message: each must be a PDF, and clean."""

from collections.abc import Iterator, Sequence

from server.domain.content import InlineContent
from server.errors import Faults
from server.services.scanning import Scanning
from server.services.violation import Violation
from server.xmlio.embedded_document import EmbeddedDocument

_HEAD_MARK = b"%PDF-"
# Readers look for the mark in the first KiB; what is before it is skipped.
_HEAD_REACH = 1024


def find_infected_documents(
    documents: Sequence[EmbeddedDocument], scanning: Scanning
) -> Iterator[Violation]:
    """Documents in which malware was found; raises ScannerDown."""
    for document in documents:
        found = scanning.find_malware(InlineContent(document.content or b""))
        if found:
            reason = f"{_name_place(document)}: In dem Dokument wurde {found} gefunden."
            yield Violation(Faults.VIRUS_FOUND, reason, document.line)


def find_unreadable_documents(documents: Sequence[EmbeddedDocument]) -> Iterator[Violation]:
    """Documents that are no PDF."""
    for document in documents:
        problem = _find_problem(document.content)
        if problem:
            reason = f"{_name_place(document)}: {problem}"
            yield Violation(Faults.PROFILE_VIOLATION, reason, document.line)


def _find_problem(content: bytes | None) -> str:
    if content is None:
        return "der Inhalt ist nicht in Base64 kodiert, erwartet ist ein PDF-Dokument in Base64."
    if _HEAD_MARK not in content[:_HEAD_REACH]:
        return "der Inhalt ist keine PDF-Datei, erwartet ist ein PDF-Dokument in Base64."
    return ""


def _name_place(document: EmbeddedDocument) -> str:
    return f"Zeile {document.line}, Element „{document.element}“"
