"""The client of the Authority-Server: messages 001 and 002, and the directory of Behoerden."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.exceptions import Error as ZeepError
from zeep.transports import Transport

from clients.tls_session import make_session

_AMTSHILFE = "urn:damtshilfe:amtshilfe:1"
_XAMTSHILFE = "xAmtshilfe110"
_BINDING = "{urn:damtshilfe:authority:1}AuthoritySoap12Binding"
EINNAHMEART_LIST = ("urn:damtshilfe:codeliste:einnahmeart", "1")


class AuthorityServerFailed(Exception):
    """The Authority-Server gave no usable answer; the text says why."""


@dataclass(frozen=True)
class AuthorityServerAccess:
    """Where the Authority-Server is and how to get in.

    `certificate` holds client certificate and key (PEM); `timeout_seconds` limits connecting
    and reading.
    """

    url: str
    wsdl: Path
    certificate: Path
    server_ca: Path
    timeout_seconds: float


@dataclass(frozen=True)
class WireKennung:
    """amt:Kennung."""

    value: str
    type: str
    category: str = ""


@dataclass(frozen=True)
class WireAnschrift:
    """amt:Anschrift; `plz` has five digits, what is empty is left out on the wire."""

    strasse: str
    hausnummer: str
    plz: str
    ort: str


@dataclass(frozen=True)
class WireBehoerde:
    """amt:Behoerde; `kanal` is "elektronisch" or "brief"."""

    kennung: WireKennung
    name: str
    anschrift: WireAnschrift
    kanal: str


@dataclass(frozen=True)
class WireOrt:
    """aut:Ort: a Gemeinde with one of its postal codes; `kreis` may be empty."""

    ags: str
    plz: str
    ort: str
    kreis: str = ""


@dataclass(frozen=True)
class WireErklaerung:
    """aut:erklaereZustaendigkeitResponse.

    `sicherheit` and `hinweise` are keys of the schema, `saetze` the same in German; one Behoerde
    is responsible where it is `eindeutig`, else all of them may be.
    """

    sicherheit: str
    orte: tuple[WireOrt, ...]
    hinweise: tuple[str, ...]
    eindeutig: bool
    behoerden: tuple[WireBehoerde, ...]
    saetze: tuple[str, ...]


@dataclass(frozen=True)
class WireDataCentre:
    """aut:Rechenzentrum: who serves a Mandant, from when to when (None: until further notice).

    `certificates` are its client certificates (DER).
    """

    name: str
    title: str
    management: str
    send: str
    msgbox: str
    valid_from: date
    valid_to: date | None
    certificates: tuple[bytes, ...]


@dataclass(frozen=True)
class WireHolder:
    """Whose certificate it is: a data centre by its name, or a Mandant; else nobody's."""

    centre: str = ""
    mandant: WireKennung | None = None


