"""The catalogue of message schemas: which messages the server understands.

Shipped are our own set and the public part of XAmtshilfe. Each folder below a configured one
(`message_profile`) adds a schema; for a namespace that is shipped it takes its place, so that the
official package of a standard can be put there. A message of any other namespace is carried as it
is.
"""

from collections.abc import Iterable
from pathlib import Path

from lxml import etree

from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.message_profile import (
    PROFILE_NAME,
    MessageProfile,
    ProfileInvalid,
    SchemaProfile,
    read_profile,
)
from server.xmlio.schema import Schema

_SHIPPED = (XSD_FOLDER / "amtshilfe-1", XSD_FOLDER / "xamtshilfe-1.1")


class SchemaCatalogue:
    """Compiled schemas and their messages."""

    def __init__(self, folder: Path | None = None) -> None:
        """Loads what is shipped and every folder below `folder`; raises ProfileInvalid."""
        shipped = {profile.namespace: profile for profile in map(read_profile, _SHIPPED)}
        self._profiles = {**shipped, **_read_all(_list_folders(folder) if folder else ())}

    def find(self, root: str) -> Schema | None:
        """The schema for a root element (`{namespace}local`); None where it is foreign."""
        profile = self.find_profile(root)
        return profile.schema if profile else None

    def find_profile(self, root: str) -> SchemaProfile | None:
        """The profile of the schema for a root element."""
        return self._profiles.get(root[1:].partition("}")[0])

    def find_message(self, root: str) -> MessageProfile | None:
        """The profile of the message with this root element."""
        profile = self.find_profile(root)
        return profile.messages.get(etree.QName(root).localname) if profile else None


def _list_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ProfileInvalid([f"Der Ordner {folder} fehlt."])
    return sorted(path for path in folder.iterdir() if (path / PROFILE_NAME).is_file())


def _read_all(folders: Iterable[Path]) -> dict[str, SchemaProfile]:
    """The profiles by namespace; all mistakes of all folders are reported together."""
    profiles: dict[str, SchemaProfile] = {}
    problems: list[str] = []
    for folder in folders:
        try:
            profile = read_profile(folder)
        except ProfileInvalid as error:
            problems += error.problems
            continue
        if profile.namespace in profiles:
            problems.append(f"{folder}: Den Namensraum {profile.namespace} gibt es schon.")
        profiles[profile.namespace] = profile
    if problems:
        raise ProfileInvalid(problems)
    return profiles
