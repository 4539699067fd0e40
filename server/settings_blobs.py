"""The settings of the store of the payloads (docs/blobs.md)."""

from pathlib import Path

from pydantic import Field

from server.settings_section import (
    Positive,
    Section,
)


class BlobSettings(Section):
    """The store of the payloads."""

    kind: str = Field(
        "folder",
        pattern="^(folder|s3)$",
        description="Wo die Inhalte liegen: folder (Ordner, ein Rechner) oder s3 (viele Rechner).",
    )
    folder: Path = Field(
        Path("daten/inhalte"),
        description="Ordner für Fachnachrichten und Anlagen; mit s3 nur für das, was gerade "
        "hereinkommt.",
    )
    encrypt: bool = Field(
        False,
        description="Inhalte und die Geheimnisse zweiter Faktoren verschlüsselt ablegen "
        "(AES-256-GCM, docs/blobs.md).",
    )
    master_key: Path = Field(
        Path("pki/inhalte.key"),
        description="Hauptschlüssel (Base64, Rechte 0600); die Umgebungsvariable "
        "DAMTSHILFE_MASTER_KEY geht ihm vor.",
    )
    data_key_days: Positive = Field(
        90, description="Nach so vielen Tagen entsteht ein neuer Datenschlüssel."
    )


class S3Settings(Section):
    """The object store, where blobs.kind is s3."""

    endpoint: str = Field(
        "", description="Adresse des Speichers, etwa https://s3.rechenzentrum.example."
    )
    bucket: str = Field("", description="Name des Buckets.")
    region: str = Field("us-east-1", description="Region; viele Speicher beachten sie nicht.")
    prefix: str = Field(
        "", description="Beginn aller Objektnamen, etwa damtshilfe/; leer: ohne Präfix."
    )
    credentials: Path = Field(
        Path("pki/s3.toml"),
        description="TOML-Datei mit access_key_id und secret_access_key (Rechte 0600); die "
        "Umgebungsvariablen AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY gehen ihr vor.",
    )
    ca: str = Field(
        "", description="Datei mit Zertifizierungsstellen (PEM); leer: die des Systems."
    )
    path_style: bool = Field(
        True, description="Bucket im Pfad der Adresse (true) oder im Namen des Rechners (false)."
    )
    timeout_seconds: Positive = Field(
        30, description="So lange wird auf eine Antwort gewartet (Sekunden)."
    )
