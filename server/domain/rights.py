"""Who may do what in the Web-Client: the one table of rights (docs/web-client.md shows it).

A route names its permission, a user has one role; nothing else decides.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a user of the Web-Client is. The operator belongs to no Mandant, all others to one."""

    OPERATOR = "betreiber"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    SACHBEARBEITER = "sachbearbeiter"
    READ_ONLY = "nur-lesen"


class Permission(StrEnum):
    """What a page or an action needs."""

    OWN_PROFILE = "own-profile"
    SEE_OVERVIEW = "see-overview"

    READ_MESSAGES = "read-messages"
    READ_VORGAENGE = "read-vorgaenge"
    # Opening a message for the first time tells its author that it was fetched.
    FETCH_MESSAGES = "fetch-messages"
    WRITE_DRAFTS = "write-drafts"
    SEND_MESSAGES = "send-messages"
    ANSWER_MESSAGES = "answer-messages"
    WITHDRAW_MESSAGES = "withdraw-messages"
    USE_TEMPLATES = "use-templates"
    CHANGE_TEMPLATES = "change-templates"
    # The second pair of eyes for changed bank details.
    RELEASE_BANK_DETAILS = "release-bank-details"

    READ_FIGURES = "read-figures"
    READ_COSTS = "read-costs"

    MANAGE_USERS = "manage-users"
    MANAGE_AUTHORITY = "manage-authority"
    READ_AUDIT = "read-audit"

    MANAGE_MANDANTEN = "manage-mandanten"
    CARE_FOR_DELIVERY = "care-for-delivery"
    IMPORT_DIRECTORY = "import-directory"
    CARE_FOR_DIRECTORY = "care-for-directory"
    CHANGE_CODELISTEN = "change-codelisten"
    # They count for all Mandanten.
    IMPORT_CODELISTEN = "import-codelisten"


PERMISSION_TEXTS: Mapping[Permission, str] = {
    Permission.OWN_PROFILE: "eigenes Profil: Kennwort, zweiter Faktor",
    Permission.SEE_OVERVIEW: "Übersicht",
    Permission.READ_MESSAGES: "Eingang, Ausgang und Entwürfe sehen",
    Permission.READ_VORGAENGE: "Vorgänge sehen",
    Permission.FETCH_MESSAGES: "Nachrichten abrufen, Dokumente herunterladen",
    Permission.WRITE_DRAFTS: "Ersuchen erfassen, Entwürfe ändern",
    Permission.SEND_MESSAGES: "Ersuchen senden",
    Permission.ANSWER_MESSAGES: "antworten, annehmen, abgeben, zurückweisen",
    Permission.WITHDRAW_MESSAGES: "Nachrichten zurückziehen",
    Permission.USE_TEMPLATES: "Vorlagen benutzen",
    Permission.CHANGE_TEMPLATES: "Vorlagen der Behörde ändern",
    Permission.RELEASE_BANK_DETAILS: "geänderte Bankverbindungen freigeben",
    Permission.READ_FIGURES: "Auswertungen",
    Permission.READ_COSTS: "Druckkosten",
    Permission.MANAGE_USERS: "Benutzer verwalten",
    Permission.MANAGE_AUTHORITY: "Daten der Behörde: Zertifikate, Briefkopf, Wege",
    Permission.READ_AUDIT: "Protokoll der Änderungen",
    Permission.MANAGE_MANDANTEN: "Mandanten verwalten",
    Permission.CARE_FOR_DELIVERY: "Zustellung und Druck: wiederholen, umleiten",
    Permission.IMPORT_DIRECTORY: "Verzeichnis importieren",
    Permission.CARE_FOR_DIRECTORY: "zweifelhafte Einträge des Verzeichnisses prüfen",
    Permission.CHANGE_CODELISTEN: "Katalog der Maßnahmen ändern, Codelisten sehen",
    Permission.IMPORT_CODELISTEN: "Codelisten importieren",
}

ROLE_TEXTS: Mapping[Role, str] = {
    Role.OPERATOR: "Betreiber",
    Role.ADMINISTRATOR: "dAmtshilfe-Administrator",
    Role.MANAGER: "Manager",
    Role.SACHBEARBEITER: "Sachbearbeiter",
    Role.READ_ONLY: "Nur lesen",
}

_EVERYBODY = frozenset(Role)
_AUTHORITY = _EVERYBODY - {Role.OPERATOR}
_CASE_WORK = frozenset({Role.MANAGER, Role.SACHBEARBEITER})

RIGHTS: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_PROFILE: _EVERYBODY,
    Permission.SEE_OVERVIEW: _EVERYBODY,
    Permission.READ_MESSAGES: _AUTHORITY - {Role.ADMINISTRATOR},
    Permission.READ_VORGAENGE: _AUTHORITY - {Role.ADMINISTRATOR},
    Permission.FETCH_MESSAGES: _CASE_WORK,
    Permission.WRITE_DRAFTS: _CASE_WORK,
    Permission.SEND_MESSAGES: _CASE_WORK,
    Permission.ANSWER_MESSAGES: _CASE_WORK,
    Permission.WITHDRAW_MESSAGES: _CASE_WORK,
    Permission.USE_TEMPLATES: _CASE_WORK,
    Permission.CHANGE_TEMPLATES: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.RELEASE_BANK_DETAILS: _CASE_WORK,
    Permission.READ_FIGURES: frozenset({Role.OPERATOR, Role.ADMINISTRATOR, Role.MANAGER}),
    Permission.READ_COSTS: frozenset({Role.OPERATOR, Role.ADMINISTRATOR, Role.MANAGER}),
    Permission.MANAGE_USERS: frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
    Permission.MANAGE_AUTHORITY: frozenset({Role.ADMINISTRATOR}),
    Permission.READ_AUDIT: frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
    Permission.MANAGE_MANDANTEN: frozenset({Role.OPERATOR}),
    Permission.CARE_FOR_DELIVERY: frozenset({Role.OPERATOR}),
    Permission.IMPORT_DIRECTORY: frozenset({Role.OPERATOR}),
    Permission.CARE_FOR_DIRECTORY: frozenset({Role.OPERATOR}),
    Permission.CHANGE_CODELISTEN: frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
    Permission.IMPORT_CODELISTEN: frozenset({Role.OPERATOR}),
}


def is_allowed(role: Role, permission: Permission) -> bool:
    """True where a user of this role may do it."""
    return role in RIGHTS[permission]


def render_rights() -> str:
    """The table as it stands in docs/web-client.md (Markdown)."""
    head = ["Recht", *(ROLE_TEXTS[role] for role in Role)]
    rows = [
        [f"{PERMISSION_TEXTS[permission]} (`{permission}`)", *_list_marks(permission)]
        for permission in Permission
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _list_marks(permission: Permission) -> list[str]:
    return ["ja" if is_allowed(role, permission) else "–" for role in Role]
