"""Builds from the settings what speaks with other data centres."""

from datetime import timedelta

from persistence.database import Database
from server.domain.forwarding import FollowPlan
from server.services.centre_links import CentreLinks, LinkAccess
from server.services.clock import read_clock
from server.services.directory import Directory
from server.services.fallback import Fallbacks
from server.services.forwarded_reports import ForwardedReports
from server.services.peers import Peers
from server.services.recalls import Recalls
from server.services.serving_centres import ServingCentres
from server.services.tenancy import Tenancy
from server.settings import Settings
from server.settings_data_centre import DataCentreSettings
from server.xmlio.contract_files import XTA_WSDL


def make_peers(centre: DataCentreSettings, tenancy: Tenancy, directory: Directory) -> Peers:
    """Who calls: a Mandant, or another data centre."""
    return Peers(
        tenancy, directory, read_clock, own_name=centre.name, former_days=centre.former_days
    )


def make_links(centre: DataCentreSettings) -> CentreLinks:
    """Connections to other data centres."""
    return CentreLinks(
        LinkAccess(XTA_WSDL, centre.certificate, centre.server_ca, centre.timeout_seconds)
    )


def make_forwarded_reports(
    settings: Settings,
    database: Database,
    centres: ServingCentres,
    links: CentreLinks,
    fallbacks: Fallbacks,
) -> ForwardedReports:
    """What follows forwarded messages."""
    centre = settings.data_centre
    plan = FollowPlan(
        timedelta(seconds=centre.first_follow_seconds),
        timedelta(seconds=centre.longest_follow_seconds),
        timedelta(hours=centre.silence_hours),
        timedelta(seconds=settings.delivery.lease_seconds),
    )
    recalls = Recalls(database, fallbacks.order_letter, read_clock)
    return ForwardedReports(database, centres, links, read_clock, plan=plan, recalls=recalls)
