"""What an administrator does for the own authority in the Web-Client."""

from dataclasses import dataclass

from server.services.authority_data import AuthorityData
from server.services.codelisten import Codelisten
from server.services.letterhead_care import LetterheadCare
from server.services.mandant_fallbacks import MandantFallbacks
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.own_certificates import OwnCertificates
from server.services.print_settings import PrintChoices


@dataclass(frozen=True)
class Administration:
    """The use cases. Those that know no users are asked for the actor's own Mandant alone."""

    authority: AuthorityData
    certificates: OwnCertificates
    fallbacks: MandantFallbacks
    print_choices: PrintChoices
    letterheads: LetterheadCare
    kataloge: Massnahmenkataloge
    codelisten: Codelisten
