"""The German lines of a Vorgang's history."""

from collections.abc import Mapping
from datetime import date

from server.domain.vorgang_decision import read_amount
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts

MESSAGE_NAMES: Mapping[VorgangEvent, str] = {
    VorgangEvent.ERSUCHEN: "Vollstreckungshilfeersuchen",
    VorgangEvent.EINGANGSBESTAETIGUNG: "Eingangsbestätigung",
    VorgangEvent.ABGABE: "Abgabe an eine andere Behörde",
    VorgangEvent.RUECKFRAGE: "Rückfrage",
    VorgangEvent.ANTWORT: "Antwort",
    VorgangEvent.FORDERUNGSAENDERUNG: "Änderung der Forderung",
    VorgangEvent.RATENZAHLUNG: "Ratenzahlung",
    VorgangEvent.ZAHLUNGSMITTEILUNG: "Zahlungsmitteilung",
    VorgangEvent.SACHSTAND: "Sachstand",
    VorgangEvent.ERGEBNIS: "Ergebnis einer Maßnahme",
    VorgangEvent.RUECKNAHME: "Rücknahme des Ersuchens",
    VorgangEvent.ERLEDIGUNG: "Erledigung",
    VorgangEvent.ZURUECKWEISUNG: "Zurückweisung",
    VorgangEvent.SONSTIGE: "Nachricht zu diesem Vorgang",
}
OUTCOME_NAMES: Mapping[str, str] = {
    "angenommen": "angenommen",
    "in-bearbeitung": "in Bearbeitung",
    "ausgesetzt": "ausgesetzt",
    "erfolgreich": "erfolgreich",
    "teilweise": "teilweise erfolgreich",
    "fruchtlos": "fruchtlos",
    "bezahlt": "bezahlt",
    "teilweise-bezahlt": "teilweise bezahlt",
    "zurueckgenommen": "zurückgenommen",
}
_TRANSPORT = {
    VorgangEvent.ZUGESTELLT: "liegt im Postfach des Empfängers",
    VorgangEvent.BRIEF_AUSGEGEBEN: "als Brief an die Druckausgabe übergeben",
    VorgangEvent.BRIEF_ZURUECKGEKOMMEN: "Brief als unzustellbar zurückgekommen",
    VorgangEvent.EMPFANGEN: "Empfang bestätigt",
    VorgangEvent.ZURUECKGEZOGEN: "vor der Zustellung zurückgezogen",
    VorgangEvent.ZURUECKGEHOLT: "ungelesen zurückgeholt, kommt auf anderem Weg",
    VorgangEvent.VERFALLEN: "verfallen, weil der Empfang nicht rechtzeitig bestätigt wurde",
    VorgangEvent.ZURUECKGEGEBEN: "unzugestellt zurückgegeben",
    VorgangEvent.ANGEHALTEN: "Zustellung angehalten, der Betreiber ist gefragt",
    VorgangEvent.TEST_BEENDET: "Test beendet, es wurde kein Brief erzeugt",
    VorgangEvent.ERSATZBRIEF: "elektronisch nicht angekommen, ersatzweise als Brief beauftragt",
    VorgangEvent.SCHADSOFTWARE: "nicht zugestellt, Schadsoftware gefunden",
}


def describe_message(facts: VorgangFacts, *, is_test: bool) -> str:
    """What a message is and says, such as „Sachstand: in Bearbeitung“."""
    outcome = _describe_outcome(facts)
    name = _name(facts.event, is_test=is_test)
    return f"{name}: {outcome}" if outcome else name


def describe_transport(facts: VorgangFacts, event: VorgangEvent, *, is_test: bool) -> str:
    """What happened to a message on its way."""
    return f"{_name(facts.event, is_test=is_test)}: {_TRANSPORT[event]}"


def describe_reminder(due: date, today: date, *, is_own: bool, is_test: bool) -> str:
    """That an answer has not come in time, from who owes it."""
    mark = "Testnachricht: " if is_test else ""
    days = (today - due).days
    since = "seit einem Tag" if days == 1 else f"seit {days} Tagen"
    if is_own:
        return f"{mark}Ihre Antwort war bis zum {due:%d.%m.%Y} fällig und steht {since} aus."
    return f"{mark}Bis zum {due:%d.%m.%Y} ist keine Antwort eingegangen, sie fehlt {since}."


def _name(event: VorgangEvent, *, is_test: bool) -> str:
    return f"Testnachricht: {MESSAGE_NAMES[event]}" if is_test else MESSAGE_NAMES[event]


def _describe_outcome(facts: VorgangFacts) -> str:
    if facts.event is not VorgangEvent.ZAHLUNGSMITTEILUNG:
        return OUTCOME_NAMES.get(facts.outcome, "")
    open_amount = read_amount(facts.outcome)
    if open_amount is None:
        return ""
    if open_amount == 0:
        return "nichts mehr offen, die Erledigung steht noch aus"
    whole = f"{open_amount:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"noch offen {whole} Euro"
