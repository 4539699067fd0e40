"""The settings of the connector: one TOML file, read once; all mistakes reported together.

Every key carries its German explanation, from which `damtshilfe connect init` writes the file.
"""

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

CONFIG_NAME = "connector.toml"
_MEBIBYTE = 1024 * 1024


class ConnectorSettingsError(Exception):
    """The settings cannot be used; `problems` names every mistake, in German."""

    def __init__(self, source: Path, problems: list[str]) -> None:
        super().__init__(f"{source}: " + "; ".join(problems))
        self.source = source
        self.problems = problems


@dataclass(frozen=True)
class FacadeSettings:
    """Where the façade is and how to get in."""

    url: Annotated[str, "Adresse der Fassade des Servers (ohne ?wsdl)."] = (
        "https://localhost:8443/amtshilfe/1"
    )
    certificate: Annotated[
        Path, "Client-Zertifikat mit Schlüssel, mit dem die Behörde auftritt (PEM)."
    ] = Path("pki/fachverfahren.pem")
    server_ca: Annotated[Path, "Zertifizierungsstelle des Servers (PEM)."] = Path("pki/ca.pem")
    timeout_seconds: Annotated[int, "Wartezeit auf eine Antwort (Sekunden)."] = 60


@dataclass(frozen=True)
class FolderSettings:
    """Where files are exchanged; all on one file system, none within another."""

    outbox: Annotated[
        Path, "Hierhin legt das Fachverfahren NAME.xml und, mit Anlagen, den Ordner NAME."
    ] = Path("ausgang")
    sent: Annotated[Path, "Hierhin kommen angenommene Aufträge."] = Path("gesendet")
    receipts: Annotated[Path, "Hier erscheint NAME.quittung.xml."] = Path("quittungen")
    inbox: Annotated[Path, "Hier erscheint je Nachricht ein Ordner."] = Path("eingang")
    reports: Annotated[Path, "Hier erscheint NAME.report.xml."] = Path("berichte")
    failed: Annotated[
        Path, "Hierhin kommt, was sich nicht senden lässt, mit dem Grund in grund.txt."
    ] = Path("fehler")
    state: Annotated[Path, "Gedächtnis der Anbindung; bitte nichts darin ändern oder löschen."] = (
        Path("zustand")
    )


@dataclass(frozen=True)
class OutboxSettings:
    """When a job is complete, and how large it may be."""

    ready_files: Annotated[
        bool,
        "true: Ein Auftrag ist vollständig, sobald NAME.fertig daneben liegt; "
        "false: sobald sich settle_seconds lang nichts mehr ändert.",
    ] = False
    settle_seconds: Annotated[int, "So lange muss ein Auftrag unverändert liegen (Sekunden)."] = 5
    max_bytes: Annotated[int, "Größter Auftrag: Nachricht und Anlagen zusammen, in Bytes."] = (
        40 * _MEBIBYTE
    )


@dataclass(frozen=True)
class RhythmSettings:
    """How often the connector looks."""

    poll_seconds: Annotated[int, "Abstand zwischen zwei Durchgängen (Sekunden)."] = 5
    report_seconds: Annotated[
        int, "Abstand, in dem nach dem Verbleib gesendeter Nachrichten gefragt wird (Sekunden)."
    ] = 300
    longest_wait_seconds: Annotated[
        int, "Längster Abstand der Versuche, solange etwas vorübergehend nicht geht (Sekunden)."
    ] = 300


@dataclass(frozen=True)
class ConnectorSettings:
    """All settings; paths are absolute once they are read."""

    facade: Annotated[FacadeSettings, "Der Server."] = field(default_factory=FacadeSettings)
    folders: Annotated[
        FolderSettings,
        "Die Ordner. Alle liegen auf demselben Dateisystem, und keiner liegt in einem anderen.",
    ] = field(default_factory=FolderSettings)
    outbox: Annotated[OutboxSettings, "Der Ausgang."] = field(default_factory=OutboxSettings)
    rhythm: Annotated[RhythmSettings, "Der Takt."] = field(default_factory=RhythmSettings)


