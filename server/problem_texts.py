"""German texts for what pydantic finds in settings and in the options of plugins."""

from pydantic_core import ErrorDetails

_TEXTS = {
    "extra_forbidden": "diesen Schlüssel gibt es nicht",
    "missing": "die Angabe fehlt",
    "int_parsing": "muss eine ganze Zahl sein",
    "int_type": "muss eine ganze Zahl sein",
    "int_from_float": "muss eine ganze Zahl sein",
    "bool_parsing": "muss true oder false sein",
    "bool_type": "muss true oder false sein",
    "float_parsing": "muss eine Zahl sein",
    "float_type": "muss eine Zahl sein",
    "decimal_type": "muss eine Zahl sein",
    "decimal_parsing": "muss eine Zahl sein",
    "string_type": "muss ein Text sein",
    "tuple_type": "muss eine Liste sein",
    "path_type": "muss ein Pfad sein",
    "model_type": "muss ein Abschnitt sein",
    "model_attributes_type": "muss ein Abschnitt sein",
    "dict_type": "muss ein Abschnitt sein",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than_equal": "darf höchstens {le} sein",
    "string_too_short": "darf nicht leer sein",
    "string_pattern_mismatch": "hat keinen der erlaubten Werte ({pattern})",
    "value_error": "{error}",
}


def name_place(problem: ErrorDetails) -> str:
    """Where a problem is, as the keys stand in the file."""
    return ".".join(str(part) for part in problem["loc"])


def describe_cause(problem: ErrorDetails) -> str:
    """What is wrong, without the value that was given."""
    return _TEXTS.get(problem["type"], problem["msg"]).format(**problem.get("ctx", {}))
