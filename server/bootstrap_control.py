"""Builds what a person does about deliveries, from the settings."""

from persistence.database import Database
from server.bootstrap_limits import make_xml_limits
from server.running.blob_store import make_blobs
from server.services.clock import read_clock
from server.services.delivery_control import DeliveryControl
from server.settings import Settings
from server.xmlio.payloads import PayloadInspector
from server.xmlio.schema_catalogue import SchemaCatalogue


def build_delivery_control(settings: Settings, database: Database, actor: str) -> DeliveryControl:
    """What a person does about deliveries."""
    catalogue = SchemaCatalogue(settings.schemas.directory)
    return DeliveryControl(
        database,
        make_blobs(settings, database),
        PayloadInspector(catalogue, make_xml_limits(settings)),
        read_clock,
        actor=actor,
    )
