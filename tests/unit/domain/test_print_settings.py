"""Choices of a Mandant over the defaults of the installation."""

from server.domain.print_settings import PrintChoice, PrintSettings

DEFAULTS = PrintSettings("haus", duplex=True, stock="weiss", cost_centre="4711")


def test_apply_to_nothing_chosen_leaves_the_defaults() -> None:
    assert PrintChoice().apply_to(DEFAULTS) == DEFAULTS


def test_apply_to_chosen_values_go_first_also_false_and_empty_ones() -> None:
    choice = PrintChoice(duplex=False, stock="", product="dv-frei")
    assert choice.apply_to(DEFAULTS) == PrintSettings(
        "haus", duplex=False, stock="", product="dv-frei", cost_centre="4711"
    )


def test_change_new_choices_stand_beside_the_old_ones() -> None:
    old = PrintChoice(output="haus", colour=True)
    assert old.change(PrintChoice(output="dienst")) == PrintChoice(output="dienst", colour=True)
