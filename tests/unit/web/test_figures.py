"""Figures and print costs in the Web-Client."""

import csv
import io
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from persistence.database import Database
from persistence.tables import message
from server.domain.figures import ClaimSum
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.services.figures.counting import FigureCounting
from server.web.figure_texts import write_cents, write_duration, write_number
from tests.support.counting import Send, make_counting, make_sending
from tests.support.web import Browser, WebSite
from tests.unit.conftest import FixedClock

CHART = re.compile(r"<svg.*?</svg>", re.S)


@pytest.fixture
def count_all(database: Database) -> Callable[[], None]:
    return make_counting(database)


@pytest.fixture
def send(database: Database, clock: FixedClock) -> Send:
    return make_sending(database, clock)


@pytest.fixture
def manager(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.MANAGER, author.mandant.key, "ole")


@pytest.fixture
def two_messages(send: Send, count_all: Callable[[], None], author: Caller, reader: Caller) -> None:
    send(author, reader, ClaimSum("hundesteuer", 2, 1_234_56))
    send(author, reader, ClaimSum("gewerbesteuer", 1, 10_00))
    count_all()


@pytest.mark.usefixtures("two_messages")
def test_figures_show_table_and_chart_of_the_own_mandant(manager: Browser) -> None:
    page = manager.get("/auswertung").text
    assert "2 gesendet, 0 empfangen" in page
    assert "November 2026" in page
    assert "1.244,56" in page
    (chart,) = CHART.findall(page)
    assert 'role="img"' in chart
    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page


@pytest.mark.usefixtures("two_messages")
@pytest.mark.parametrize(
    ("grouping", "expected"),
    [
        ("woche", "KW 48/2026"),
        ("behoerde", "jena"),
        ("kanal", "Postfach"),
        ("stand", "zugestellt"),
        ("einnahmeart", "Hundesteuer"),
        ("art", "Vollstreckungshilfeersuchen"),
    ],
)
def test_figures_by_each_grouping(manager: Browser, grouping: str, expected: str) -> None:
    page = manager.get(f"/auswertung?gliederung={grouping}").text
    assert re.search(rf'<th class="kern-table__header" scope="row">{expected}', page)


@pytest.mark.usefixtures("two_messages")
def test_another_mandant_sees_none_of_it_and_the_operator_the_sum(
    site: WebSite, database: Database, author: Caller, reader: Caller
) -> None:
    other = site.sign_in(Role.MANAGER, reader.mandant.key, "eva")
    assert "0 gesendet, 2 empfangen" in other.get("/auswertung").text
    operator = site.sign_in(Role.OPERATOR, None, "betreiber")
    page = operator.get("/auswertung?gliederung=behoerde").text
    assert "2 gesendet, 2 empfangen" in page
    assert ">Mandant<" in page


@pytest.mark.usefixtures("two_messages")
def test_filter_limits_the_figures(manager: Browser) -> None:
    page = manager.get("/auswertung?einnahmeart=hundesteuer&art=ersuchen").text
    assert "1 gesendet" in page
    assert "Keine" not in page
    page = manager.get("/auswertung?behoerde=999999").text
    assert "keine Nachricht, die zur Auswahl passt" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("von=2026-11-02&bis=2026-11-01", "endet, bevor er beginnt"),
        ("von=9999-12-01&bis=9999-12-31", "Jahren 2000 bis 2199"),
        ("von=2010-01-01&bis=2026-11-01", "höchstens fünf Jahre"),
        ("von=2026-01-01&bis=2026-11-01&gliederung=tag", "höchstens 100 Tage"),
    ],
)
def test_period_that_cannot_be_shown_is_told(manager: Browser, query: str, expected: str) -> None:
    page = manager.get(f"/auswertung?{query}")
    assert page.status_code == 200
    assert expected in page.text
    assert manager.get(f"/auswertung/datei/csv?{query}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["von=x&bis=y", "gliederung=quer", "behoerde=-1&kanal=x", "behoerde=²", "von=0001-01-01"],
)
def test_senseless_parameters_do_no_harm(manager: Browser, query: str) -> None:
    assert manager.get(f"/auswertung?{query}").status_code == 200


def test_part_for_a_script_has_no_head(manager: Browser) -> None:
    part = manager.get("/auswertung", **{"HX-Request": "true"}).text
    assert "<html" not in part
    assert "gesendet" in part


@pytest.mark.usefixtures("two_messages")
def test_figures_as_csv_and_xlsx(manager: Browser) -> None:
    answer = manager.get("/auswertung/datei/csv?gliederung=einnahmeart")
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert head[:3] == ["Gruppe", "Schlüssel", "Nachrichten, gesendet"]
    found = {row[1]: row for row in rows}
    assert found["hundesteuer"][5] == "1234,56"
    assert found[""][:3] == ["Summe", "", "2"]
    content = manager.get("/auswertung/datei/xlsx?gliederung=einnahmeart").data
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    values = {row[1]: row for row in sheet.iter_rows(values_only=True)}
    assert values["hundesteuer"][2] == 1
    assert values["hundesteuer"][5] == pytest.approx(1234.56)
    assert manager.get("/auswertung/datei/exe").status_code == 404


def test_costs_without_letters_say_so(manager: Browser) -> None:
    assert "kein Brief" in manager.get("/auswertung/druckkosten").text
    assert manager.get("/auswertung/druckkosten/datei/csv").status_code == 200


@pytest.mark.parametrize("role", [Role.SACHBEARBEITER, Role.READ_ONLY])
@pytest.mark.parametrize(
    "path", ["/auswertung", "/auswertung/druckkosten", "/auswertung/datei/csv"]
)
def test_figures_are_not_for_everybody(
    site: WebSite, author: Caller, role: Role, path: str
) -> None:
    assert site.sign_in(role, author.mandant.key).get(path).status_code == 403


def test_names_from_messages_are_text_in_charts_and_no_formula_in_files(
    site: WebSite, database: Database, manager: Browser, send: Send, author: Caller, reader: Caller
) -> None:
    send(author, reader)
    with database.engine.begin() as connection:
        connection.execute(update(message).values(reader_name='=1+1<b>"&'))
    FigureCounting(database).count_due()
    page = manager.get("/auswertung?gliederung=behoerde").text
    (chart,) = CHART.findall(page)
    assert any(element.text == '=1+1<b>"&' for element in ElementTree.fromstring(chart).iter())
    assert "<b>" not in page
    rows = manager.get("/auswertung/datei/csv?gliederung=behoerde").data.decode("utf-8-sig")
    assert "'=1+1" in rows
    content = manager.get("/auswertung/datei/xlsx?gliederung=behoerde").data
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cell = sheet["A2"]
    assert (cell.value, cell.data_type) == ('=1+1<b>"&', "s")


@pytest.mark.parametrize(
    ("seconds", "number", "expected"),
    [
        (0, 0, "–"),
        (60, 1, "1 Min."),
        (5400, 1, "1,5 Std."),
        (7200, 4, "30 Min."),
        (86400 * 3, 1, "3,0 Tage"),
    ],
)
def test_write_duration_in_a_unit_that_can_be_read(
    seconds: int, number: int, expected: str
) -> None:
    assert write_duration(seconds, number) == expected


def test_numbers_are_written_in_german() -> None:
    assert write_number(1234567) == "1.234.567"
    assert write_cents(123456) == "1.234,56\N{NO-BREAK SPACE}€"
