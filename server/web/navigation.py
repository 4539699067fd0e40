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
    NavigationItem("Entwürfe", "drafts.show_drafts", Permission.READ_MESSAGES),
    NavigationItem("Vorlagen", "drafts.show_templates", Permission.USE_TEMPLATES),
    NavigationItem(
        "Bankverbindungen", "bank_details.show_bank_details", Permission.MANAGE_AUTHORITY
    ),
    NavigationItem("Auswertung", "figures.show_figures", Permission.READ_FIGURES),
)


def list_navigation(actor: Actor) -> tuple[NavigationItem, ...]:
    """The entries for an actor."""
    return tuple(item for item in NAVIGATION if actor.may(item.needs))