def read_settings(source: Path) -> ConnectorSettings:
    """Reads the file; raises ConnectorSettingsError."""
    try:
        raw = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConnectorSettingsError(source, [f"nicht lesbar: {error.strerror}."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConnectorSettingsError(source, [f"Kein gültiges TOML: {error}"]) from None
    problems = list(_find_mistakes(raw))
    if problems:
        raise ConnectorSettingsError(source, problems)
    settings = _build(raw, source.resolve().parent)
    problems = list(_find_nested_folders(settings.folders))
    if problems:
        raise ConnectorSettingsError(source, problems)
    return settings


def render_settings(settings: ConnectorSettings) -> str:
    """The settings as a TOML file in which every key is explained and its default shown."""
    blocks = [
        "# Einstellungen der Anbindung eines Fachverfahrens, das Dateien austauscht.\n"
        "# Pfade gelten relativ zu dieser Datei.\n"
    ]
    defaults = ConnectorSettings()
    for name, title in _describe(ConnectorSettings).items():
        section, default = getattr(settings, name), getattr(defaults, name)
        lines = [f"# {title}", f"[{name}]"]
        for key, description in _describe(type(section)).items():
            lines.append(f"# {description} Vorgabe: {_render_value(getattr(default, key))}")
            lines.append(f"{key} = {_render_value(getattr(section, key))}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def list_folders(folders: FolderSettings) -> list[tuple[str, Path]]:
    """The folders with their keys."""
    return [(f"folders.{key.name}", getattr(folders, key.name)) for key in fields(folders)]


def _describe(section: type) -> dict[str, str]:
    hints = get_type_hints(section, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def _find_mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    defaults = vars(ConnectorSettings())
    for name, values in raw.items():
        if name not in defaults:
            yield f"{name}: diesen Abschnitt gibt es nicht."
        elif not isinstance(values, dict):
            yield f"{name}: muss ein Abschnitt sein, [{name}]."
        else:
            yield from _find_mistakes_of_section(name, values, vars(defaults[name]))


def _find_mistakes_of_section(
    name: str, values: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Iterator[str]:
    for key, value in values.items():
        if key not in defaults:
            yield f"{name}.{key}: diesen Schlüssel gibt es nicht."
        elif complaint := _find_complaint(key, value, defaults[key]):
            yield f"{name}.{key}: {complaint}"


def _find_complaint(key: str, value: Any, default: Any) -> str:
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "muss true oder false sein."
    if isinstance(default, int):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return "" if is_number and value > 0 else "muss eine ganze Zahl größer als 0 sein."
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return "muss ein Text in Anführungszeichen sein und darf nicht leer sein."
    if key == "url" and not value.startswith("https://"):
        return "muss mit https:// beginnen."
    return ""


def _build(raw: Mapping[str, Any], base: Path) -> ConnectorSettings:
    sections = {
        name: type(default)(**_merge(vars(default), raw.get(name, {}), base))
        for name, default in vars(ConnectorSettings()).items()
    }
    return ConnectorSettings(**sections)


def _merge(defaults: Mapping[str, Any], values: Mapping[str, Any], base: Path) -> dict[str, Any]:
    merged = {**defaults, **values}
    paths = [key for key, default in defaults.items() if isinstance(default, Path)]
    return merged | {key: (base / Path(merged[key])).resolve() for key in paths}


def _find_nested_folders(folders: FolderSettings) -> Iterator[str]:
    for (key, path), (other_key, other) in itertools.combinations(list_folders(folders), 2):
        if path.is_relative_to(other) or other.is_relative_to(path):
            yield (
                f"{key} und {other_key}: Die Ordner müssen verschieden sein, und keiner darf im "
                f"anderen liegen ({path}, {other})."
            )


def _render_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
