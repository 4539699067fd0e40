"""The catalogue of message schemas: which namespaces the server understands.

A message of a namespace that is listed here is validated; any other is carried as it is.
"""

from collections.abc import Mapping
from pathlib import Path

from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.namespaces import AMTSHILFE, XAMTSHILFE
from server.xmlio.schema import Schema

MESSAGE_SCHEMAS: Mapping[str, Path] = {
    AMTSHILFE: XSD_FOLDER / "amtshilfe-1" / "amtshilfe.xsd",
    XAMTSHILFE: XSD_FOLDER / "xamtshilfe-1.1" / "xamtshilfe-vollstreckungshilfe.xsd",
}


class SchemaCatalogue:
    """Compiled schemas by the namespace of the root element."""

    def __init__(self, files: Mapping[str, Path] = MESSAGE_SCHEMAS) -> None:
        self._schemas = {namespace: Schema.from_file(path) for namespace, path in files.items()}

    def find(self, root: str) -> Schema | None:
        """The schema for a root element (`{namespace}local`); None where it is foreign."""
        return self._schemas.get(root[1:].partition("}")[0])
