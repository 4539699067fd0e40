"""The fault table: every error that leaves the house, once.

The wire (SOAP faults of all ports), the documentation (`docs/faults.md`) and the tests derive
from this table. Codes and names of XTA are those of the code list
`urn:de:xta:webservice:codeliste:fehlernummer`, version 1.0.
"""

from dataclasses import dataclass
from enum import StrEnum

CODELIST_URI = "urn:de:xta:webservice:codeliste:fehlernummer"
CODELIST_VERSION = "1.0"


class FaultType(StrEnum):
    """The exception elements of XTA 2.1.1 (XTA-Webservice-Exceptions)."""

    PERMISSION_DENIED = "PermissionDeniedException"
    PARAMETER_IS_NOT_VALID = "ParameterIsNotValidException"
    TECHNICAL_PROBLEM = "XTAWSTechnicalProblemException"
    MESSAGE_SCHEMA_VIOLATION = "MessageSchemaViolationException"
    MESSAGE_VIRUS_DETECTION = "MessageVirusDetectionException"
    INVALID_MESSAGE_ID = "InvalidMessageIDException"
    SYNC_ASYNC = "SyncAsyncException"
    CANCEL_DENIED = "CancelDeniedException"


class Blame(StrEnum):
    """Who has to act: the caller or the operator of the server (SOAP Sender or Receiver)."""

    SENDER = "Sender"
    RECEIVER = "Receiver"


@dataclass(frozen=True)
class Fault:
    """One row of the fault table.

    `code` and `name` go to errorCode/code and errorCode/name; `remedy` (German) says what the
    reader of the message can do about it.
    """

    code: str
    name: str
    fault_type: FaultType
    blame: Blame
    remedy: str


_P, _N, _T, _S = (
    FaultType.PERMISSION_DENIED,
    FaultType.PARAMETER_IS_NOT_VALID,
    FaultType.TECHNICAL_PROBLEM,
    FaultType.MESSAGE_SCHEMA_VIOLATION,
)
_UNSPECIFIED = "Unspezifizierter Fehler, als Freitext beschrieben"
_CERTIFICATE_EXPIRED = "Authentisierung/Zertifikat ist abgelaufen."
_CERTIFICATE_MISMATCH = "Authentisierung/Zertifikat passt nicht zur Absenderkennung."


