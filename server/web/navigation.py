"""What the navigation offers, in its order; a new page of general interest adds a line."""

from dataclasses import dataclass

from server.domain.rights import Permission
from server.domain.web_user import Actor


@dataclass(frozen=True)
class NavigationItem:
    """An entry: its German label, the endpoint it leads to, and whom it is for."""

    label: str
    endpoint: str
    needs: Permission


NAVIGATION = (
    NavigationItem("Übersicht", "overview.show_overview", Permission.SEE_OVERVIEW),
    NavigationItem("Eingang", "inbox.show_inbox", Permission.READ_MESSAGES),
    NavigationItem("Ausgang", "outbox.show_outbox", Permission.READ_MESSAGES),
    NavigationItem("Vorgänge", "vorgaenge.show_vorgaenge", Permission.READ_VORGAENGE),
    NavigationItem("Entwürfe", "drafts.show_drafts", Permission.READ_MESSAGES),
    NavigationItem("Vorlagen", "drafts.show_templates", Permission.USE_TEMPLATES),
    # For who changes templates without using them.
    NavigationItem("Vorlagen", "drafts.care_for_templates", Permission.CHANGE_TEMPLATES),
    NavigationItem(
        "Bankverbindungen", "bank_details.show_bank_details", Permission.MANAGE_AUTHORITY
    ),
    NavigationItem("Betriebslage", "operation_status.show_status", Permission.CARE_FOR_DELIVERY),
    NavigationItem("Zustellung", "operation_delivery.show_queue", Permission.CARE_FOR_DELIVERY),
    NavigationItem("Druck", "operation_batches.show_batches", Permission.CARE_FOR_DELIVERY),
    NavigationItem("Mandanten", "operation_mandanten.show_mandanten", Permission.MANAGE_MANDANTEN),
    NavigationItem(
        "Verzeichnis", "operation_directory.show_directory", Permission.IMPORT_DIRECTORY
    ),
    NavigationItem("Benutzer", "administration_users.show_users", Permission.MANAGE_USERS),
    NavigationItem(
        "Behörde", "administration_authority.show_authority", Permission.MANAGE_AUTHORITY
    ),
    NavigationItem(
        "Maßnahmen", "administration_catalogue.show_katalog", Permission.CHANGE_CODELISTEN
    ),
    NavigationItem("Protokoll", "administration_audit.show_audit", Permission.READ_AUDIT),
    NavigationItem("Auswertung", "figures.show_figures", Permission.READ_FIGURES),
)


def list_navigation(actor: Actor) -> tuple[NavigationItem, ...]:
    """The entries for an actor; of those with the same label the first."""
    found: dict[str, NavigationItem] = {}
    for item in NAVIGATION:
        if actor.may(item.needs):
            found.setdefault(item.label, item)
    return tuple(found.values())
