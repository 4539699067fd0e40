"""The file of the settings: read once together with the environment, written by `damtshilfe init`.

A variable `DAMTSHILFE_<SECTION>__<KEY>` overrides the file. All mistakes are reported together.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from server.problem_texts import describe_cause, name_place
from server.settings import Settings
from server.settings_section import Section

# The password in the URL of a database.
_PASSWORD = re.compile(r"(://[^:/@\s]*:).*@")
ENVIRONMENT_PREFIX = "DAMTSHILFE_"


class SettingsError(Exception):
    """The settings cannot be used; `problems` names every mistake, in German."""

    def __init__(self, source: Path, problems: list[str]) -> None:
        super().__init__(f"{source}: " + "; ".join(problems))
        self.source = source
        self.problems = problems


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


def _describe_problem(problem: ErrorDetails) -> str:
    given = _PASSWORD.sub(r"\1***@", repr(problem["input"]))
    return f"{name_place(problem)}: {describe_cause(problem)} (angegeben: {given})"


def _anchor_paths(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path taken from the file's own folder."""
    sections = {
        name: section.model_copy(update=_anchored_values(section, folder))
        for name, section in settings
    }
    return settings.model_copy(update=sections)


def _anchored_values(section: Section, folder: Path) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, value in section:
        if isinstance(value, Path):
            changed[key] = folder / value
        elif isinstance(value, str) and value.startswith("sqlite:///"):
            changed[key] = f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
        elif key in ("dir", "ca", "templates") and isinstance(value, str) and value:
            changed[key] = str(folder / value)
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


def _render_section(name: str, title: str, section: Section) -> str:
    lines = [f"# {title}", f"[{name}]"]
    tables = []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, dict) and all(isinstance(item, Section) for item in value.values()):
            lines.append(f"# {field.description} Jede hat einen Abschnitt [{name}.{key}.NAME].")
            tables += [_render_section(f"{name}.{key}.{item}", item, value[item]) for item in value]
        elif isinstance(value, Section):
            tables.append(_render_section(f"{name}.{key}", field.description or "", value))
        else:
            default = field.get_default(call_default_factory=True)
            if value is None:
                lines.append(f"# {field.description}")
                continue
            lines.append(f"# {field.description} Vorgabe: {_render_value(default)}")
            lines.append(f"{key} = {_render_value(value)}")
    return "\n".join(["\n".join(lines) + "\n", *tables])


def _render_value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {_render_value(item)}" for key, item in value.items())
        return "{ " + pairs + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_render_value, value))}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