class Faults:
    """The rows by name; `ALL_FAULTS` lists them."""

    MALFORMED_REQUEST = Fault(
        "9000", _UNSPECIFIED, _T, Blame.SENDER,
        "Bitte den SOAP-Umschlag gegen den Vertrag (?wsdl) prüfen.",
    )  # fmt: skip
    NOT_OFFERED = Fault(
        "9000", _UNSPECIFIED, _T, Blame.RECEIVER,
        "Bitte die Dokumentation der angebotenen Operationen beachten.",
    )  # fmt: skip
    UNDECLARED = Fault(
        "9000", _UNSPECIFIED, _T, Blame.SENDER,
        "Bitte den genannten Grund beheben.",
    )  # fmt: skip
    CERTIFICATE_EXPIRED = Fault(
        "9010", _CERTIFICATE_EXPIRED, _P, Blame.SENDER,
        "Bitte ein gültiges Client-Zertifikat verwenden.",
    )  # fmt: skip
    ACCOUNT_LOCKED = Fault(
        "9011", "Account ist gesperrt.", _P, Blame.SENDER,
        "Bitte an den Betreiber wenden.",
    )  # fmt: skip
    ACCOUNT_UNKNOWN = Fault(
        "9012", "Account nicht vorhanden.", _P, Blame.SENDER,
        "Bitte das beim Betreiber registrierte Client-Zertifikat verwenden.",
    )  # fmt: skip
    SERVICE_NOT_BOOKED = Fault(
        "9013", "Dienst ist nicht gebucht.", _P, Blame.SENDER,
        "Bitte an den Betreiber wenden.",
    )  # fmt: skip
    CERTIFICATE_MISMATCH = Fault(
        "9014", _CERTIFICATE_MISMATCH, _P, Blame.SENDER,
        "Bitte die eigene Kennung als Autor und Sender angeben.",
    )  # fmt: skip
    PARAMETER_MISSING = Fault(
        "9020", "Keine Parameter vorhanden", _N, Blame.SENDER,
        "Bitte die fehlende Angabe ergänzen.",
    )  # fmt: skip
    URI_INVALID = Fault(
        "9021", "Keine gültige URI", _N, Blame.SENDER,
        "Bitte eine gültige URI angeben; eine MessageID vergibt createMessageId.",
    )  # fmt: skip
    PARAMETER_COMBINATION = Fault(
        "9022", "Ungültige Parameterkombination", _N, Blame.SENDER,
        "Bitte die genannten Angaben prüfen.",
    )  # fmt: skip
    MESSAGE_TOO_LARGE = Fault(
        "9023", "Die Nachricht überschreitet die Größenbeschränkung.", _N, Blame.SENDER,
        "Bitte die Anlagen verkleinern oder auf mehrere Nachrichten verteilen.",
    )  # fmt: skip
    MESSAGE_ID_TAKEN = Fault(
        "9024", "MessageID ist bereits vergeben.", _N, Blame.SENDER,
        "Bitte mit createMessageId eine neue MessageID anfordern.",
    )  # fmt: skip
    INTERNAL_ERROR = Fault(
        "9030", "Interner Fehler beim XTA-Server bzw. XTA-Dienstleister", _T, Blame.RECEIVER,
        "Bitte später wiederholen; bleibt der Fehler, bitte den Betreiber verständigen.",
    )  # fmt: skip
    STORAGE_UNAVAILABLE = Fault(
        "9030", "Interner Fehler beim XTA-Server bzw. XTA-Dienstleister", _T, Blame.RECEIVER,
        "Bitte in einer Minute unverändert wiederholen, auch mit derselben MessageID.",
    )  # fmt: skip
    DIRECTORY_UNAVAILABLE = Fault(
        "9031", "Fehler beim externen Verzeichnisdienst", _T, Blame.RECEIVER,
        "Bitte später wiederholen.",
    )  # fmt: skip
    DELIVERY_FAILED = Fault(
        "9032", "Fehler bei der Zustellung", _T, Blame.RECEIVER,
        "Bitte den TransportReport abrufen.",
    )  # fmt: skip
    SCHEMA_VIOLATION = Fault(
        "9050", "Fachnachricht ist nicht schemakonform", _S, Blame.SENDER,
        "Bitte die Fachnachricht gegen ihr Schema prüfen.",
    )  # fmt: skip
    WRONG_ENCODING = Fault(
        "9051", "Fachnachricht trägt ein falsches Encoding.", _S, Blame.SENDER,
        "Bitte die Fachnachricht in UTF-8 kodieren.",
    )  # fmt: skip
    PROFILE_VIOLATION = Fault(
        "9052", "Nachricht verletzt das entsprechende Service Profil.", _S, Blame.SENDER,
        "Bitte die Fachnachricht nach dem Hinweis ändern.",
    )  # fmt: skip
    VIRUS_FOUND = Fault(
        "9060", "Es wurde schadhafter Code ermittelt.",
        FaultType.MESSAGE_VIRUS_DETECTION, Blame.SENDER,
        "Bitte die Anlagen prüfen und ohne schadhafte Inhalte erneut senden.",
    )  # fmt: skip
    MESSAGE_ID_UNKNOWN = Fault(
        "9070", "MessageID für den Account nicht bekannt.",
        FaultType.INVALID_MESSAGE_ID, Blame.SENDER,
        "Bitte die MessageID prüfen.",
    )  # fmt: skip
    ONLY_ASYNCHRONOUS = Fault(
        "9080", "Der Dienst wird nur asynchron angeboten.",
        FaultType.SYNC_ASYNC, Blame.SENDER,
        "Bitte sendMessage verwenden.",
    )  # fmt: skip
    ONLY_SYNCHRONOUS = Fault(
        "9081", "Der Dienst wird nur synchron angeboten.",
        FaultType.SYNC_ASYNC, Blame.SENDER,
        "Bitte sendMessageSync verwenden.",
    )  # fmt: skip
    NOT_BEFORE_PASSED = Fault(
        "9100", "Der durch den Schalter NotBefore gesetzte Termin ist verstrichen.",
        FaultType.CANCEL_DENIED, Blame.SENDER,
        "Die Nachricht ist unterwegs und lässt sich nicht mehr zurückziehen.",
    )  # fmt: skip
    NOT_BEFORE_UNSET = Fault(
        "9101", "Der Schalter NotBefore wurde nicht gesetzt.",
        FaultType.CANCEL_DENIED, Blame.SENDER,
        "Zurückziehen lässt sich nur eine Nachricht mit NotBefore in der Zukunft.",
    )  # fmt: skip


ALL_FAULTS: tuple[Fault, ...] = tuple(
    row for row in vars(Faults).values() if isinstance(row, Fault)
)


class AmtshilfeError(Exception):
    """{reason}: carries the fault row and a German sentence that names the cause."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(f"{fault.code} {fault.fault_type}: {reason}")
        self.fault = fault
        self.reason = reason
