"""The settings of letters: what they look like, where and when they go (docs/batches.md)."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from server.settings_section import (
    Clocks,
    FreeDayList,
    LandCode,
    NotNegative,
    Positive,
    Section,
    Weekdays,
)

OutputName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]


@dataclass(frozen=True)
class CutOffChoice:
    """Times (`16:00`) and days (`mo`) of cut-offs; whose holidays (`DE-TH`) and days are free."""

    times: tuple[str, ...]
    days: tuple[str, ...]
    holidays: str
    free_days: tuple[str, ...]


class CostSettings(Section):
    """What letters cost, in euro; fractions of a cent are possible."""

    letter: Decimal = Field(Decimal(), ge=0, description="Preis eines Briefs mit Porto (Euro).")
    sheet: Decimal = Field(Decimal(), ge=0, description="Preis eines Blatts dazu (Euro).")
    page: Decimal = Field(Decimal(), ge=0, description="Preis einer bedruckten Seite dazu (Euro).")


class OutputSettings(Section):
    """An output: a plugin and its options."""

    plugin: str = Field("folder", description="Name des Plugins: folder, sftp, ipp, http, …")
    options: dict[str, Any] = Field(
        default_factory=dict, description="Einstellungen des Plugins (docs/print-plugins.md)."
    )
    cut_offs: Clocks | None = Field(
        None, description="Annahmeschlüsse dieser Ausgabe; fehlt der Eintrag: wie unter printing."
    )
    cut_off_days: Weekdays | None = Field(
        None, description="Tage der Annahmeschlüsse dieser Ausgabe; fehlt er: wie unter printing."
    )
    holidays: LandCode | None = Field(
        None, description="Land der Feiertage dieser Ausgabe; fehlt es: wie unter printing."
    )
    free_days: FreeDayList | None = Field(
        None, description="Freie Tage dieser Ausgabe; fehlt der Eintrag: wie unter printing."
    )
    news_days: NotNegative | None = Field(
        None, description="Tage, die diese Ausgabe gefragt wird; fehlt er: wie unter printing."
    )

    costs: CostSettings | None = Field(
        None, description="Preise dieser Ausgabe; fehlt der Abschnitt: wie unter printing."
    )


class PrintingSettings(Section):
    """What letters look like and where they go; Mandanten may choose otherwise for theirs."""

    output: str = Field("folder", description="Die Ausgabe, die gilt, wo keine gewählt ist.")
    base: Path = Field(
        Path(), description="Von diesem Ordner aus gelten Pfade in den Optionen der Ausgaben."
    )
    duplex: bool = Field(True, description="Beidseitig drucken.")
    colour: bool = Field(False, description="In Farbe drucken.")
    stock: str = Field("", description="Papiersorte, wie die Ausgabe sie nennt; leer: die übliche.")
    envelope: str = Field("", description="Umschlag, wie die Ausgabe ihn nennt; leer: der übliche.")
    product: str = Field(
        "", description="Versandprodukt, wie die Ausgabe es nennt; leer: das übliche."
    )
    cost_centre: str = Field("", description="Kostenstelle; leer: keine.")
    outputs: dict[OutputName, OutputSettings] = Field(
        default_factory=lambda: {
            "folder": OutputSettings(plugin="folder", options={"folder": "druck"})
        },
        description="Die Ausgaben nach ihren Namen; mehrere können dasselbe Plugin nutzen.",
    )
    costs: CostSettings = Field(
        default_factory=CostSettings,
        description="Preise für die Auswertung der Druckkosten; ohne Preise zeigt sie nur Mengen.",
    )
    cut_offs: Clocks = Field(
        ("16:00",),
        description="Annahmeschlüsse (Ortszeit): Dann werden die fertigen Briefe zu Stapeln "
        "zusammengefasst und übergeben, bis dahin lassen sie sich zurückziehen; leer: sofort.",
    )
    cut_off_days: Weekdays = Field(
        ("mo", "di", "mi", "do", "fr"),
        description="An diesen Tagen gelten die Annahmeschlüsse: mo, di, mi, do, fr, sa, so.",
    )
    holidays: LandCode = Field(
        "",
        description="An den gesetzlichen Feiertagen dieses Landes ist kein Annahmeschluss, etwa "
        "DE-TH; leer: Feiertage zählen wie andere Tage.",
    )
    free_days: FreeDayList = Field(
        (),
        description="An diesen Tagen ist auch keiner: jedes Jahr (24.12., 31.12.) oder einmal "
        "(15.05.2026).",
    )
    batch_letters: Positive = Field(5000, description="So viele Briefe hat ein Stapel höchstens.")
    processes: NotNegative = Field(
        0,
        description="So viele Prozesse setzen Briefe nebeneinander (je etwa 150 MB); 0: so viele, "
        "wie der Worker Kerne hat; 1: nur der Worker selbst.",
    )
    allocator: str = Field(
        "jemalloc",
        pattern="^(jemalloc|system)$",
        description="Womit diese Prozesse ihren Speicher verwalten: jemalloc (wo es installiert "
        "ist, bei Debian das Paket libjemalloc2; spart ein Zwanzigstel bis Zehntel der Rechenzeit) "
        "oder system.",
    )
    poll_minutes: Positive = Field(
        15, description="So oft wird eine Ausgabe gefragt, was aus ihren Briefen wurde (Minuten)."
    )
    news_days: NotNegative = Field(
        14,
        description="So viele Tage wird nach einer Übergabe gefragt; 0: Die Ausgabe meldet nie "
        "etwas, mit der Übergabe ist die Zustellung zu Ende.",
    )
    overdue_days: Positive = Field(
        5,
        description="So viele Tage nach einer Übergabe gilt ein Brief, von dem nichts gemeldet "
        "wurde, im Status und in der Überwachung als überfällig.",
    )
    return_days: NotNegative = Field(
        60,
        description="So viele Tage nach einer Übergabe wird noch gefragt, ob Briefe zurückkamen, "
        "auch wenn alle versandt sind; 0: nicht länger als bis dahin.",
    )
    templates: str = Field(
        "",
        description="Ordner mit eigenen Briefvorlagen, Datei für Datei statt der mitgelieferten, "
        "und je Mandant einem Ordner (docs/letter.md); leer: nur die mitgelieferten.",
    )
    service_franks: bool = Field(
        True,
        description="Der Druckdienst frankiert: 13 mm unter der Absenderzeile bleiben frei.",
    )
    marks: str = Field(
        "none",
        pattern="^(none|datamatrix|omr)$",
        description="Kuvertiermarken auf jedem Blatt: none, datamatrix oder omr.",
    )
    mark_left_mm: float = Field(
        3.5, ge=0, description="Abstand der Kuvertiermarke vom linken Blattrand (mm)."
    )
    mark_top_mm: float = Field(
        115, ge=0, description="Abstand der Kuvertiermarke vom oberen Blattrand (mm)."
    )
    mark_size_mm: float = Field(
        10, gt=0, description="Seite der DataMatrix mit Ruhezone, oder Länge der Balken (mm)."
    )

    def find_cut_offs(self, output: str) -> CutOffChoice:
        """When the batches of an output close."""
        own = self.outputs.get(output, OutputSettings())
        return CutOffChoice(
            self.cut_offs if own.cut_offs is None else own.cut_offs,
            self.cut_off_days if own.cut_off_days is None else own.cut_off_days,
            self.holidays if own.holidays is None else own.holidays,
            self.free_days if own.free_days is None else own.free_days,
        )

    def find_news_days(self, output: str) -> int:
        """For how many days an output is asked what became of its letters."""
        own = self.outputs.get(output, OutputSettings()).news_days
        return self.news_days if own is None else own

    def find_costs(self, output: str) -> CostSettings:
        """The prices of an output."""
        own = self.outputs.get(output, OutputSettings()).costs
        return self.costs if own is None else own

    @property
    def templates_folder(self) -> Path | None:
        """The folder of own templates; None where there is none."""
        return Path(self.templates) if self.templates else None
