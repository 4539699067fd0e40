"""The settings of delivery (docs/delivery.md)."""

from pydantic import Field

from server.settings_section import (
    NotNegative,
    Positive,
    Section,
)


class DeliverySettings(Section):
    """How the worker delivers."""

    poll_seconds: float = Field(
        0.5, gt=0, description="Abstand, in dem der Worker nach Aufträgen sieht (Sekunden)."
    )
    lease_seconds: Positive = Field(
        300,
        description="So lange gehört ein Auftrag einem Worker, dann darf ein anderer; länger als "
        "jede einzelne Zustellung.",
    )
    batch_orders: Positive = Field(
        50, description="So viele Aufträge nimmt ein Worker auf einmal an sich."
    )
    first_retry_seconds: Positive = Field(
        5, description="Abstand bis zur ersten Wiederholung; er verdoppelt sich jedes Mal."
    )
    longest_retry_seconds: Positive = Field(
        3600, description="Größter Abstand zwischen zwei Versuchen (Sekunden)."
    )
    max_age_hours: Positive = Field(
        72,
        description="Was so lange fehlschlägt, wird angehalten (Stunden). Was auf ein gestörtes "
        "System wartet, wird es nie.",
    )
    breaker_failures: Positive = Field(
        5, description="Nach so vielen Fehlern in Folge gilt ein Ziel als gestört."
    )
    breaker_first_seconds: Positive = Field(
        30,
        description="So lange ruht ein gestörtes Ziel, dann wird ein Auftrag versucht (Sekunden); "
        "die Pause verdoppelt sich jedes Mal.",
    )
    breaker_longest_seconds: Positive = Field(
        600, description="Größte Pause eines gestörten Ziels (Sekunden)."
    )
    duplicate_window_days: NotNegative = Field(
        30,
        description="Kommt derselbe Inhalt zu demselben Aktenzeichen innerhalb so vieler Tage "
        "unter einer anderen MessageID, gilt er als mögliche Dublette; 0: wird nicht geprüft.",
    )


class ChannelSettings(Section):
    """The retries of one channel, where they differ from those of all."""

    first_retry_seconds: NotNegative = Field(
        0, description="Abstand bis zur ersten Wiederholung; 0: wie unter delivery."
    )
    longest_retry_seconds: NotNegative = Field(
        0, description="Größter Abstand zwischen zwei Versuchen (Sekunden); 0: wie unter delivery."
    )
    max_age_hours: NotNegative = Field(
        0, description="Was so lange fehlschlägt, wird angehalten (Stunden); 0: wie unter delivery."
    )
