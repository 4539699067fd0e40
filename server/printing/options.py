"""The options of output plugins: read once, all mistakes told together, secrets never shown."""

import os
import stat
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from server.printing.output import OutputSetup, OutputUnavailable
from server.problem_texts import describe_cause, name_place

_BASE = "base"


class BadOutputOptions(Exception):
    """The options of a plugin are wrong; `problems` names every mistake, in German."""

    def __init__(self, output: str, problems: list[str]) -> None:
        super().__init__(f"Druckausgabe „{output}“: {'; '.join(problems)}")
        self.output = output
        self.problems = problems


def _anchor(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get(_BASE, Path())
    return base / path


def _require_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"die Datei {path} fehlt")
    return path


def _require_private_file(path: Path) -> Path:
    if stat.S_IMODE(_require_file(path).stat().st_mode) & 0o077:
        raise ValueError(f"die Datei {path} darf nur ihrem Besitzer zugänglich sein (Rechte 0600)")
    return path


# Paths count from the folder of the settings file.
OptionPath = Annotated[Path, AfterValidator(_anchor)]
OptionFile = Annotated[OptionPath, AfterValidator(_require_file)]
# A file that holds a key or a password.
SecretFile = Annotated[OptionPath, AfterValidator(_require_private_file)]
Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0)]


class OutputOptions(BaseModel):
    """The base of a plugin's options: frozen, without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Options = TypeVar("Options", bound=OutputOptions)


def read_options(model: type[Options], setup: OutputSetup) -> Options:
    """The options of an output; raises BadOutputOptions with every mistake.

    Values are not repeated in the messages: one may be a secret at a wrong place.
    """
    try:
        return model.model_validate(dict(setup.options), context={_BASE: setup.base})
    except ValidationError as error:
        problems = [
            f"{name_place(item) or 'options'}: {describe_cause(item)}" for item in error.errors()
        ]
        raise BadOutputOptions(setup.name, problems) from None


def read_secret(output: str, file: Path | None, variable: str) -> str:
    """The first line of a file, or a variable of the environment; "" where neither is named.

    It is read anew each time, so that it can be replaced. Raises OutputUnavailable.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "kein UTF-8"
            raise OutputUnavailable(
                f"Druckausgabe „{output}“: Die Datei {file} ist nicht lesbar ({reason})."
            ) from None
    if variable and variable not in os.environ:
        raise OutputUnavailable(
            f"Druckausgabe „{output}“: Die Umgebungsvariable {variable} ist nicht gesetzt."
        )
    return os.environ.get(variable, "") if variable else ""


def require_at_most_one(values: dict[str, Any]) -> None:
    """Raises ValueError (German) where more than one of these options is given."""
    given = [name for name, value in values.items() if value]
    if len(given) > 1:
        raise ValueError(f"nur eine der Angaben {', '.join(given)} ist möglich")
