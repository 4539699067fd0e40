"""A valid request for every operation of every port, written by hand."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.installation import OSCI_ACTION, XTA_ACTION, Installation, read_sample

AUTHOR, READER = "ags:12054000", "ags:16053000"
# Who is in no directory, so that a call changes nothing.
_UNKNOWN = "ags:99999999"
SERVICE = "urn:damtshilfe:dienst:vollstreckungshilfe:1"
_OWN = "urn:damtshilfe:amtshilfe:1"
_FV = "urn:damtshilfe:fachverfahren:1"
_NAMESPACES = (
    'xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:wsa="http://www.w3.org/2005/08/addressing" '
    'xmlns:meta="http://www.osci.eu/ws/2014/10/transport" '
    'xmlns:osci="http://www.osci.eu/ws/2008/05/transport" '
    'xmlns:xta="http://xoev.de/transport/xta/211" '
    f'xmlns:fv="{_FV}" xmlns:amt="{_OWN}" xmlns:aut="urn:damtshilfe:authority:1"'
)


@dataclass(frozen=True)
class ValidCall:
    """A request: the port (as `demo.json` names it), its action and its envelope."""

    port: str
    action: str
    content: bytes

    def find_certificate(self, installation: Installation) -> Path:
        """The certificate of who may make this call."""
        if self.port == "authority":
            return installation.folder / "pki" / "xta-server.pem"
        is_reader = self.port == "msgbox" or self.action.endswith(("empfangen", "quittieren"))
        return installation.certificate("jena" if is_reader else "potsdam")


def make_calls(message_id: str, request_id: str = "urn:uuid:0") -> Mapping[str, ValidCall]:
    """By the names of the operations; `message_id` and `request_id` are what they are about."""
    return {
        **_make_management_calls(message_id),
        **_make_send_calls(message_id),
        **_make_mailbox_calls(message_id, request_id),
        **_make_facade_calls(message_id),
        **_make_authority_calls(),
    }


def write_envelope(body: str, header: str = "") -> bytes:
    """A SOAP 1.2 envelope that declares the prefixes of all contracts."""
    return (
        f"<env:Envelope {_NAMESPACES}><env:Header>{header}</env:Header>"
        f"<env:Body>{body}</env:Body></env:Envelope>"
    ).encode()


def _make_management_calls(message_id: str) -> dict[str, ValidCall]:
    author = _write_author(AUTHOR)
    named = f"<wsa:MessageID>{message_id}</wsa:MessageID>"
    question = (
        "<xta:LookupServiceRequest><xta:LookupServiceRequestList><xta:LookupService><meta:Reader>"
        f'<meta:Identifier type="xoev">{READER}</meta:Identifier></meta:Reader>'
        f"<xta:ServiceType>{SERVICE}</xta:ServiceType></xta:LookupService>"
        "</xta:LookupServiceRequestList></xta:LookupServiceRequest>"
    )
    return {
        name: ValidCall("management", XTA_ACTION + action, write_envelope(body, author))
        for name, action, body in (
            ("checkAccountActive", "CheckAccountActive", ""),
            ("createMessageId", "CreateMessageID", ""),
            ("lookupService", "IsServiceAvailable", question),
            ("getTransportReport", "GetTransportReport", named),
            ("cancelMessage", "CancelMessage", named),
        )
    }


def _make_send_calls(message_id: str) -> dict[str, ValidCall]:
    return {
        name: ValidCall(
            "send",
            XTA_ACTION + action,
            read_sample(
                "valid",
                "send-message.xml",
                AUTHOR=AUTHOR,
                READER=READER,
                MESSAGE_ID=message_id,
                SCHEMA=schema,
                PAYLOAD=base64.b64encode(read_sample("valid", sample)).decode(),
            ),
        )
        for name, action, sample, schema in (
            ("sendMessage", "SendMessage", "ersuchen.xml", _OWN),
            ("sendMessageSync", "SendMessageSync", "anfrage-001.xml", "xAmtshilfe110"),
        )
    }


def _make_mailbox_calls(message_id: str, request_id: str) -> dict[str, ValidCall]:
    reader = _write_author(READER)
    selector = f"<osci:MsgSelector><wsa:MessageID>{message_id}</wsa:MessageID></osci:MsgSelector>"
    going_on = f'<osci:MsgBoxGetNextRequest MsgBoxRequestID="{request_id}"/>'
    received = f"<osci:LastMsgReceived>{message_id}</osci:LastMsgReceived>"
    ended = (
        f'<osci:MsgBoxCloseRequest MsgBoxRequestID="{request_id}">{received}'
        "</osci:MsgBoxCloseRequest>"
    )
    return {
        name: ValidCall("msgbox", OSCI_ACTION + action, write_envelope(body, reader))
        for name, action, body in (
            ("getStatusList", "MsgBoxStatusListRequest", _ask("StatusList", selector)),
            ("getMessage", "MsgBoxFetchRequest", _ask("Fetch", selector)),
            ("getNextStatusList", "MsgBoxGetNextListRequest", going_on),
            ("getNextMessage", "MsgBoxGetNextMsgRequest", going_on),
            ("close", "MsgBoxCloseRequest", ended),
        )
    }


def _ask(name: str, selector: str) -> str:
    return f"<osci:MsgBox{name}Request>{selector}</osci:MsgBox{name}Request>"


def _make_facade_calls(message_id: str) -> dict[str, ValidCall]:
    payload = base64.b64encode(read_sample("valid", "ersuchen.xml")).decode()
    named = f"<fv:messageId>{message_id}</fv:messageId>"
    bodies = {
        "zustaendigkeitsabfrage": "<fv:einnahmeart>hundesteuer</fv:einnahmeart><fv:anschrift>"
        "<amt:plz>07743</amt:plz><amt:ort>Jena</amt:ort></fv:anschrift>",
        "senden": f'{named}<fv:leser typ="xoev">{READER}</fv:leser>'
        f"<fv:nachricht>{payload}</fv:nachricht>",
        "pruefen": f'<fv:leser typ="xoev">{READER}</fv:leser>'
        f"<fv:nachricht>{payload}</fv:nachricht>",
        "empfangen": named,
        "quittieren": named,
        "reporting": named,
        "codeliste": "<fv:uri>urn:damtshilfe:codeliste:einnahmeart</fv:uri>",
        "massnahmenkatalog": "<fv:land>BB</fv:land>",
        "vorgang": named,
        "auswertung": "<fv:von>2026-11-01</fv:von><fv:bis>2026-11-30</fv:bis>"
        "<fv:gliederung>tag</fv:gliederung>",
    }
    return {
        name: ValidCall(
            "amtshilfe", f"{_FV}/{name}", write_envelope(f"<fv:{name}>{body}</fv:{name}>")
        )
        for name, body in bodies.items()
    }


def _make_authority_calls() -> dict[str, ValidCall]:
    question = read_sample("valid", "anfrage-001.xml").decode().partition("?>")[2]
    behoerde = (
        f'<aut:findBehoerde><aut:kennung typ="xoev">{READER}</aut:kennung></aut:findBehoerde>'
    )
    explain = (
        "<aut:erklaereZustaendigkeit><aut:einnahmeart>hundesteuer</aut:einnahmeart><aut:anschrift>"
        "<aut:plz>07743</aut:plz><aut:ort>Jena</aut:ort></aut:anschrift>"
        "</aut:erklaereZustaendigkeit>"
    )
    bodies = {
        "zustaendigkeit": question,
        "erklaereZustaendigkeit": explain,
        "findOrte": "<aut:findOrte><aut:anfang>Jen</aut:anfang></aut:findOrte>",
        "findBehoerde": behoerde,
        "meldeZweifel": f'<aut:meldeZweifel><aut:kennung typ="xoev">{_UNKNOWN}</aut:kennung>'
        "<aut:grund>Der Brief kam zurück.</aut:grund></aut:meldeZweifel>",
        "findZertifikate": behoerde.replace("findBehoerde", "findZertifikate"),
        "findRechenzentrum": behoerde.replace("findBehoerde", "findRechenzentrum").replace(
            "aut:kennung", "aut:mandant"
        ),
        "findZertifikatsinhaber": "<aut:findZertifikatsinhaber><aut:fingerabdruck>"
        f"{'0' * 64}</aut:fingerabdruck></aut:findZertifikatsinhaber>",
    }
    return {
        name: ValidCall("authority", f"urn:damtshilfe:authority:1/{name}", write_envelope(body))
        for name, body in bodies.items()
    }


def _write_author(party: str) -> str:
    return f'<meta:Author><meta:Identifier type="xoev">{party}</meta:Identifier></meta:Author>'
