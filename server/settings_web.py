"""The settings of the Web-Client (docs/web-client.md)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from server.settings_section import HttpsUrl, Networks, NotNegative, Port, Positive, Section


def _require_https_or_nothing(url: str) -> str:
    if url and not url.startswith("https://"):
        raise ValueError("muss mit https:// beginnen oder leer sein")
    return url.rstrip("/")


_OptionalUrl = Annotated[str, AfterValidator(_require_https_or_nothing)]


class WebSettings(Section):
    """Where the Web-Client listens, and how long sessions last."""

    enabled: bool = Field(True, description="Web-Client anbieten.")
    host: str = Field("127.0.0.1", description="Adresse, an der der Web-Client lauscht.")
    port: Port = Field(8445, description="Port des Web-Clients.")
    public_url: HttpsUrl = Field(
        "https://localhost:8445",
        description="So erreichen Browser den Web-Client; Anfragen an andere Rechnernamen lehnt er "
        "ab.",
    )
    workers: Positive = Field(1, description="Anzahl der Prozesse.")
    threads: Positive = Field(8, description="Anzahl der Threads je Prozess.")
    certificate: Path = Field(
        Path("pki/server.pem"), description="Serverzertifikat des Web-Clients (PEM)."
    )
    key: Path = Field(Path("pki/server.key"), description="Schlüssel dazu (PEM, Rechte 0600).")
    idle_minutes: Positive = Field(
        30, description="Nach so vielen Minuten ohne Anfrage endet eine Sitzung."
    )
    session_hours: Positive = Field(
        10, description="Nach so vielen Stunden endet eine Sitzung in jedem Fall."
    )
    second_factor: Literal["optional", "required"] = Field(
        "optional",
        description="Zweiter Faktor (TOTP): optional, oder required (jeder muss ihn bei der ersten "
        "Anmeldung einrichten).",
    )
    address_failures: NotNegative = Field(
        50,
        description="So viele Anmeldeversuche ohne Erfolg von einer Adresse (IPv6: einem /64) "
        "bleiben ohne Folge, danach muss sie immer länger warten; 0: keine Grenze.",
    )
    address_minutes: Positive = Field(
        60, description="In so vielen Minuten sind so viele Versuche wieder vergessen."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Proxys vor dem Web-Client (Adressen oder Netze), deren X-Forwarded-For sagt, "
        "woher eine Anfrage kommt; leer: die Adresse der Verbindung zählt.",
    )
    imprint_url: _OptionalUrl = Field(
        "", description="Adresse des Impressums; leer: eine Seite mit Platzhalter."
    )
    accessibility_url: _OptionalUrl = Field(
        "",
        description="Adresse der Erklärung zur Barrierefreiheit; leer: eine Seite mit Platzhalter.",
    )


class OidcSettings(Section):
    """Signing in at an OpenID provider; without an issuer there is none."""

    issuer: _OptionalUrl = Field(
        "", description="Aussteller (Issuer) des OpenID-Providers; leer: keine Anmeldung darüber."
    )
    name: str = Field("Verwaltungskonto", description="So heißt der Provider auf der Anmeldeseite.")
    client_id: str = Field("", description="Client-ID dieser Installation beim Provider.")
    client_secret: str = Field(
        "",
        description="Geheimnis dazu; besser in der Umgebung (DAMTSHILFE_WEB_OIDC__CLIENT_SECRET).",
    )
    ca: str = Field(
        "", description="Zertifizierungsstelle des Providers (PEM); leer: die üblichen."
    )
    links_by_email: bool = Field(
        True,
        description="Bei der ersten Anmeldung wird der Benutzer über die vom Provider bestätigte "
        "E-Mail-Adresse gefunden, danach nur noch über seine Kennung (sub).",
    )
    timeout_seconds: Positive = Field(10, description="Wartezeit auf den Provider (Sekunden).")