class AuthorityClient:
    """Asks the Authority-Server over HTTPS with a client certificate; threads may share it."""

    def __init__(self, access: AuthorityServerAccess) -> None:
        transport = Transport(
            session=make_session(access.certificate, access.server_ca),
            timeout=access.timeout_seconds,
            operation_timeout=access.timeout_seconds,
        )
        self._client = zeep.Client(str(access.wsdl), transport=transport)
        self._service = self._client.create_service(_BINDING, access.url)

    def ask_zustaendigkeit(
        self, einnahmeart: str, anschrift: WireAnschrift
    ) -> tuple[WireBehoerde, ...]:
        """Message 001 there, message 002 back: the responsible Behoerden.

        None of them, one, or several candidates. Raises AuthorityServerFailed.
        """
        list_uri, list_version = EINNAHMEART_LIST
        question = self._client.get_element(f"{{{_AMTSHILFE}}}anschrift")
        answer = self._call(
            "zustaendigkeit",
            einnahmeart={"code": einnahmeart, "listURI": list_uri, "listVersionID": list_version},
            anschrift={"_value_1": zeep.xsd.AnyObject(question, question(**_to_wire(anschrift)))},
        )
        return tuple(_read_behoerde(item) for item in _list_any(answer))

    def explain_zustaendigkeit(self, einnahmeart: str, anschrift: WireAnschrift) -> WireErklaerung:
        """Who is responsible today, and how the address was understood, which may be incomplete.

        Raises AuthorityServerFailed.
        """
        answer = self._call(
            "erklaereZustaendigkeit", einnahmeart=einnahmeart, anschrift=_to_wire(anschrift)
        )
        return WireErklaerung(
            answer.sicherheit,
            tuple(map(_read_ort, answer.gemeinde)),
            tuple(answer.hinweis),
            bool(answer.eindeutig),
            tuple(map(_read_behoerde, answer.zustaendigeBehoerde)),
            tuple(answer.satz),
        )

    def find_orte(self, beginning: str) -> tuple[WireOrt, ...]:
        """Places whose postal code or name begins so; raises AuthorityServerFailed."""
        return tuple(map(_read_ort, self._call("findOrte", anfang=beginning) or ()))

    def find_behoerde(self, kennung: WireKennung) -> WireBehoerde | None:
        """The Behoerde with this identifier; raises AuthorityServerFailed."""
        answer = self._call("findBehoerde", kennung=_to_kennung(kennung))
        return _read_behoerde(answer) if answer is not None else None

    def find_certificates(self, kennung: WireKennung) -> tuple[bytes, ...]:
        """Certificates (DER) for which to encrypt, newest first; raises AuthorityServerFailed."""
        return tuple(self._call("findZertifikate", kennung=_to_kennung(kennung)) or ())

    def report_doubt(self, kennung: WireKennung, reason: str) -> bool:
        """Tells that something did not arrive at a Behoerde; False where it is not known there.

        Raises AuthorityServerFailed.
        """
        return bool(self._call("meldeZweifel", kennung=_to_kennung(kennung), grund=reason))

    def find_data_centre(
        self, mandant: WireKennung, day: date | None = None
    ) -> WireDataCentre | None:
        """Who serves the Mandant on the day (None: today); raises AuthorityServerFailed."""
        asked = {"tag": day} if day else {}
        answer = self._call("findRechenzentrum", mandant=_to_kennung(mandant), **asked)
        return _read_data_centre(answer) if answer is not None else None

    def find_holder(self, fingerprint: str) -> WireHolder:
        """To whom a client certificate is bound now; raises AuthorityServerFailed.

        `fingerprint` is the SHA-256 over its DER form in lower case hex.
        """
        answer = self._call("findZertifikatsinhaber", fingerabdruck=fingerprint)
        return _read_holder(answer) if answer is not None else WireHolder()

    def _call(self, operation: str, **arguments: object) -> Any:
        try:
            return self._service[operation](**arguments)
        except (ZeepError, requests.RequestException, OSError) as error:
            raise AuthorityServerFailed(f"{type(error).__name__}: {error}") from error


def _to_kennung(kennung: WireKennung) -> dict[str, str]:
    value = {"_value_1": kennung.value, "typ": kennung.type}
    return {**value, "kategorie": kennung.category} if kennung.category else value


def _to_wire(anschrift: WireAnschrift) -> dict[str, str]:
    return {key: value for key, value in vars(anschrift).items() if value}


def _list_any(answer: Any) -> list[Any]:
    """The values of the open content of message 002; zeep names each by its element."""
    if answer is None:
        return []
    items = getattr(answer, "_value_1", answer) or []
    return [next(iter(item.values())) if isinstance(item, dict) else item for item in items]


def _read_data_centre(value: Any) -> WireDataCentre:
    return WireDataCentre(
        value.name,
        value.bezeichnung,
        value.managementPort,
        value.sendPort,
        value.msgBoxPort,
        value.gueltigAb,
        value.gueltigBis,
        tuple(value.zertifikat),
    )


def _read_holder(value: Any) -> WireHolder:
    if value.mandant is None:
        return WireHolder(value.rechenzentrum or "")
    return WireHolder(mandant=_read_kennung(value.mandant))


def _read_kennung(value: Any) -> WireKennung:
    return WireKennung(value._value_1, value.typ, value.kategorie or "")


def _read_ort(value: Any) -> WireOrt:
    return WireOrt(value.ags, value.plz, value.ort, value.kreis or "")


def _read_behoerde(value: Any) -> WireBehoerde:
    anschrift = value.anschrift
    return WireBehoerde(
        _read_kennung(value.kennung),
        value.name,
        WireAnschrift(
            anschrift.strasse or "", anschrift.hausnummer or "", anschrift.plz, anschrift.ort or ""
        ),
        value.kanal,
    )
