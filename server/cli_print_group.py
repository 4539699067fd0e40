"""The commands `damtshilfe print`: outputs, letters and their batches."""

import click

from server.cli_lazy import LazyGroup


@click.group("print", cls=LazyGroup)
def print_group() -> None:
    """Commands about letters on their way to the printer."""


print_group.add_lazies(
    (
        "acknowledge",
        "server.cli_batches:print_acknowledge",
        "Vermerkt Abweichungen eines Stapels als geklärt, mit dem Ergebnis.",
    ),
    ("batch", "server.cli_batches:print_batch", "Zeigt einen Stapel mit seinen Briefen."),
    ("batches", "server.cli_batches:print_batches", "Zeigt die Stapel, neueste zuerst."),
    ("check", "server.cli_print:print_check", "Prüft, ob die Ausgabe NAME erreichbar ist."),
    (
        "close",
        "server.cli_batches:print_close",
        "Schließt die Stapel sofort, ohne auf den Annahmeschluss zu warten.",
    ),
    (
        "letter",
        "server.cli_batches:print_letter",
        "Schreibt einen Brief, wie er versandt wird, in eine Datei.",
    ),
    (
        "outputs",
        "server.cli_print:print_outputs",
        "Zeigt Plugins und Ausgaben und prüft, ob sie erreichbar sind.",
    ),
    (
        "poll",
        "server.cli_batches:print_poll",
        "Fragt die Druckausgabe sofort, was aus den Briefen wurde.",
    ),
    (
        "recall",
        "server.cli_batches:print_recall",
        "Zieht einen Brief zurück, solange das noch geht.",
    ),
    (
        "retry",
        "server.cli_batches:print_retry",
        "Übergibt einen Stapel sofort; einen abgelehnten mit neuen Briefen.",
    ),
)
