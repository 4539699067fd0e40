"""Compiled schemas."""

import threading

from lxml import etree

from server.xmlio.complaint import SchemaComplaint, describe_log
from server.xmlio.schema_types import SchemaTypes

_UNKNOWN_ROOT = "SCHEMAV_CVC_ELT_1"


class Schema:
    """A compiled schema that threads may share."""

    def __init__(self, document: etree._Element) -> None:
        self._schema = etree.XMLSchema(document)
        self._types = SchemaTypes(document)
        self._lock = threading.Lock()

    def check(self, root: etree._Element) -> tuple[SchemaComplaint, ...]:
        """The violations of a document, in German; empty where it is valid."""
        with self._lock:
            if self._schema.validate(root):
                return ()
            log = list(self._schema.error_log)
        return describe_log(log, root, self._types)

    def declares(self, element: str) -> bool:
        """True where a document may have this root (`{namespace}local`)."""
        with self._lock:
            if self._schema.validate(etree.Element(element)):
                return True
            return all(entry.type_name != _UNKNOWN_ROOT for entry in self._schema.error_log)
