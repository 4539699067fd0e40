"""The settings of this data centre among others."""

from pathlib import Path

from pydantic import Field

from server.settings_section import NotNegative, Positive, Section


class DataCentreSettings(Section):
    """This data centre among others, and how it forwards messages to them."""

    name: str = Field(
        "",
        description="Kurzname dieses Rechenzentrums beim Authority-Server; leer: es steht für sich "
        "allein und leitet nichts weiter.",
    )
    certificate: Path = Field(
        Path("pki/xta-server.pem"),
        description="Client-Zertifikat mit Schlüssel, mit dem es bei anderen Rechenzentren "
        "auftritt (PEM).",
    )
    server_ca: Path = Field(
        Path("pki/ca.pem"),
        description="Zertifizierungsstellen, deren Serverzertifikate bei anderen Rechenzentren "
        "gelten.",
    )
    timeout_seconds: Positive = Field(
        60, description="Wartezeit auf ein anderes Rechenzentrum (Sekunden)."
    )
    first_follow_seconds: Positive = Field(
        10,
        description="Abstand bis zur ersten Frage, was aus einer weitergeleiteten Nachricht wurde; "
        "er verdoppelt sich, solange nichts Neues geschieht (Sekunden).",
    )
    longest_follow_seconds: Positive = Field(
        900, description="Größter Abstand zwischen zwei solchen Fragen (Sekunden)."
    )
    former_days: NotNegative = Field(
        14,
        description="So viele Tage nach dem Umzug eines Mandanten darf sein früheres Rechenzentrum "
        "noch weiterleiten, was es vorher angenommen hat.",
    )
    silence_hours: Positive = Field(
        4,
        description="So lange darf ein anderes Rechenzentrum schweigen, dann steht das im "
        "Transportbericht; gefragt wird weiter (Stunden).",
    )
