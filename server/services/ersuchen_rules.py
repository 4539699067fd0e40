"""What an Ersuchen must fulfil beyond its schema (9052)."""

from collections.abc import Callable, Iterator

from stdnum import iban

from server.domain.ersuchen import Ersuchen

_Rule = Callable[[Ersuchen], Iterator[str]]


def find_violations(ersuchen: Ersuchen) -> tuple[str, ...]:
    """German sentences, all of them together; none where everything is right."""
    return tuple(problem for rule in _RULES for problem in rule(ersuchen))


def _check_iban(ersuchen: Ersuchen) -> Iterator[str]:
    bank = ersuchen.bankverbindung
    if bank and not iban.is_valid(bank.iban):
        yield f"Die IBAN {bank.iban} ist nicht gültig (Prüfziffer oder Länge)."


def _check_address(ersuchen: Ersuchen) -> Iterator[str]:
    anschrift = ersuchen.schuldner.anschrift
    if not (anschrift.strasse or anschrift.ort):
        yield "Der Schuldner hat keine Anschrift: Es fehlen Straße und Ort."


_RULES: tuple[_Rule, ...] = (_check_iban, _check_address)
