"""Messages 001 and 002 of XAmtshilfe: the question who is responsible, and its answer."""

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.zustaendigkeit import Zustaendigkeit, ZustaendigkeitAnfrage
from server.xmlio.baukasten import AMT, fill_behoerde, read_anschrift, require_child
from server.xmlio.ersuchen import MESSAGE_TYPE_LIST
from server.xmlio.namespaces import AMTSHILFE, XAMTSHILFE, name_in

ANFRAGE_001 = name_in(XAMTSHILFE, "vollstreckungshilfe.ZustaendigkeitAnfrage.001")
ANTWORT_002 = name_in(XAMTSHILFE, "vollstreckungshilfe.ZustaendigkeitAntwort.002")

ANTWORT_MESSAGE_TYPE = "vollstreckungshilfe.ZustaendigkeitAntwort.002"
ANTWORT_MESSAGE_TYPE_LIST = MESSAGE_TYPE_LIST

_XAMT = ElementMaker(nsmap={"xamt": XAMTSHILFE, "amt": AMTSHILFE})


def read_anfrage(element: etree._Element) -> ZustaendigkeitAnfrage:
    """Message 001 → question."""
    einnahmeart = element.findtext(f"{name_in(XAMTSHILFE, 'einnahmeart')}/code") or ""
    postanschrift = element.find(name_in(XAMTSHILFE, "anschrift"))
    if postanschrift is None:
        raise ValueError("anschrift is missing, although the schema asks for it")
    anschrift = read_anschrift(require_child(postanschrift, "anschrift"))
    return ZustaendigkeitAnfrage(einnahmeart.strip(), anschrift)


def write_antwort(zustaendigkeit: Zustaendigkeit) -> etree._Element:
    """Answer → message 002."""
    antwort: etree._Element = _XAMT(ANTWORT_002)
    for behoerde in zustaendigkeit.behoerde_list:
        antwort.append(fill_behoerde(AMT.zustaendigeBehoerde(), behoerde))
    return antwort


def write_antwort_document(zustaendigkeit: Zustaendigkeit) -> bytes:
    """Answer → message 002 as a document in UTF-8."""
    return etree.tostring(write_antwort(zustaendigkeit), encoding="UTF-8", xml_declaration=True)
