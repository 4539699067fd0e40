"""A valid request to each route of the Web-Client that changes something."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp

from persistence.stores.letter_news import BatchNews
from server.domain.codeliste import Codeliste
from server.domain.draft import Step
from server.domain.reconciliation import NOT_COUNTED
from server.domain.rights import Role
from server.pki import Authority
from server.pki.exchange import make_request
from server.services.directory_care import DirectoryCare
from server.xmlio.genericode import write_codeliste
from tests.support.audited_changes import Person, Request, Scene
from tests.support.capturing import COCHEM, CONTENT
from tests.support.lettering import list_batches
from tests.support.members import PASSWORD
from tests.unit.services.batching.test_submitting import be_away, refuse
from tests.unit.services.test_sending import command, make_sending
from tests.unit.web.test_capture import PDF, flatten
from tests.unit.web.test_letterhead import TEXTS
from tests.unit.web.test_matters import CLERK, EverybodyKnown, write_ersuchen
from tests.unit.web.test_own_massnahmen import GIVEN

USERS = "/benutzer"
BANK = "/einstellungen/bankverbindungen"
IBAN = "DE02120300000000202051"
LETTERHEAD = "/behoerde/briefkopf"
CERTIFICATES = "/behoerde/zertifikate"
MEASURES = "/massnahmen"
QUEUE = "/betrieb/zustellung"
PRINT = "/betrieb/druck"
DIRECTORY = "/betrieb/verzeichnis"
MANDANTEN = "/betrieb/mandanten"
LISTS = "/codelisten/import"
FACTOR = "/profil/zweiter-faktor"
_PLACES = {
    "kodierung": "utf-8",
    "dateien": (b"ags;plz;ort;kreis\n16052000;07545;Gera;\n", "orte.csv"),
}
_COLOURS = Codeliste("urn:example:farben", "1", "Farben", {"r": "Rot"})
_LISTS = {"dateien": (write_codeliste(_COLOURS), "farben.xml")}


# What has to be there before a change.


def begin(scene: Scene, person: Person | None = None) -> str:
    """A new draft; its address without a step."""
    answer = scene.press(person or scene.clerk, "/entwuerfe", "/entwuerfe/neu")
    return answer.headers["Location"].removesuffix("/schuldner")


def complete(scene: Scene) -> str:
    """A draft that could be sent."""
    draft = begin(scene)
    for step in (Step.SCHULDNER, Step.FORDERUNGEN, Step.MASSNAHMEN):
        path = f"{draft}/{step}"
        scene.press(scene.clerk, path, path, **flatten(CONTENT[step]), aktion="weiter")
    return draft


def attach(scene: Scene) -> tuple[str, str]:
    """A draft with an attachment: its address, and the key of the attachment."""
    path = f"{begin(scene)}/anlagen"
    scene.press(scene.clerk, path, path, dateien=(PDF, "bescheid.pdf"))
    found = re.search(r'name="art-(\d+)"', scene.clerk.browser.get(path).text)
    assert found
    return path, found.group(1)


def make_template(scene: Scene) -> str:
    """A template; its address without a step."""
    answer = scene.press(scene.manager, "/entwuerfe", f"{begin(scene)}/als-vorlage")
    return answer.headers["Location"].removesuffix("/schuldner")


def send(scene: Scene, message_id: str = "urn:x:1", days: int = 0) -> int:
    """An Ersuchen from one authority to the other, in so many days; its key."""
    sending = make_sending(scene.database, scene.blobs, EverybodyKnown(), scene.clock)
    content = write_ersuchen(scene.asking, scene.asked)
    reader = scene.asked.mandant.identifier
    early = {"not_before": scene.clock.now + timedelta(days=days)} if days else {}
    sending.send(command(scene.asking, reader, message=content, message_id=message_id, **early))
    with scene.database.reading() as stores:
        found = stores.messages.find(message_id)
    assert found
    return found.key


def open_message(scene: Scene) -> str:
    """A message that was opened; its address."""
    path = f"/nachrichten/{send(scene)}"
    scene.press(scene.other_clerk, path, f"{path}/oeffnen")
    return path


def add_user(scene: Scene) -> str:
    """A clerk for whom the administrator cares; the address."""
    user = scene.site.add_user("kim", Role.SACHBEARBEITER, scene.asking.mandant.key)
    return f"{USERS}/{user.key}"


def add_measure(scene: Scene) -> str:
    """A measure of the authority's own; its address."""
    scene.press(scene.administrator, "/eigene-massnahme", "/eigene-massnahme", **GIVEN)
    return f"{MEASURES}/{GIVEN['schluessel']}"


