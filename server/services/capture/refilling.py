"""From a sent Ersuchen back to what somebody would have typed, for a copy of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from persistence.blobs import Blobs
from persistence.database import Database, Stores
from server.domain.anschrift import Anschrift
from server.domain.draft import DraftAttachment, Step, StepValues
from server.domain.ersuchen import (
    Bankverbindung,
    ErbeteneMassnahme,
    Ersuchen,
    Forderung,
    Nebenforderung,
    Person,
    Schuldner,
)
from server.domain.german import format_euro, format_german_day
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.domain.web_user import Actor
from server.services.capture.choices import ANLAGE_ARTEN, FIRMA, PERSON
from server.services.capture.drafts import Drafts, Origin
from server.xmlio.ersuchen import ERSUCHEN, read_ersuchen
from server.xmlio.payloads import PayloadInspector


class NotCopied(Exception):
    """The message cannot become a draft; the text is German."""


class Refilling:
    """Makes drafts of messages that were sent."""

    def __init__(
        self, database: Database, blobs: Blobs, inspector: PayloadInspector, drafts: Drafts
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._inspector = inspector
        self._drafts = drafts

    def copy(self, actor: Actor, message: StoredMessage) -> str:
        """A new draft with what the message of the actor's Mandant says; its ID.

        Raises NotCopied, BlobUnreadable and BlobStoreUnavailable.
        """
        ersuchen = self._read(message)
        arten = {item.dateiname: item.art for item in ersuchen.anlage_list}
        attachments = [
            _to_attachment(item, arten)
            for item in message.parts
            if item.kind == PartKind.ATTACHMENT
        ]

        def copy(stores: Stores) -> str:
            content = write_content(ersuchen)
            draft_id = self._drafts.add(
                stores, actor, content, "entwurf-kopiert", Origin(message.head.message_id)
            )
            for attachment in attachments:
                self._drafts.attach(stores, actor, draft_id, attachment)
            return draft_id

        return self._database.write(copy)

    def _read(self, message: StoredMessage) -> Ersuchen:
        found = next((item for item in message.parts if item.kind == PartKind.MESSAGE), None)
        content = self._blobs.find(found.blob) if found else None
        if content is None or self._inspector.find_root(content) != ERSUCHEN:
            raise NotCopied(
                "Kopieren lässt sich nur ein Vollstreckungshilfeersuchen, das unverschlüsselt "
                "gesendet wurde."
            )
        return read_ersuchen(self._inspector.parse(content))


def write_content(ersuchen: Ersuchen) -> Mapping[str, StepValues]:
    """Ersuchen → what was typed, by step; the recipient is found anew."""
    asking = ersuchen.ersuchender
    return {
        Step.SCHULDNER.value: {
            "aktenzeichen": asking.aktenzeichen,
            "bearbeiter": asking.bearbeiter,
            "telefon": asking.telefon,
            "email": asking.email,
            "schuldner": [_write_schuldner(item) for item in ersuchen.schuldner_list],
        },
        Step.FORDERUNGEN.value: {
            "forderungen": [_write_forderung(item) for item in ersuchen.forderung_list],
            **_write_bescheinigung(ersuchen),
            **_write_bank(ersuchen.bankverbindung),
        },
        Step.MASSNAHMEN.value: {
            "rechtsgrundlagen": "\n".join(ersuchen.rechtsgrundlage_list),
            "massnahmen": [_write_massnahme(item) for item in ersuchen.massnahme_list],
            "bemerkung": ersuchen.bemerkung,
        },
    }


def _to_attachment(part: ContentPart, arten: Mapping[str, str]) -> DraftAttachment:
    name = part.attributes.get("filename", "")
    art = arten.get(name, "")
    kind = art if art in ANLAGE_ARTEN else "sonstiges"
    content_type = part.attributes.get("contentType", "application/octet-stream")
    return DraftAttachment(0, name or "Anlage", content_type, kind, part.blob)


def _write_schuldner(schuldner: Schuldner) -> StepValues:
    wer = schuldner.wer
    address = _write_anschrift(schuldner.anschrift)
    if isinstance(wer, Person):
        return {
            "art": PERSON,
            "name": wer.name,
            "vorname": wer.vorname,
            "geburtsname": wer.geburtsname,
            "geburtsdatum": _day(wer.geburtsdatum),
            "geburtsort": wer.geburtsort,
            **address,
        }
    return {
        "art": FIRMA,
        "firma": wer.name,
        "rechtsform": wer.rechtsform,
        "register": wer.register,
        "vertreter": "\n".join(wer.vertreter_list),
        **address,
    }


def _write_anschrift(anschrift: Anschrift | None, prefix: str = "") -> dict[str, str]:
    values = vars(anschrift) if anschrift else {}
    return {f"{prefix}{name}": value for name, value in values.items()}


def _write_forderung(forderung: Forderung) -> StepValues:
    bescheid, late, period = forderung.bescheid, forderung.saeumniszuschlag, forderung.zeitraum
    delivery = bescheid.zustellung if bescheid else None
    return {
        "einnahmeart": forderung.einnahmeart,
        "bezeichnung": forderung.bezeichnung,
        "kassenzeichen": forderung.kassenzeichen,
        "betrag": _amount(forderung.betrag),
        "faelligkeit": _day(forderung.faelligkeit),
        "zeitraum_von": _day(period.von if period else None),
        "zeitraum_bis": _day(period.bis if period else None),
        "nebenforderungen": [_write_beside(item) for item in forderung.nebenforderung_list],
        "zuschlag": _amount(late.betrag) if late else "",
        "zuschlag_bis": _day(late.berechnet_bis if late else None),
        "zuschlag_weiter": bool(late and late.laeuft_weiter),
        "bescheid_vom": _day(bescheid.datum if bescheid else None),
        "bescheid_aktenzeichen": bescheid.aktenzeichen if bescheid else "",
        "zustellung_art": delivery.art if delivery else "",
        "zustellung_am": _day(delivery.datum if delivery else None),
        "unanfechtbar_seit": _day(bescheid.unanfechtbar_seit if bescheid else None),
    }


def _write_beside(item: Nebenforderung) -> StepValues:
    return {
        "art": item.art,
        "bezeichnung": item.bezeichnung,
        "betrag": _amount(item.betrag),
        "faelligkeit": _day(item.faelligkeit),
    }


def _write_bescheinigung(ersuchen: Ersuchen) -> dict[str, str]:
    certificate = ersuchen.bescheinigung
    if certificate is None:
        return {}
    return {
        "bescheinigt_am": _day(certificate.ausgestellt_am),
        "bescheinigt_von": certificate.ausgestellt_von,
        "bescheinigung": certificate.text,
    }


def _write_bank(bank: Bankverbindung | None) -> dict[str, str]:
    return dict(vars(bank)) if bank else {}


def _write_massnahme(massnahme: ErbeteneMassnahme) -> StepValues:
    third = massnahme.drittschuldner
    return {
        "art": massnahme.art,
        "drittschuldner_name": third.name if third else "",
        **_write_anschrift(third.anschrift if third else None, "drittschuldner_"),
        "iban": massnahme.iban,
        "kennzeichen": massnahme.kennzeichen,
        "grundstueck": massnahme.grundstueck,
        "gegenstand": massnahme.gegenstand,
        "hinweis": massnahme.hinweis,
    }


def _day(day: date | None) -> str:
    return format_german_day(day) if day else ""


def _amount(amount: Decimal) -> str:
    return format_euro(amount).removesuffix("€").strip()
