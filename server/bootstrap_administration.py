"""Builds what operator and administrators do in the Web-Client, from the settings."""

from persistence.authority_database import AuthorityDatabase, find_authority_database
from persistence.trust_database import TrustDatabase
from server.bootstrap_batching import build_letter_desk, make_cut_offs
from server.bootstrap_letters import make_letter_style, make_letterheads
from server.bootstrap_parts import MessageParts
from server.bootstrap_printing import make_print_choices
from server.domain.web_user import Actor
from server.services.administration import Administration
from server.services.authority_data import AuthorityData
from server.services.batching.desk import LetterDesk
from server.services.codelist_uploads import CodelistUploads
from server.services.delivery_control import DeliveryControl
from server.services.delivery_queue import DeliveryQueue
from server.services.directory_data.uploading import DirectoryUploads
from server.services.doubt_desk import DoubtDesk
from server.services.letterhead_care import LetterheadCare
from server.services.mandant_fallbacks import MandantFallbacks
from server.services.mandanten import Mandanten
from server.services.operation import Operation
from server.services.operation_status import OperationStatus
from server.services.own_certificates import CertificatePlace, OwnCertificates
from server.services.web_access.audit_carrying import AuditCarrier
from server.settings import Settings
from server.xmlio.shipped_codelisten import read_shipped_codelisten


class LocalDirectory:
    """The database of the directory, where it lies in this installation.

    It is looked for until it is found: the Authority-Server may make its tables later.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: AuthorityDatabase | None = None

    def find(self) -> AuthorityDatabase | None:
        """None where it is elsewhere."""
        if self._found is None:
            url = self._settings.authority_server.database_url
            self._found = find_authority_database(url, self._settings.web.threads)
        return self._found

    def find_trust(self) -> TrustDatabase | None:
        """The register of certificates in it."""
        found = self.find()
        return TrustDatabase(found.engine) if found else None


def make_administration(
    settings: Settings, parts: MessageParts, local: LocalDirectory
) -> Administration:
    """The use cases of administrators."""
    database, clock = parts.database, parts.clock
    authority = AuthorityData(database, parts.directory, local.find)
    carrier = AuditCarrier(database, local.find)
    letterheads = make_letterheads(settings.printing, database)
    style = make_letter_style(settings.printing, letterheads)
    return Administration(
        authority,
        OwnCertificates(database, local.find_trust, _find_place(settings), clock, carrier),
        MandantFallbacks(database, clock),
        make_print_choices(settings, database),
        LetterheadCare(database, letterheads, style, authority, clock),
        parts.massnahmenkataloge,
        parts.codelisten,
    )


def _find_place(settings: Settings) -> CertificatePlace:
    own, asked = settings.authority_server, settings.authority_client.url
    is_own = asked.startswith(f"{own.public_url}/")
    return CertificatePlace(own.ca_certificate, settings.tls.client_ca, "" if is_own else asked)


def make_operation(settings: Settings, parts: MessageParts, local: LocalDirectory) -> Operation:
    """The use cases of the operator."""
    database, clock = parts.database, parts.clock

    def act_on_delivery(actor: Actor) -> DeliveryControl:
        return DeliveryControl(database, parts.blobs, parts.inspector, clock, actor=str(actor))

    def act_on_letters(actor: Actor) -> LetterDesk:
        return build_letter_desk(settings, database, parts.blobs, str(actor), clock)

    mandanten = Mandanten(database, clock, settings.access.test_days)
    shipped = read_shipped_codelisten()
    return Operation(
        OperationStatus(
            database,
            mandanten,
            local.find,
            clock,
            settings.printing.overdue_days,
            find_trust=local.find_trust,
        ),
        DeliveryQueue(database),
        act_on_delivery,
        act_on_letters,
        make_cut_offs(settings.printing, clock),
        mandanten,
        DirectoryUploads(database, local.find, shipped, clock),
        CodelistUploads(database, shipped, clock),
        DoubtDesk(database, local.find, clock),
    )
