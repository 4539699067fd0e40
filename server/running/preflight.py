"""What must be right before anything starts, checked together and told in German."""

from collections.abc import Iterable
from datetime import datetime

from server.bootstrap_letters import make_letter_style
from server.bootstrap_printing import list_choices
from server.printing.dispatcher import find_output_problems
from server.printing.marks import MarkUnusable
from server.printing.stationery import StationeryFolders, TemplatesInvalid
from server.printing.template_check import find_template_problems
from server.running.installation_check import find_installation_problems
from server.running.ports import find_port_problem
from server.settings import Settings
from server.settings_printing import PrintingSettings


def find_problems(settings: Settings, now: datetime) -> list[str]:
    """Mistakes in files, keys, plugins and letters (German sentences)."""
    return [
        *find_installation_problems(settings, now),
        *find_output_problems(list_choices(settings), settings.printing.output),
        *find_letter_problems(settings.printing),
    ]


def find_letter_problems(printing: PrintingSettings) -> list[str]:
    """What hinders letters: own templates, the place of marks (German sentences)."""
    try:
        folders = StationeryFolders(printing.templates_folder)
        problems = find_template_problems(folders, make_letter_style(printing, folders))
    except TemplatesInvalid as error:
        problems = error.problems
    except MarkUnusable as error:
        return [f"printing.marks: {error}"]
    return [f"printing.templates: {problem}" for problem in problems]


def find_taken_ports(listeners: Iterable[tuple[str, str, int]]) -> list[str]:
    """Ports (setting, host, port) that something else listens on (German sentences)."""
    return [
        f"{key}: {problem}"
        for key, host, port in listeners
        if (problem := find_port_problem(host, port))
    ]
