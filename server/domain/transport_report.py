"""The TransportReport: what happened to a message, told to its author and its reader.

Entry codes come from the project's own code list (`CODELIST_URI`), documented in
`docs/report-codes.md`; the standard leaves the list to the operator (Code.RecordType).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

CODELIST_URI = "urn:damtshilfe:codeliste:transportreport"
CODELIST_VERSION = "1"
# Additional reports (Code.ReportType), and the only type so far: what was stored.
REPORT_TYPE_LIST_URI = "urn:damtshilfe:codeliste:zusatzbericht"
REPORT_TYPE_CONTENT = "inhaltsnachweis"


class Severity(IntEnum):
    """Weight of an entry; the value is the traffic light it asks for."""

    INFO = 1
    WARNING = 2
    ERROR = 3


class ReportStatus(IntEnum):
    """XTA MessageStatus/Status."""

    OPEN = 0
    GREEN = 1
    YELLOW = 2
    RED = 3


class ReportCode(StrEnum):
    """The code list of report entries; the value is the code on the wire."""

    ACCEPTED = "angenommen"
    DELIVERED_ELECTRONICALLY = "elektronisch-zugestellt"
    LETTER_ORDERED = "brief-beauftragt"
    OTHER_READERS_NAMED = "weitere-leser-genannt"
    FETCHED = "abgeholt"
    CLOSED = "empfang-bestaetigt"
    LETTER_SET = "brief-gesetzt"
    LETTER_HANDED_OVER = "brief-ausgegeben"
    LETTER_PRINTED = "brief-gedruckt"
    LETTER_POSTED = "brief-versandt"
    LETTER_FAILED = "brief-fehlgeschlagen"
    LETTER_WITHDRAWN = "brief-zurueckgezogen"
    LETTER_UNCONFIRMED = "brief-ohne-rueckmeldung"
    LETTER_RETURNED = "brief-zurueckgekommen"
    TEST_NOT_PRINTED = "testnachricht-nicht-gedruckt"
    DELIVERY_DELAYED = "zustellung-verzoegert"
    DELIVERY_PARKED = "zustellung-angehalten"
    DELIVERY_RESUMED = "zustellung-fortgesetzt"
    REDIRECTED_TO_LETTER = "auf-brief-umgeleitet"
    CANCELLED = "zurueckgezogen"
    OBSOLETE = "verfallen"
    RETURNED = "zurueckgegeben"
    FORWARDED = "weitergeleitet"
    ELSEWHERE = "anderes-rechenzentrum"
    CENTRE_SILENT = "rechenzentrum-schweigt"
    FALLBACK_LETTER = "ersatzweise-brief"
    FALLBACK_IMPOSSIBLE = "ersatzbrief-nicht-moeglich"
    POSSIBLE_DUPLICATE = "moegliche-dublette"
    SCAN_PENDING = "pruefung-steht-aus"
    SCAN_PASSED = "pruefung-ohne-fund"
    INFECTED = "schadsoftware-gefunden"


@dataclass(frozen=True)
class ReportText:
    """Severity and German wording of a code; `{detail}` is filled in by the entry."""

    severity: Severity
    text: str


REPORT_TEXTS: dict[ReportCode, ReportText] = {
    ReportCode.ACCEPTED: ReportText(
        Severity.INFO, "Die Nachricht wurde angenommen und dauerhaft gespeichert."
    ),
    ReportCode.DELIVERED_ELECTRONICALLY: ReportText(
        Severity.INFO, "Zustellweg elektronisch: Die Nachricht liegt im Postfach von {detail}."
    ),
    ReportCode.LETTER_ORDERED: ReportText(
        Severity.INFO,
        "Zustellweg Brief: {detail} nimmt nicht elektronisch teil, ein Brief ist beauftragt.",
    ),
    ReportCode.OTHER_READERS_NAMED: ReportText(
        Severity.INFO,
        "Die Nachricht nennt weitere Leser; zugestellt wird sie allein ihrem Leser.",
    ),
    ReportCode.FETCHED: ReportText(
        Severity.INFO, "Die Nachricht wurde erstmals vom Leser abgeholt."
    ),
    ReportCode.CLOSED: ReportText(
        Severity.INFO, "Der Leser hat den Empfang der Nachricht bestätigt."
    ),
    ReportCode.LETTER_SET: ReportText(
        Severity.INFO, "Zustellweg Brief: Der Brief ist gesetzt und geprüft ({detail})."
    ),
    ReportCode.LETTER_HANDED_OVER: ReportText(
        Severity.INFO, "Zustellweg Brief: Der Brief wurde an die Druckausgabe übergeben ({detail})."
    ),
    ReportCode.LETTER_PRINTED: ReportText(
        Severity.INFO, "Zustellweg Brief: Der Brief ist gedruckt ({detail})."
    ),
    ReportCode.LETTER_POSTED: ReportText(
        Severity.INFO, "Zustellweg Brief: Der Brief ist bei der Post ({detail})."
    ),
    ReportCode.LETTER_FAILED: ReportText(
        Severity.ERROR,
        "Zustellweg Brief: Der Brief konnte nicht ausgegeben werden, der Betreiber ist gefragt: "
        "{detail}",
    ),
    ReportCode.LETTER_WITHDRAWN: ReportText(
        Severity.WARNING,
        "Zustellweg Brief: Der Brief ist zurückgezogen und wird nicht versandt ({detail}).",
    ),
    ReportCode.LETTER_UNCONFIRMED: ReportText(
        Severity.WARNING,
        "Zustellweg Brief: Die Druckausgabe hat nicht gemeldet, ob der Brief versandt ist "
        "({detail}).",
    ),
    ReportCode.LETTER_RETURNED: ReportText(
        Severity.ERROR, "Zustellweg Brief: Der Brief kam als unzustellbar zurück ({detail})."
    ),
    ReportCode.TEST_NOT_PRINTED: ReportText(
        Severity.INFO, "Testnachricht: Es wurde kein Brief erzeugt."
    ),
    ReportCode.DELIVERY_DELAYED: ReportText(
        Severity.WARNING, "Die Zustellung verzögert sich und wird wiederholt: {detail}"
    ),
    ReportCode.DELIVERY_RESUMED: ReportText(
        Severity.INFO, "Der Betreiber hat die Zustellung wieder aufgenommen."
    ),
    ReportCode.REDIRECTED_TO_LETTER: ReportText(
        Severity.INFO, "Zustellweg Brief: Der Betreiber lässt die Nachricht als Brief zustellen."
    ),
    ReportCode.CANCELLED: ReportText(
        Severity.INFO, "Der Absender hat die Nachricht vor der Zustellung zurückgezogen."
    ),
    ReportCode.OBSOLETE: ReportText(
        Severity.WARNING,
        "Die Frist ObsoleteAfter ist verstrichen, bevor der Empfang bestätigt war ({detail}).",
    ),
    ReportCode.RETURNED: ReportText(
        Severity.ERROR, "Die Nachricht geht unzugestellt an den Absender zurück: {detail}"
    ),
    ReportCode.FORWARDED: ReportText(
        Severity.INFO,
        "Zustellweg elektronisch: Die Nachricht wurde weitergeleitet und angenommen von {detail}.",
    ),
    ReportCode.ELSEWHERE: ReportText(Severity.INFO, "{detail}"),
    ReportCode.CENTRE_SILENT: ReportText(
        Severity.WARNING,
        "Zurzeit keine Auskunft über den Verbleib der Nachricht von {detail}; es wird weiter "
        "gefragt.",
    ),
    ReportCode.FALLBACK_LETTER: ReportText(
        Severity.WARNING, "Zustellweg Brief, ersatzweise: {detail} Ein Brief ist beauftragt."
    ),
    ReportCode.FALLBACK_IMPOSSIBLE: ReportText(
        Severity.WARNING, "Die Nachricht bleibt im Postfach, ein Brief ist nicht möglich: {detail}"
    ),
    ReportCode.POSSIBLE_DUPLICATE: ReportText(Severity.WARNING, "Mögliche Dublette: {detail}"),
    ReportCode.SCAN_PENDING: ReportText(
        Severity.INFO,
        "Die Prüfung auf Schadsoftware steht aus; erst danach wird die Nachricht zugestellt.",
    ),
    ReportCode.SCAN_PASSED: ReportText(
        Severity.INFO, "Die Prüfung auf Schadsoftware ist nachgeholt, gefunden wurde nichts."
    ),
    ReportCode.INFECTED: ReportText(
        Severity.ERROR, "Schadsoftware, die Nachricht wird nicht zugestellt: {detail}"
    ),
    ReportCode.DELIVERY_PARKED: ReportText(
        Severity.ERROR, "Die Zustellung ist angehalten, der Betreiber ist gefragt: {detail}"
    ),
}


@dataclass(frozen=True)
class ReportEntry:
    """One line of the report (XTA RecordType).

    `centre` is the short name of the other data centre that wrote it, with a severity of its own.
    """

    timestamp: datetime
    code: ReportCode
    reason: str
    centre: str = ""
    foreign_severity: Severity | None = None

    @property
    def severity(self) -> Severity:
        """The list the entry belongs to: Info, Warning or Error."""
        return self.foreign_severity or REPORT_TEXTS[self.code].severity


def make_entry(code: ReportCode, timestamp: datetime, detail: str = "") -> ReportEntry:
    """An entry with the wording of its code; `detail` fills the placeholder where it has one."""
    return ReportEntry(timestamp, code, REPORT_TEXTS[code].text.format(detail=detail))


def compute_status(entries: Iterable[ReportEntry], is_closed: bool) -> ReportStatus:
    """0 while the report is still written, afterwards the maximum of the entries (XTA 2.1.1)."""
    if not is_closed:
        return ReportStatus.OPEN
    return ReportStatus(max((entry.severity for entry in entries), default=Severity.INFO))