def close_batch(scene: Scene) -> str:
    """A batch that waits for its hand-over; its address."""
    scene.shop.add(1)
    scene.press(scene.operator, PRINT, f"{PRINT}/schliessen")
    return _find_batch(scene)


def hand_over(scene: Scene) -> str:
    """A batch as the output left it; its address."""
    scene.shop.add(1)
    scene.shop.room.work_off()
    return _find_batch(scene)


def _find_batch(scene: Scene) -> str:
    (batch,) = list_batches(scene.database)
    return f"{PRINT}/{batch.batch_id}"


def differ(scene: Scene) -> str:
    """A batch whose output counted otherwise."""
    path = close_batch(scene)
    (batch,) = list_batches(scene.database)
    with scene.database.writing() as stores:
        news = BatchNews(scene.clock(), "", NOT_COUNTED, ("Eine fehlt.",), 1, open_count=1)
        stores.letter_news.save_batch_news(batch.key, news)
    return path


def park(scene: Scene) -> str:
    """A message that is parked; its address."""
    scene.desk.park("urn:x:1")
    return "/betrieb/nachricht?id=urn:x:1"


def upload_places(scene: Scene) -> str:
    """Files for the directory; the address of their dry run."""
    answer = scene.press(scene.operator, DIRECTORY, DIRECTORY, **_PLACES)
    return answer.headers["Location"]


def upload_lists(scene: Scene) -> str:
    """A code list; the address of its dry run."""
    return scene.press(scene.operator, LISTS, LISTS, **_LISTS).headers["Location"]


def set_up_factor(scene: Scene) -> pyotp.TOTP:
    """The clerk has a second factor; the next code counts."""
    totp = _show_factor(scene)
    scene.press(scene.clerk, FACTOR, FACTOR, secret=totp.secret, code=totp.at(scene.clock.now))
    scene.clock.advance(minutes=1)
    return totp


def _show_factor(scene: Scene) -> pyotp.TOTP:
    page = scene.clerk.browser.get(FACTOR).text
    found = re.search(r'<code class="da-code">([A-Z2-7]{32})</code>', page)
    assert found
    return pyotp.TOTP(found.group(1))


def arrive(scene: Scene) -> Person:
    """A user before signing in."""
    scene.site.add_user("kim", Role.SACHBEARBEITER, scene.asking.mandant.key)
    return Person(scene.site.open_browser(), "Name von kim (kim)", scene.asking.mandant.key)


def show_password_only(scene: Scene) -> tuple[Person, pyotp.TOTP]:
    """The clerk in another browser, where the code is missing."""
    totp = set_up_factor(scene)
    person = Person(scene.site.open_browser(), scene.clerk.name, scene.clerk.mandant_key)
    person.browser.sign_in("eva")
    return person, totp


# The changes.


def administer(page: str, path: str = "", /, **values: Any) -> Callable[[Scene], Request]:
    """A form of the administrator."""
    return lambda s: s.fill_in(s.administrator, page, path or page, **values)


def act_on(
    prepare: Callable[[Scene], str], action: str, **values: Any
) -> Callable[[Scene], Request]:
    """A form of the operator on the page that `prepare` leads to; `action` ends its address."""

    def act(scene: Scene) -> Request:
        page = prepare(scene)
        path = action if action.startswith("/betrieb") else f"{page}/{action}"
        return scene.fill_in(scene.operator, page, path, **values)

    return act


def act_on_user(action: str, **values: Any) -> Callable[[Scene], Request]:
    def act(scene: Scene) -> Request:
        page = add_user(scene)
        return scene.fill_in(scene.administrator, page, f"{page}/{action}", **values)

    return act


def act_on_measure(action: str, **values: Any) -> Callable[[Scene], Request]:
    def act(scene: Scene) -> Request:
        page = add_measure(scene)
        path = f"{page}/{action}"
        shown = page if action == "loeschen" else path
        return scene.fill_in(scene.administrator, shown, path, **values)

    return act


def act_on_mandant(action: str, **values: Any) -> Callable[[Scene], Request]:
    def act(scene: Scene) -> Request:
        page = f"{MANDANTEN}/{scene.asking}"
        request = scene.fill_in(scene.operator, page, f"{page}/{action}", **values)
        return scene.tell(request, str(scene.asking))

    return act


def unlock_user(scene: Scene) -> Request:
    page = add_user(scene)
    scene.press(scene.administrator, page, f"{page}/sperren")
    return scene.fill_in(scene.administrator, page, f"{page}/entsperren")


