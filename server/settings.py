"""The settings: frozen, by concern. `settings_file` reads and writes them.

Every key carries its German explanation as `description`; `damtshilfe init` writes the file from
these models, so that file, defaults and documentation cannot drift apart.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from server.settings_blobs import BlobSettings, S3Settings
from server.settings_data_centre import DataCentreSettings
from server.settings_delivery import ChannelSettings, DeliverySettings
from server.settings_encryption import EncryptionSettings
from server.settings_printing import PrintingSettings
from server.settings_section import (
    MEBIBYTE,
    Days,
    FaultStatus,
    HttpsUrl,
    NotNegative,
    Percent,
    Port,
    Positive,
    Section,
    Sources,
)
from server.settings_web import OidcSettings, WebSettings


class ServerSettings(Section):
    """Where the XTA server listens."""

    host: str = Field("127.0.0.1", description="Adresse, an der der XTA-Server lauscht.")
    port: Port = Field(8443, description="Port des XTA-Servers.")
    public_url: HttpsUrl = Field(
        "https://localhost:8443",
        description="So erreichen Fachverfahren den Server; diese Adresse steht in der WSDL.",
    )
    workers: Positive = Field(2, description="Anzahl der Prozesse.")
    threads: Positive = Field(8, description="Anzahl der Threads je Prozess.")
    sender_fault_status: FaultStatus = Field(
        500,
        description="HTTP-Status von Fehlern des Aufrufers in SOAP 1.2: 500, oder 400 nach dem "
        "Standard (manche Clients lesen den Fehler dann nicht).",
    )
    timeout_seconds: Positive = Field(
        120, description="Ein Prozess, der so lange nicht antwortet, wird ersetzt (Sekunden)."
    )
    idle_seconds: Positive = Field(
        30,
        description="Ein Client, der so lange nichts schickt oder nichts von seiner Antwort "
        "abnimmt, wird getrennt (Sekunden).",
    )
    request_seconds: Positive = Field(
        900,
        description="So lange darf eine Anfrage mit ihrer Antwort höchstens dauern (Sekunden).",
    )


class TlsSettings(Section):
    """Certificates of this machine and of those whom it trusts."""

    certificate: Path = Field(Path("pki/server.pem"), description="Serverzertifikat (PEM).")
    key: Path = Field(
        Path("pki/server.key"), description="Schlüssel zum Serverzertifikat (PEM, Rechte 0600)."
    )
    client_ca: Path = Field(
        Path("pki/ca.pem"), description="Zertifizierungsstellen, deren Client-Zertifikate gelten."
    )


class DatabaseSettings(Section):
    """The database of the XTA server."""

    url: str = Field(
        "sqlite:///daten/damtshilfe.sqlite",
        description="Datenbank des XTA-Servers: sqlite:///PFAD (relativ zu dieser Datei) oder "
        "postgresql+psycopg://BENUTZER:PASSWORT@RECHNER/NAME (docs/database.md).",
    )


class AuthorityServerSettings(Section):
    """The Authority-Server: a process and a database of its own."""

    host: str = Field("127.0.0.1", description="Adresse, an der der Authority-Server lauscht.")
    port: Port = Field(8444, description="Port des Authority-Servers.")
    public_url: HttpsUrl = Field(
        "https://localhost:8444",
        description="So erreichen andere den Authority-Server; steht in seiner WSDL.",
    )
    workers: Positive = Field(1, description="Anzahl der Prozesse.")
    threads: Positive = Field(4, description="Anzahl der Threads je Prozess.")
    ca_certificate: Path = Field(
        Path("pki/ca.pem"),
        description="Zertifikat der eigenen Zertifizierungsstelle; nur für „damtshilfe authority "
        "cert“ und die Sperrliste.",
    )
    ca_key: Path = Field(
        Path("pki/ca.key"),
        description="Schlüssel der eigenen Zertifizierungsstelle (PEM, Rechte 0600); ohne ihn "
        "stellt diese Installation nichts aus.",
    )
    crl: Path = Field(
        Path("pki/ca.crl"),
        description="Sperrliste der eigenen Zertifizierungsstelle; der Authority-Server gibt sie "
        "unter /authority/sperrliste.crl heraus.",
    )
    sign_requests: bool = Field(
        True,
        description="Der Worker unterschreibt Zertifikate, die Administratoren im Web-Client "
        "beantragen; false: sie warten auf „damtshilfe authority cert issue-requested“.",
    )
    database_url: str = Field(
        "sqlite:///daten/authority.sqlite",
        description="Datenbank des Authority-Servers, eine eigene.",
    )
    ort_similarity: Percent = Field(
        80,
        description="So ähnlich (von 100) muss ein verschriebener Ort einem bekannten mindestens "
        "sein; darunter gilt er als unbekannt.",
    )


class AuthorityClientSettings(Section):
    """How the XTA server reaches the Authority-Server."""

    url: HttpsUrl = Field(
        "https://localhost:8444/authority/1", description="Port des Authority-Servers."
    )
    certificate: Path = Field(
        Path("pki/xta-server.pem"),
        description="Client-Zertifikat mit Schlüssel, mit dem der XTA-Server dort auftritt (PEM).",
    )
    server_ca: Path = Field(
        Path("pki/ca.pem"), description="Zertifizierungsstelle des Authority-Servers."
    )
    timeout_seconds: Positive = Field(10, description="Wartezeit auf eine Antwort (Sekunden).")
    cache_seconds: NotNegative = Field(
        60, description="So lange gilt eine Antwort, ohne neu zu fragen (Sekunden)."
    )
    stale_hours: NotNegative = Field(
        24,
        description="So lange hilft eine ältere Antwort aus, wenn der Authority-Server nicht "
        "antwortet (Stunden); danach 9031.",
    )


class LimitSettings(Section):
    """Limits for what comes in; they hold before anything is stored."""

    container_bytes: Positive = Field(
        40 * MEBIBYTE,
        description="Größter ContentContainer in dekodierten Bytes (XTA: 40 MB), sonst 9023.",
    )
    request_bytes: Positive = Field(
        64 * MEBIBYTE, description="Größte HTTP-Anfrage in Bytes, sonst 9023."
    )
    envelope_bytes: Positive = Field(
        8 * MEBIBYTE,
        description="Größter SOAP-Umschlag einer MTOM-Anfrage in Bytes (ohne Anlagen), sonst 9023.",
    )
    mtom_parts: Positive = Field(200, description="Größte Zahl der Teile einer MTOM-Anfrage.")
    part_headers: Positive = Field(20, description="Größte Zahl der Kopfzeilen eines MTOM-Teils.")
    part_header_bytes: Positive = Field(
        8192, description="Größte Kopfzeile eines MTOM-Teils in Bytes."
    )
    xml_elements: Positive = Field(20_000, description="Größte Zahl von XML-Elementen.")
    xml_depth: Positive = Field(64, description="Größte Verschachtelung von XML-Elementen.")


class SchemaSettings(Section):
    """Message schemas beside those that are shipped."""

    dir: str = Field(
        "",
        description="Ordner mit je einem Ordner für ein Nachrichtenschema (XSD und profile.toml); "
        "leer: nur die mitgelieferten.",
    )

    @property
    def directory(self) -> Path | None:
        """The folder; None where there is none."""
        return Path(self.dir) if self.dir else None


class ScannerSettings(Section):
    """The malware scanner; without socket and host there is none."""

    socket: str = Field(
        "",
        description="Unix-Socket des Virenscanners clamd (absoluter Pfad); leer: kein Scanner "
        "oder einer unter host und port.",
    )
    host: str = Field("", description="Rechner, auf dem clamd lauscht; leer: kein Scanner.")
    port: Port = Field(3310, description="Port, auf dem clamd lauscht.")
    timeout_seconds: Positive = Field(60, description="Wartezeit auf clamd (Sekunden).")
    when_down: Literal["hold", "refuse"] = Field(
        "hold",
        description="Solange clamd nicht antwortet: hold (Nachrichten werden angenommen und erst "
        "nach ihrer Prüfung zugestellt) oder refuse (abgelehnt mit 9030).",
    )


class MailboxSettings(Section):
    """The mailbox port."""

    max_list_items: Positive = Field(100, description="Höchstzahl der Einträge einer Statusliste.")
    iterator_hours: Positive = Field(24, description="Lebensdauer einer MsgBoxRequestID (Stunden).")


class VorgangSettings(Section):
    """The Vorgang: when an answer is overdue."""

    answer_days: Positive = Field(
        14,
        description="Nach so vielen Tagen ohne Antwort erscheint im Vorgang eine Erinnerung; eine "
        "Frist, die eine Rückfrage selbst nennt, geht vor.",
    )


class AccessSettings(Section):
    """The access of Mandanten."""

    test_days: Positive = Field(
        30, description="So viele Tage dauert ein Testzugang, der erste eingeschlossen."
    )
    reminder_days: Days = Field(
        (10, 5, 1),
        description="So viele Tage vor seinem Ende wird an einen Testzugang erinnert.",
    )
    return_days: Positive = Field(
        14,
        description="So viele Tage nach dem Ende eines Zugangs gehen Nachrichten, die noch in "
        "seinem Postfach liegen, an ihre Absender zurück.",
    )


class RevocationSettings(Section):
    """Revocation lists of client certificates."""

    sources: Sources = Field(
        (),
        description="Adressen von Sperrlisten (CRL, https://…) der Stellen in tls.client_ca; "
        "leer: Sperrlisten werden nicht geprüft.",
    )
    cache: Path = Field(
        Path("daten/sperrlisten"), description="Ordner für die zuletzt geholten Sperrlisten."
    )
    refresh_minutes: float = Field(
        10, gt=0, description="So oft wird eine Sperrliste neu geholt (Minuten)."
    )
    soft_fail_hours: float = Field(
        72,
        ge=0,
        description="So lange gilt eine Sperrliste nach ihrem Ablauf weiter, wenn keine neue zu "
        "bekommen ist (Stunden); danach lehnt der Server alle Zugriffe ab (9031).",
    )
    timeout_seconds: Positive = Field(5, description="Wartezeit auf eine Sperrliste (Sekunden).")


class ReportSettings(Section):
    """The TransportReport."""

    sign: bool = Field(False, description="Transportberichte signieren (XMLDSig).")
    certificate: Path = Field(
        Path("pki/server.pem"), description="Zertifikat, mit dem Empfänger die Signatur prüfen."
    )
    key: Path = Field(
        Path("pki/server.key"), description="Schlüssel zum Signieren (PEM, Rechte 0600)."
    )


class LogSettings(Section):
    """Logging."""

    level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="DEBUG, INFO, WARNING oder ERROR.",
    )


class Settings(Section):
    """All settings; paths are absolute after `load_settings`."""

    server: ServerSettings = Field(ServerSettings(), description="XTA-Server")
    tls: TlsSettings = Field(TlsSettings(), description="Zertifikate")
    database: DatabaseSettings = Field(DatabaseSettings(), description="Datenbank")
    blobs: BlobSettings = Field(BlobSettings(), description="Ablage der Inhalte")
    s3: S3Settings = Field(S3Settings(), description="Objektspeicher (bei blobs.kind = s3)")
    authority_server: AuthorityServerSettings = Field(
        AuthorityServerSettings(), description="Authority-Server (eigener Prozess)"
    )
    authority_client: AuthorityClientSettings = Field(
        AuthorityClientSettings(), description="Verbindung zum Authority-Server"
    )
    data_centre: DataCentreSettings = Field(
        DataCentreSettings(), description="Rechenzentren untereinander"
    )
    printing: PrintingSettings = Field(PrintingSettings(), description="Druckausgabe")
    delivery: DeliverySettings = Field(DeliverySettings(), description="Zustellung (Worker)")
    delivery_mailbox: ChannelSettings = Field(
        ChannelSettings(), description="Zustellung in Postfächer: Wiederholungen"
    )
    delivery_letter: ChannelSettings = Field(
        ChannelSettings(), description="Zustellung als Brief: Wiederholungen"
    )
    delivery_data_centre: ChannelSettings = Field(
        ChannelSettings(), description="Zustellung in andere Rechenzentren: Wiederholungen"
    )
    limits: LimitSettings = Field(LimitSettings(), description="Grenzen für Eingaben")
    schemas: SchemaSettings = Field(SchemaSettings(), description="Nachrichtenschemata")
    scanner: ScannerSettings = Field(ScannerSettings(), description="Virenscanner")
    mailbox: MailboxSettings = Field(MailboxSettings(), description="Postfach")
    vorgang: VorgangSettings = Field(VorgangSettings(), description="Vorgänge")
    access: AccessSettings = Field(AccessSettings(), description="Zugänge der Mandanten")
    revocation: RevocationSettings = Field(RevocationSettings(), description="Sperrlisten")
    reports: ReportSettings = Field(ReportSettings(), description="Transportberichte")
    encryption: EncryptionSettings = Field(
        EncryptionSettings(), description="Verschlüsselung der Inhalte"
    )
    web: WebSettings = Field(WebSettings(), description="Web-Client (eigener Prozess)")
    web_oidc: OidcSettings = Field(
        OidcSettings(), description="Web-Client: Anmeldung über einen OpenID-Provider"
    )
    log: LogSettings = Field(LogSettings(), description="Protokoll")
