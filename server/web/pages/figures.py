"""Figures and print costs: tables, charts, files."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, render_template, request, url_for
from wtforms.fields import DateField, SelectField
from wtforms.validators import Optional

from server.domain.figure_query import CHANNEL_NAMES, FigureQuery
from server.domain.figures import FigureFilter, FigureGrouping, MessageSums
from server.domain.message import STATE_NAMES
from server.domain.rights import Permission
from server.domain.vorgang_facts import MESSAGE_EVENTS
from server.domain.vorgang_text import MESSAGE_NAMES
from server.services.figures.export import (
    Sheet,
    make_cost_sheet,
    make_figure_sheet,
    write_csv,
    write_xlsx,
)
from server.services.figures.showing import (
    MAX_WAITING,
    CostTable,
    FigureLine,
    FigureQueryRefused,
    FigureTable,
)
from server.web.charts import Chart, Series, draw
from server.web.context import current_actor, services
from server.web.forms import GermanForm, make_choices, refuse_field
from server.web.guard import is_part_wanted
from server.web.routes import Pages

pages = Pages("figures", __name__)

# So many groups stand in a table and in a chart; files have them all.
_MAX_LINES, _MAX_BARS = 100, 12
_FORMATS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
_SECONDS_A_DAY = 86_400
_PARTNER = re.compile("[0-9]{1,18}")
_ALL = ("", "alle")
_GROUPINGS = (
    (FigureGrouping.MONTH.value, "Monaten"),
    (FigureGrouping.WEEK.value, "Wochen"),
    (FigureGrouping.DAY.value, "Tagen"),
    (FigureGrouping.BEHOERDE.value, "Behörden"),
    (FigureGrouping.CHANNEL.value, "Zustellwegen"),
    (FigureGrouping.STATE.value, "Ständen"),
    (FigureGrouping.EINNAHMEART.value, "Einnahmearten"),
    (FigureGrouping.KIND.value, "Nachrichtenarten"),
)


class PeriodFilter(GermanForm):
    """From a day to a day; the names stand in the address of the page."""

    von = DateField("Von", [Optional()])
    bis = DateField("Bis", [Optional()])


class FigureForm(PeriodFilter):
    """Which figures are shown."""

    gliederung = SelectField(
        "Gegliedert nach", choices=make_choices(_GROUPINGS), default=FigureGrouping.MONTH.value
    )
    behoerde = SelectField("Behörde", default="", choices=[], validate_choice=False)
    kanal = SelectField(
        "Zustellweg",
        default="",
        choices=make_choices([_ALL, *((key.value, name) for key, name in CHANNEL_NAMES.items())]),
    )
    stand = SelectField(
        "Stand",
        default="",
        choices=make_choices([_ALL, *((key.value, name) for key, name in STATE_NAMES.items())]),
    )
    einnahmeart = SelectField("Einnahmeart", default="", choices=[], validate_choice=False)
    art = SelectField(
        "Nachrichtenart",
        default="",
        choices=make_choices(
            [_ALL, *((key.value, MESSAGE_NAMES[key]) for key in sorted(MESSAGE_EVENTS))]
        ),
    )


@dataclass(frozen=True)
class FigureView:
    """What the page shows of a table: the first groups, and how many more there are."""

    table: FigureTable
    lines: Sequence[FigureLine]
    omitted: int
    charts: Sequence[Any]


@pages.page("/auswertung", Permission.READ_FIGURES)
def show_figures() -> str:
    """Figures by group; for a script only their part of the page."""
    form = FigureForm(request.args)
    table = _read_table(form)
    part = {
        "form": form,
        "sicht": _make_view(table) if table else None,
        "hoechstens": MAX_WAITING,
        "dateien": _list_files("figures.export_figures", form),
    }
    if is_part_wanted():
        return render_template("pages/auswertung_ergebnis.html", **part)
    _offer_choices(form, table)
    return render_template("pages/auswertung.html", **part)


@pages.page("/auswertung/datei/<form>", Permission.READ_FIGURES)
def export_figures(form: str) -> Response:
    """The same figures as a file, with all groups."""
    table = _read_table(FigureForm(request.args))
    return _send_file(form, make_figure_sheet(table) if table else None)


@pages.page("/auswertung/druckkosten", Permission.READ_COSTS)
def show_costs() -> str:
    """What letters cost by cost centre."""
    form = PeriodFilter(request.args)
    table = _read_costs(form)
    part = {
        "form": form,
        "kosten": table,
        "bild": _draw_costs(table) if table and table.lines else None,
        "hoechstens": MAX_WAITING,
        "dateien": _list_files("figures.export_costs", form),
    }
    is_part = is_part_wanted()
    return render_template(f"pages/druckkosten{'_ergebnis' if is_part else ''}.html", **part)


@pages.page("/auswertung/druckkosten/datei/<form>", Permission.READ_COSTS)
def export_costs(form: str) -> Response:
    """The same costs as a file."""
    table = _read_costs(PeriodFilter(request.args))
    return _send_file(form, make_cost_sheet(table) if table else None)


def _read_period(form: PeriodFilter) -> tuple[date, date]:
    """What is missing, or does not validate, is that of the last twelve months."""
    form.validate()
    first, last = services().figures.last_year()
    if not form.von.data or form.von.errors:
        form.von.data = first
    if not form.bis.data or form.bis.errors:
        form.bis.data = last
    return form.von.data, form.bis.data


def _read_table(form: FigureForm) -> FigureTable | None:
    """None where the figures are refused; the reason stands at its field."""
    first, last = _read_period(form)
    values = {
        name: "" if field.errors else field.data or "" for name, field in form._fields.items()
    }
    partner = values["behoerde"]
    chosen = FigureFilter(
        int(partner) if _PARTNER.fullmatch(partner) else None,
        values["kanal"],
        values["stand"],
        values["einnahmeart"],
        values["art"],
    )
    grouping = FigureGrouping(values["gliederung"] or FigureGrouping.MONTH)
    try:
        return services().figures.show(current_actor(), FigureQuery(first, last, grouping, chosen))
    except FigureQueryRefused as error:
        refuse_field(form.bis, str(error))
        return None


def _read_costs(form: PeriodFilter) -> CostTable | None:
    first, last = _read_period(form)
    try:
        return services().figures.show_costs(current_actor(), first, last)
    except FigureQueryRefused as error:
        refuse_field(form.bis, str(error))
        return None


def _offer_choices(form: FigureForm, table: FigureTable | None) -> None:
    actor, figures = current_actor(), services().figures
    if actor.mandant is None:
        form.behoerde.label.text = "Mandant"
    parties = figures.list_parties(actor, table.query.first, table.query.last) if table else ()
    form.behoerde.choices = make_choices(
        [_ALL, *((str(key), party.name or party.value) for key, party in parties)]
    )
    form.einnahmeart.choices = make_choices([_ALL, *figures.list_einnahmearten()])


def _make_view(table: FigureTable) -> FigureView:
    shown = table.lines if table.query.grouping.is_of_time else table.lines[:_MAX_LINES]
    charts = [draw(chart, number) for number, chart in enumerate(_list_charts(table), 1)]
    return FigureView(table, shown, len(table.lines) - len(shown), charts)


def _list_charts(table: FigureTable) -> Sequence[Chart]:
    """Numbers of messages, and how long they took where that can be told."""
    if not table.total.outgoing.messages and not table.total.incoming.messages:
        return ()
    is_of_time = table.query.grouping.is_of_time
    lines = table.lines if is_of_time else table.lines[:_MAX_BARS]
    labels = [line.label for line in lines]
    numbers = Chart(
        "Nachrichten",
        "Zahl der gesendeten und empfangenen Nachrichten; alle Werte stehen in der Tabelle.",
        labels,
        [
            Series("gesendet", [line.outgoing.messages for line in lines]),
            Series("empfangen", [line.incoming.messages for line in lines]),
        ],
        is_aside=not is_of_time,
    )
    times = Chart(
        "Tage bis zur Erledigung",
        "Mittlere Tage vom Ersuchen bis zur Erledigung; alle Werte stehen in der Tabelle.",
        labels,
        [
            Series("von uns ersucht", [_find_days(line.incoming) for line in lines]),
            Series("von uns erledigt", [_find_days(line.outgoing) for line in lines]),
        ],
        is_aside=not is_of_time,
    )
    is_done = table.total.outgoing.done or table.total.incoming.done
    return (numbers, times) if is_done else (numbers,)


def _find_days(sums: MessageSums) -> float:
    return round(sums.done_seconds / sums.done / _SECONDS_A_DAY, 1) if sums.done else 0


def _draw_costs(table: CostTable) -> Any:
    """Euro by cost centre; letters where no price is known."""
    sums: dict[str, float] = {}
    for line in table.lines:
        value = line.sums.letters if table.cost is None else line.cost or 0
        sums[line.cost_centre] = sums.get(line.cost_centre, 0) + float(value)
    largest = sorted(sums.items(), key=lambda item: -item[1])[:_MAX_BARS]
    unit = "Briefe" if table.cost is None else "Euro"
    chart = Chart(
        f"{unit} nach Kostenstelle",
        f"{unit} je Kostenstelle; alle Werte stehen in der Tabelle.",
        [name or "ohne Kostenstelle" for name, _ in largest],
        [Series(unit, [value for _, value in largest])],
        is_aside=True,
    )
    return draw(chart)


def _list_files(endpoint: str, form: PeriodFilter) -> Sequence[tuple[str, str]]:
    """Labels and addresses of the same question as files."""
    given: dict[str, Any] = {
        name: str(field.data) for name, field in form._fields.items() if field.data
    }
    return [(kind.upper(), url_for(endpoint, form=kind, **given)) for kind in _FORMATS]


def _send_file(kind: str, sheet: Sheet | None) -> Response:
    if kind not in _FORMATS or sheet is None:
        abort(404)
    content_type, write = _FORMATS[kind]
    name = f"{sheet.title.lower().replace(' ', '_')}.{kind}"
    return Response(
        write(sheet),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