def ask_for_certificate(scene: Scene) -> Request:
    path = f"{CERTIFICATES}/ausstellen"
    asked = (make_request("potsdam")[1], "antrag.pem")
    return scene.fill_in(scene.administrator, path, path, tage="7", antrag=asked)


def register_certificate(scene: Scene) -> Request:
    issued = Authority.create("Andere CA", scene.clock.now).issue_client("p", scene.clock.now)
    path, file = f"{CERTIFICATES}/eintragen", (issued.pem_certificate(), "neu.pem")
    return scene.fill_in(scene.administrator, path, path, tage="7", datei=file)


def revoke_certificate(scene: Scene) -> Request:
    path = f"{CERTIFICATES}/{scene.asking.certificate_fingerprint}/sperren"
    return scene.fill_in(scene.administrator, path, path, grund="keyCompromise", bestaetigt="y")


def reset_letterhead(scene: Scene) -> Request:
    scene.press(scene.administrator, LETTERHEAD, LETTERHEAD, **TEXTS)
    return scene.fill_in(scene.administrator, LETTERHEAD, f"{LETTERHEAD}/zuruecksetzen")


def add_attachments(scene: Scene) -> Request:
    path = f"{begin(scene)}/anlagen"
    return scene.fill_in(scene.clerk, path, path, dateien=(PDF, "bescheid.pdf"))


def name_attachments(scene: Scene) -> Request:
    path, key = attach(scene)
    return scene.fill_in(scene.clerk, path, f"{path}/arten", **{f"art-{key}": "bescheid"})


def remove_attachment(scene: Scene) -> Request:
    path, key = attach(scene)
    return scene.fill_in(scene.clerk, path, f"{path}/arten", entfernen=key)


def remove_bank_details(scene: Scene) -> Request:
    scene.press(scene.administrator, BANK, BANK, kontoinhaber="Kasse", iban=IBAN)
    with scene.database.reading() as stores:
        (known,) = stores.bank_details.list_known(scene.asking.mandant.key)
    return scene.fill_in(scene.administrator, BANK, f"{BANK}/{known.key}/entfernen")


def save_step(scene: Scene) -> Request:
    path = f"{begin(scene)}/schuldner"
    return scene.fill_in(scene.clerk, path, path, **flatten(CONTENT[Step.SCHULDNER]))


def save_template_step(scene: Scene) -> Request:
    path = f"{make_template(scene)}/schuldner"
    return scene.fill_in(scene.manager, path, path, **flatten(CONTENT[Step.SCHULDNER]))


def copy_draft(scene: Scene) -> Request:
    return scene.fill_in(scene.clerk, "/entwuerfe", f"{begin(scene)}/kopieren")


def remove_draft(scene: Scene) -> Request:
    path = f"{begin(scene)}/loeschen"
    return scene.fill_in(scene.clerk, path, path)


def remove_template(scene: Scene) -> Request:
    path = f"{make_template(scene)}/loeschen"
    return scene.fill_in(scene.manager, path, path)


def save_review(scene: Scene) -> Request:
    path = f"{complete(scene)}/senden"
    return scene.fill_in(scene.clerk, path, path, fruehestens_am="1.12.2026", aktion="speichern")


def send_draft(scene: Scene) -> Request:
    draft = complete(scene)
    form = scene.fill_in(scene.clerk, f"{draft}/senden", f"{draft}/senden")
    return replace(form, path=f"{draft}/absenden")


def release_bank_details(scene: Scene) -> Request:
    scene.press(scene.administrator, BANK, f"{BANK}/freigabe", freigabe="y")
    draft = complete(scene)
    return scene.fill_in(scene.manager, f"{draft}/senden", f"{draft}/freigeben")


def send_reply(scene: Scene) -> Request:
    page = open_message(scene)
    found = re.search(r'"(/vorgaenge/[^"/]+)"', scene.other_clerk.browser.get(page).text)
    assert found
    path = f"{found.group(1)}/sachstand"
    return scene.fill_in(scene.other_clerk, path, path, stand="angenommen", bearbeiter=CLERK)


def act_on_message(action: str) -> Callable[[Scene], Request]:
    def act(scene: Scene) -> Request:
        path = open_message(scene) if action == "bestaetigen" else f"/nachrichten/{send(scene)}"
        return scene.fill_in(scene.other_clerk, path, f"{path}/{action}")

    return act


def withdraw_message(scene: Scene) -> Request:
    path = f"/nachrichten/{send(scene, days=2)}"
    return scene.fill_in(scene.clerk, path, f"{path}/zurueckziehen")


def withdraw_sent(scene: Scene) -> Request:
    send(scene, days=2)
    return scene.fill_in(scene.clerk, "/gesendet/urn:x:1", "/zurueckziehen/urn:x:1")


