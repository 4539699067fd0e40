"""The settings: frozen, by concern, read once from one TOML file and the environment.

Every key carries its German explanation as `description`; `damtshilfe init` writes the file from
these models, so that file, defaults and documentation cannot drift apart. A variable
`DAMTSHILFE_<SECTION>__<KEY>` overrides the file. All mistakes are reported together.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

ENVIRONMENT_PREFIX = "DAMTSHILFE_"

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(gt=0)]
Percent = Annotated[int, Field(gt=0, le=100)]
MEBIBYTE = 1024 * 1024


class SettingsError(Exception):
    """The settings cannot be used; `problems` names every mistake, in German."""

    def __init__(self, source: Path, problems: list[str]) -> None:
        super().__init__(f"{source}: " + "; ".join(problems))
        self.source = source
        self.problems = problems


def _require_https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("muss mit https:// beginnen")
    return url.rstrip("/")


def _require_fault_status(status: int) -> int:
    if status not in (400, 500):
        raise ValueError("muss 400 oder 500 sein")
    return status


FaultStatus = Annotated[int, AfterValidator(_require_fault_status)]
HttpsUrl = Annotated[str, AfterValidator(_require_https)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Section):
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


class TlsSettings(_Section):
    """Certificates of this machine and of those whom it trusts."""

    certificate: Path = Field(Path("pki/server.pem"), description="Serverzertifikat (PEM).")
    key: Path = Field(
        Path("pki/server.key"), description="Schlüssel zum Serverzertifikat (PEM, Rechte 0600)."
    )
    client_ca: Path = Field(
        Path("pki/ca.pem"), description="Zertifizierungsstellen, deren Client-Zertifikate gelten."
    )


class DatabaseSettings(_Section):
    """The database of the XTA server."""

    url: str = Field(
        "sqlite:///daten/damtshilfe.sqlite",
        description="Datenbank des XTA-Servers (SQLAlchemy-URL, Pfade relativ zu dieser Datei).",
    )


class BlobSettings(_Section):
    """The store of the payloads."""

    folder: Path = Field(
        Path("daten/inhalte"), description="Ordner für Fachnachrichten und Anlagen."
    )


class AuthorityServerSettings(_Section):
    """The Authority-Server: a process and a database of its own."""

    host: str = Field("127.0.0.1", description="Adresse, an der der Authority-Server lauscht.")
    port: Port = Field(8444, description="Port des Authority-Servers.")
    public_url: HttpsUrl = Field(
        "https://localhost:8444",
        description="So erreichen andere den Authority-Server; steht in seiner WSDL.",
    )
    workers: Positive = Field(1, description="Anzahl der Prozesse.")
    threads: Positive = Field(4, description="Anzahl der Threads je Prozess.")
    database_url: str = Field(
        "sqlite:///daten/authority.sqlite", description="Datenbank des Authority-Servers."
    )
    ort_similarity: Percent = Field(
        80,
        description="So ähnlich (von 100) muss ein verschriebener Ort einem bekannten mindestens "
        "sein; darunter gilt er als unbekannt.",
    )


class AuthorityClientSettings(_Section):
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


class PrintingSettings(_Section):
    """Where letters go."""

    output: str = Field(
        "folder", description="Name des Ausgabe-Plugins (Entry-Point damtshilfe.print_output)."
    )
    options: dict[str, str] = Field(
        default_factory=lambda: {"folder": "druck"},
        description="Einstellungen des Plugins; für „folder“ der Zielordner.",
    )


class DeliverySettings(_Section):
    """How the worker delivers."""

    poll_seconds: float = Field(
        0.5, gt=0, description="Abstand, in dem der Worker nach Aufträgen sieht (Sekunden)."
    )
    lease_seconds: Positive = Field(
        300, description="So lange gehört ein Auftrag einem Worker, dann darf ein anderer."
    )
    first_retry_seconds: Positive = Field(
        5, description="Abstand bis zur ersten Wiederholung; er verdoppelt sich jedes Mal."
    )
    longest_retry_seconds: Positive = Field(
        3600, description="Größter Abstand zwischen zwei Versuchen (Sekunden)."
    )
    max_age_hours: Positive = Field(
        72, description="Älter wird kein Auftrag wiederholt, er wird angehalten (Stunden)."
    )


class LimitSettings(_Section):
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


class SchemaSettings(_Section):
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


class ScannerSettings(_Section):
    """The malware scanner; without socket and host there is none."""

    socket: str = Field(
        "",
        description="Unix-Socket des Virenscanners clamd (absoluter Pfad); leer: kein Scanner "
        "oder einer unter host und port.",
    )
    host: str = Field("", description="Rechner, auf dem clamd lauscht; leer: kein Scanner.")
    port: Port = Field(3310, description="Port, auf dem clamd lauscht.")
    timeout_seconds: Positive = Field(60, description="Wartezeit auf clamd (Sekunden).")


class MailboxSettings(_Section):
    """The mailbox port."""

    max_list_items: Positive = Field(100, description="Höchstzahl der Einträge einer Statusliste.")
    iterator_hours: Positive = Field(24, description="Lebensdauer einer MsgBoxRequestID (Stunden).")


class VorgangSettings(_Section):
    """The Vorgang: when an answer is overdue."""

    answer_days: Positive = Field(
        14,
        description="Nach so vielen Tagen ohne Antwort erscheint im Vorgang eine Erinnerung; eine "
        "Frist, die eine Rückfrage selbst nennt, geht vor.",
    )


class ReportSettings(_Section):
    """The TransportReport."""

    sign: bool = Field(False, description="Transportberichte signieren (XMLDSig).")
    certificate: Path = Field(
        Path("pki/server.pem"), description="Zertifikat, mit dem Empfänger die Signatur prüfen."
    )
    key: Path = Field(
        Path("pki/server.key"), description="Schlüssel zum Signieren (PEM, Rechte 0600)."
    )


class LogSettings(_Section):
    """Logging."""

    level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="DEBUG, INFO, WARNING oder ERROR.",
    )


class Settings(_Section):
    """All settings; paths are absolute after `load_settings`."""

    server: ServerSettings = Field(ServerSettings(), description="XTA-Server")
    tls: TlsSettings = Field(TlsSettings(), description="Zertifikate")
    database: DatabaseSettings = Field(DatabaseSettings(), description="Datenbank")
    blobs: BlobSettings = Field(BlobSettings(), description="Ablage der Inhalte")
    authority_server: AuthorityServerSettings = Field(
        AuthorityServerSettings(), description="Authority-Server (eigener Prozess)"
    )
    authority_client: AuthorityClientSettings = Field(
        AuthorityClientSettings(), description="Verbindung zum Authority-Server"
    )
    printing: PrintingSettings = Field(PrintingSettings(), description="Druckausgabe")
    delivery: DeliverySettings = Field(DeliverySettings(), description="Zustellung (Worker)")
    limits: LimitSettings = Field(LimitSettings(), description="Grenzen für Eingaben")
    schemas: SchemaSettings = Field(SchemaSettings(), description="Nachrichtenschemata")
    scanner: ScannerSettings = Field(ScannerSettings(), description="Virenscanner")
    mailbox: MailboxSettings = Field(MailboxSettings(), description="Postfach")
    vorgang: VorgangSettings = Field(VorgangSettings(), description="Vorgänge")
    reports: ReportSettings = Field(ReportSettings(), description="Transportberichte")
    log: LogSettings = Field(LogSettings(), description="Protokoll")


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file; raises SettingsError with every mistake it finds."""
    values = _read_toml(path)
    _apply_environment(values, environment)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems = [_describe_problem(item) for item in error.errors()]
        raise SettingsError(path, problems) from None
    return _anchor_paths(settings, path.resolve().parent)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(path, [f"Datei ist nicht lesbar ({error.strerror})."]) from None
    except UnicodeDecodeError:
        raise SettingsError(path, ["Datei ist nicht in UTF-8 kodiert."]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, [f"Kein gültiges TOML: {error}."]) from None


