"""`damtshilfe mandant` beside a running server: what is said takes effect with the next request."""

import uuid

import pytest

from clients.xta import XtaFault
from tests.support.installation import Installation, run_cli

JENA = "xoev:ags:16053000"
CONTACT = ("--contact", "Eva Ahorn, e.ahorn@jena.example")


def manage(installation: Installation, command: str, *arguments: str, expected: int = 0) -> str:
    config = ("--config", str(installation.config))
    result = run_cli("mandant", command, *arguments, *config, expected=expected)
    return result.stdout if expected == 0 else result.stderr


def test_mandant_deactivated_and_registered_again_is_followed_by_every_operation(
    installation: Installation,
) -> None:
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    name = installation.mandant("jena")["behoerde"]
    manage(installation, "deactivate", JENA)
    try:
        with pytest.raises(XtaFault) as locked:
            reader.check_account_active()
        with pytest.raises(XtaFault) as refused:
            author.send(installation.outgoing(author.create_message_id(), "jena"))
    finally:
        manage(installation, "register", JENA, "--name", name, *CONTACT)
        with pytest.raises(XtaFault) as unconfirmed:
            reader.check_account_active()
        assert "Testzugang bis zum" in manage(installation, "confirm", JENA)
        reader.check_account_active()
        status = run_cli("status", "--config", str(installation.config)).stdout
        assert "Zugang: bestellt" in manage(installation, "order", JENA)
    assert (locked.value.code, refused.value.code) == ("9011", "9022")
    assert "ist deaktiviert, seit dem" in str(locked.value)
    assert "noch nicht bestätigt" in str(unconfirmed.value)
    assert "Der Testzugang endet" not in status
    shown = manage(installation, "show", JENA)
    assert "Kontaktperson:        Eva Ahorn, e.ahorn@jena.example" in shown
    assert shown.count("Betreiber: ") >= 4


def test_mandant_commands_from_registration_to_cancellation(installation: Installation) -> None:
    kennung = f"xoev:ags:{uuid.uuid4()}"
    register = (kennung, "--name", "Stadt Erfurt", *CONTACT)
    assert "angemeldet, noch nicht bestätigt" in manage(installation, "register", *register)
    refusal = manage(installation, "order", kennung, expected=1)
    assert "Stadt Erfurt ist angemeldet, aber noch nicht bestätigt." in refusal
    manage(installation, "confirm", kennung)
    assert "Ole Birke" in manage(installation, "contact", kennung, "--contact", "Ole Birke")
    manage(installation, "order", kennung)
    assert "gekündigt bis zum" in manage(installation, "cancel", kennung)
    assert "ist bereits gekündigt" in manage(installation, "cancel", kennung, expected=1)
    assert kennung in manage(installation, "list")
    assert "deaktiviert" in manage(installation, "deactivate", kennung)


def test_mandant_register_kennung_without_type_is_told(installation: Installation) -> None:
    error = manage(installation, "register", "16051000", "--name", "a", *CONTACT, expected=1)
    assert "nicht die Form typ:wert" in error


def test_status_shows_a_test_access_that_ends_soon(installation: Installation) -> None:
    kennung = f"xoev:ags:{uuid.uuid4()}"
    manage(installation, "register", kennung, "--name", "Stadt Gera", *CONTACT)
    manage(installation, "confirm", kennung)
    config = installation.config.with_name("kurz.toml")
    text = installation.config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("reminder_days = [10, 5, 1]", "reminder_days = [40]"), encoding="utf-8"
    )
    status = run_cli("status", "--config", str(config)).stdout
    assert f"{kennung}  Stadt Gera: Der Testzugang endet in 29 Tagen" in status
    manage(installation, "deactivate", kennung)


def test_mandant_fallback_rules_are_set_shown_and_kept_in_the_history(
    installation: Installation,
) -> None:
    kennung = f"xoev:ags:{uuid.uuid4()}"
    manage(installation, "register", kennung, "--name", "Stadt Erfurt", *CONTACT)
    shown = manage(installation, "fallback", "show", kennung)
    assert "nicht abgeholte Nachrichten: bleiben im Postfach" in shown
    assert shown.count("keine Regel") == 2
    refused = manage(installation, "fallback", "set", kennung, expected=1)
    assert "mindestens eine Regel" in refused
    manage(installation, "fallback", "set", kennung, "--unread-days", "14", "--refused", "return")
    manage(installation, "fallback", "set", kennung, "--no-endpoint", "letter")
    shown = manage(installation, "fallback", "show", kennung)
    assert "nach 14 Tagen ein Brief" in shown
    assert "vom Leser abgelehnte: zurück an den Absender" in shown
    assert "elektronisch nicht erreichbar: ein Brief" in shown
    assert "bleiben im Postfach" in manage(
        installation, "fallback", "set", kennung, "--unread-days", "0"
    )
    assert manage(installation, "show", kennung).count("Ersatzweg: ") == 3
    unknown = manage(installation, "fallback", "show", "xoev:ags:0", expected=1)
    assert "gibt es hier nicht" in unknown