def copy_sent(scene: Scene) -> Request:
    send(scene)
    return scene.fill_in(scene.clerk, "/gesendet/urn:x:1", "/gesendet-kopieren/urn:x:1")


def close_batches(scene: Scene) -> Request:
    scene.shop.add(1)
    return scene.fill_in(scene.operator, PRINT, f"{PRINT}/schliessen")


def hand_over_at_once(scene: Scene) -> Request:
    scene.shop.output.before = be_away
    return act_on(hand_over, "uebergeben")(scene)


def set_anew(scene: Scene) -> Request:
    scene.shop.output.before = refuse
    return act_on(hand_over, "uebergeben")(scene)


def recall_letter(scene: Scene) -> Request:
    (message_id,) = scene.shop.add(1)
    return scene.fill_in(scene.operator, PRINT, f"{PRINT}/zurueckziehen", brief=message_id)


def retry_many(scene: Scene) -> Request:
    park(scene)
    return scene.fill_in(scene.operator, QUEUE, "/betrieb/ziele/fortsetzen")


def roll_back(scene: Scene) -> Request:
    address = upload_places(scene)
    scene.press(scene.operator, address, f"{address}/uebernehmen")
    return scene.fill_in(scene.operator, DIRECTORY, f"{DIRECTORY}/version/2/zuruecknehmen")


def settle_doubt(scene: Scene) -> Request:
    care = DirectoryCare(scene.directory, scene.clock)
    care.report_doubt(COCHEM.identifier, "Brief kam zurück", "xoev:ags:9")
    page = f"{DIRECTORY}/zweifel"
    found = re.search(rf"{page}/\d+/erledigt", scene.operator.browser.get(page).text)
    assert found
    return scene.fill_in(scene.operator, page, found.group())


def register_mandant(scene: Scene) -> Request:
    given = {"kennung": "xoev:ags:16052000", "name": "Stadt Gera", "kontakt": "Eva Ahorn"}
    request = scene.fill_in(scene.operator, MANDANTEN, MANDANTEN, **given)
    return scene.tell(request, given["kennung"])


def change_password(scene: Scene) -> Request:
    path, new = "/profil/kennwort", "ein anderes Kennwort"
    return scene.fill_in(scene.clerk, path, path, old=PASSWORD, new=new, again=new)


def confirm_factor(scene: Scene) -> Request:
    totp = _show_factor(scene)
    code = totp.at(scene.clock.now)
    return scene.fill_in(scene.clerk, FACTOR, FACTOR, secret=totp.secret, code=code)


def remove_factor(scene: Scene) -> Request:
    code = set_up_factor(scene).at(scene.clock.now)
    return scene.fill_in(scene.clerk, FACTOR, f"{FACTOR}/entfernen", code=code)


def sign_in(scene: Scene) -> Request:
    return scene.fill_in(arrive(scene), "/anmelden", "/anmelden", login="kim", password=PASSWORD)


def check_code(scene: Scene) -> Request:
    person, totp = show_password_only(scene)
    path = "/anmelden/code"
    return scene.fill_in(person, path, path, code=totp.at(scene.clock.now))


def begin_draft(scene: Scene) -> Request:
    return scene.fill_in(scene.clerk, "/entwuerfe", "/entwuerfe/neu")


def turn_into_template(scene: Scene) -> Request:
    return scene.fill_in(scene.manager, "/entwuerfe", f"{begin(scene)}/als-vorlage")


def use_template(scene: Scene) -> Request:
    return scene.fill_in(scene.clerk, "/vorlagen", f"{make_template(scene)}/benutzen")


def preview_letterhead(scene: Scene) -> Request:
    form = scene.fill_in(scene.administrator, LETTERHEAD, LETTERHEAD, **TEXTS)
    return replace(form, path=f"{LETTERHEAD}/vorschau.pdf")


def try_lists(scene: Scene) -> Request:
    return scene.fill_in(scene.operator, LISTS, LISTS, **_LISTS)


def try_places(scene: Scene) -> Request:
    return scene.fill_in(scene.operator, DIRECTORY, DIRECTORY, **_PLACES)


def change_theme(scene: Scene) -> Request:
    return scene.fill_in(scene.clerk, "/profil", "/profil/darstellung", darstellung="dunkel")


def sign_out(scene: Scene) -> Request:
    return scene.fill_in(scene.clerk, "/profil", "/abmelden")


def cancel_code(scene: Scene) -> Request:
    person, _ = show_password_only(scene)
    return scene.fill_in(person, "/anmelden/code", "/anmelden/abbrechen")
