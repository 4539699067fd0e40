"""A client for the façade, as a simple Fachverfahren uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import zeep
from zeep.transports import Transport

from clients.tls_session import make_session

_NAMESPACE = "urn:damtshilfe:fachverfahren:1"


@dataclass(frozen=True)
class FachverfahrenAccess:
    """The façade's URL (its contract is read from `?wsdl`) and the way in.

    `certificate` holds client certificate and key (PEM); `is_soap_12` chooses the version.
    """

    url: str
    certificate: Path
    server_ca: Path
    is_soap_12: bool = False
    timeout_seconds: float = 60


@dataclass(frozen=True)
class Attachment:
    """An attachment with its MIME type."""

    filename: str
    content_type: str
    content: bytes


class FachverfahrenClient:
    """The operations; answers are zeep's objects, named as in the contract."""

    def __init__(self, access: FachverfahrenAccess) -> None:
        transport = Transport(
            session=make_session(access.certificate, access.server_ca),
            timeout=access.timeout_seconds,
            operation_timeout=access.timeout_seconds,
        )
        settings = zeep.Settings(xml_huge_tree=True)
        client = zeep.Client(f"{access.url}?wsdl", transport=transport, settings=settings)
        binding = "AmtshilfeSoap12Binding" if access.is_soap_12 else "AmtshilfeSoap11Binding"
        self._service = client.create_service(f"{{{_NAMESPACE}}}{binding}", access.url)

    def ask_zustaendigkeit(self, einnahmeart: str, anschrift: dict[str, str]) -> Any:
        """Who is responsible: `eindeutig` and the list `behoerde`."""
        return self._service.zustaendigkeitsabfrage(einnahmeart=einnahmeart, anschrift=anschrift)

    def send(
        self,
        leser: dict[str, str] | None,
        message: bytes,
        attachments: Sequence[Attachment] = (),
        message_id: str | None = None,
        is_test: bool = False,
    ) -> Any:
        """Sends: `messageId` and `angenommen`.

        `leser` has `_value_1` and `typ`; without it, the message goes to whom it names itself. A
        test message never becomes a letter.
        """
        return self._service.senden(
            messageId=message_id,
            leser=leser,
            testnachricht=is_test or None,
            nachricht=message,
            anhang=_write_attachments(attachments),
        )

    def check(
        self,
        leser: dict[str, str] | None,
        message: bytes,
        attachments: Sequence[Attachment] = (),
        message_id: str | None = None,
        is_test: bool = False,
    ) -> Any:
        """The dry run: `versandbereit`, the way to the reader and the list `befund`.

        Takes what `send` takes and sends nothing.
        """
        return self._service.pruefen(
            messageId=message_id,
            leser=leser,
            testnachricht=is_test,
            nachricht=message,
            anhang=_write_attachments(attachments),
        )

    def receive(self, message_id: str | None = None) -> Any:
        """Fetches: `nachricht` (None where the mailbox is empty) and `weitere`."""
        return self._service.empfangen(messageId=message_id)

    def confirm(self, message_id: str) -> Any:
        """Confirms: `messageId` and `bestaetigt`."""
        return self._service.quittieren(messageId=message_id)

    def find_report(self, message_id: str) -> Any:
        """The report: `status`, the times and the list `eintrag`."""
        return self._service.reporting(messageId=message_id)

    def fetch_letter(self, message_id: str) -> Any:
        """The letter made of a message that the caller sent: `inhalt` (PDF), `stand`, `stapel`."""
        return self._service.brief(messageId=message_id)

    def list_codelisten(self) -> Any:
        """All versions of all code lists, without their entries."""
        return self._service.codeliste()

    def find_codeliste(
        self, uri: str, version: str | None = None, stichtag: date | None = None
    ) -> Any:
        """A code list with its list `eintrag`, or None.

        Without `version` it is the one that is valid on `stichtag`, or else today.
        """
        found = self._service.codeliste(uri=uri, version=version, stichtag=stichtag)
        return found[0] if found else None

    def list_massnahmen(self, land: str | None = None, leser: dict[str, str] | None = None) -> Any:
        """What may be asked of `leser` or of the caller; with `land` (such as BY) what it knows."""
        return self._service.massnahmenkatalog(leser=leser, land=land)

    def find_figures(
        self, first: date, last: date, gliederung: str = "monat", **filters: Any
    ) -> Any:
        """Figures of a period: the lists `zeile` and `druckkosten`, `summe` and `ausstehend`.

        `gliederung` is tag, woche, monat, behoerde, kanal, stand, einnahmeart or art; filters are
        `behoerde` (with `_value_1` and `typ`), `kanal`, `stand`, `einnahmeart` and `art`.
        """
        return self._service.auswertung(von=first, bis=last, gliederung=gliederung, **filters)

    def find_vorgaenge(
        self,
        vorgang_id: str | None = None,
        message_id: str | None = None,
        aktenzeichen: str | None = None,
        is_only_overdue: bool = False,
        maximum: int | None = None,
    ) -> Any:
        """The caller's matters that fit every criterion: the list `vorgang` and `weitere`."""
        return self._service.vorgang(
            vorgangId=vorgang_id,
            messageId=message_id,
            aktenzeichen=aktenzeichen,
            nurUeberfaellige=is_only_overdue,
            maximal=maximum,
        )


def _write_attachments(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    return [
        {"dateiname": item.filename, "contentType": item.content_type, "inhalt": item.content}
        for item in attachments
    ]
