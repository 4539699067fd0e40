"""Cut-offs as the settings name them."""

from datetime import UTC, datetime

from server.bootstrap_batching import make_cut_offs
from server.running.batches import render_cut_offs
from server.settings_printing import OutputSettings, PrintingSettings

PRINTING = PrintingSettings(
    cut_offs=("10:00", "16:00"),
    holidays="DE-TH",
    free_days=("24.12.", "28.12.2026"),
    outputs={
        "haus": OutputSettings(),
        "dienst": OutputSettings(holidays="", free_days=()),
        "sofort": OutputSettings(cut_offs=()),
    },
)
# After the last cut-off of the 23rd.
MOMENT = datetime(2026, 12, 23, 15, 0, tzinfo=UTC)


def test_make_cut_offs_leave_out_holidays_and_own_days_of_each_output() -> None:
    cut_offs = make_cut_offs(PRINTING, lambda: MOMENT)
    assert cut_offs.find_next("haus") == datetime(2026, 12, 29, 9, 0, tzinfo=UTC)
    assert cut_offs.find_next("dienst") == datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
    assert cut_offs.find_next("sofort") is None


def test_render_cut_offs_tells_the_next_and_the_days_left_out() -> None:
    assert list(render_cut_offs(make_cut_offs(PRINTING, lambda: MOMENT).list_next())) == [
        "Nächster Annahmeschluss haus: Di 29.12.2026, 10:00 Uhr (kein Annahmeschluss: "
        "Do 24.12.2026, Fr 25.12.2026, Mo 28.12.2026)",
        "Nächster Annahmeschluss dienst: Do 24.12.2026, 10:00 Uhr",
        "Annahmeschluss sofort: sofort, es wird nicht gewartet",
    ]
