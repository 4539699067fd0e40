"""The settings of content encryption (docs/encryption.md)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from server.settings_section import Section

# The values of EncryptionRule.
Rule = Annotated[str, Field(pattern="^(off|opportunistic|required)$")]


class EncryptionSettings(Section):
    """For which data centres contents are encrypted, and with which keys they are opened."""

    data_centres: Rule = Field(
        "off",
        description="Inhalte für Leser anderer Rechenzentren verschlüsseln: off (nein), "
        "opportunistic (wenn ein Zertifikat des Lesers bekannt ist) oder required (ohne Zertifikat "
        "bleibt die Nachricht angehalten).",
    )
    by_centre: dict[str, Rule] = Field(
        default_factory=dict,
        description="Ausnahmen davon, nach dem Namen des Rechenzentrums, etwa "
        '{ mitte = "required" }.',
    )
    keys: Path = Field(
        Path("pki/leser"),
        description="Ordner der Schlüssel, mit denen der Server Inhalte für Mandanten "
        "entschlüsselt (damtshilfe mandant key).",
    )