def _apply_environment(values: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            section, key = name[len(ENVIRONMENT_PREFIX) :].lower().split("__", 1)
            values.setdefault(section, {})[key] = value


_PROBLEM_TEXTS = {
    "extra_forbidden": "diesen Schlüssel gibt es nicht",
    "missing": "die Angabe fehlt",
    "int_parsing": "muss eine ganze Zahl sein",
    "int_type": "muss eine ganze Zahl sein",
    "int_from_float": "muss eine ganze Zahl sein",
    "bool_parsing": "muss true oder false sein",
    "bool_type": "muss true oder false sein",
    "float_parsing": "muss eine Zahl sein",
    "float_type": "muss eine Zahl sein",
    "string_type": "muss ein Text sein",
    "path_type": "muss ein Pfad sein",
    "model_type": "muss ein Abschnitt sein",
    "dict_type": "muss ein Abschnitt sein",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than_equal": "darf höchstens {le} sein",
    "string_pattern_mismatch": "hat keinen der erlaubten Werte ({pattern})",
    "value_error": "{error}",
}


def _describe_problem(problem: ErrorDetails) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    text = _PROBLEM_TEXTS.get(problem["type"], problem["msg"]).format(**problem.get("ctx", {}))
    return f"{where}: {text} (angegeben: {problem['input']!r})"


def _anchor_paths(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path taken from the file's own folder."""
    sections = {
        name: section.model_copy(update=_anchored_values(section, folder))
        for name, section in settings
    }
    return settings.model_copy(update=sections)


def _anchored_values(section: _Section, folder: Path) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, value in section:
        if isinstance(value, Path):
            changed[key] = folder / value
        elif isinstance(value, str) and value.startswith("sqlite:///"):
            changed[key] = f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
        elif key == "dir" and isinstance(value, str) and value:
            changed[key] = str(folder / value)
        elif isinstance(value, dict) and "folder" in value:
            changed[key] = {**value, "folder": str(folder / value["folder"])}
    return changed


def render_settings(settings: Settings) -> str:
    """The settings as a TOML file in which every key is explained and its default shown."""
    blocks = [
        "# Einstellungen von dAmtshilfe.\n"
        "# Pfade gelten relativ zu dieser Datei. Eine Umgebungsvariable\n"
        f"# {ENVIRONMENT_PREFIX}<ABSCHNITT>__<SCHLÜSSEL> geht dem Eintrag hier vor.\n"
    ]
    for name, field in Settings.model_fields.items():
        blocks.append(_render_section(name, field.description or "", getattr(settings, name)))
    return "\n".join(blocks)


def _render_section(name: str, title: str, section: _Section) -> str:
    lines = [f"# {title}", f"[{name}]"]
    for key, field in type(section).model_fields.items():
        default = field.get_default(call_default_factory=True)
        lines.append(f"# {field.description} Vorgabe: {_render_value(default)}")
        lines.append(f"{key} = {_render_value(getattr(section, key))}")
    return "\n".join(lines) + "\n"


def _render_value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {_render_value(item)}" for key, item in value.items())
        return "{ " + pairs + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
