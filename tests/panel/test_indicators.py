"""`/panel/juntas/resultados`: who sees which lines, in which words, and what is downloaded."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from backend.db import db
from backend.identity.models import AuditEntry, RoleName
from backend.indicators.models import Quarter
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from tests.builders import a_member_of_staff, a_unit
from tests.indicators.pages import Tables
from tests.indicators.rows import a_district, a_junta, a_member, a_station, an_informe, juntas, lima
from tests.juntas import an_office_account
from tests.pages.conftest import DESKTOP, PHONE, open_phone
from tests.pages.test_quality import serious_problems
from tests.panel.conftest import cookies_for, sign_in

__all__ = ["open_phone"]

PAGE = "/panel/juntas/resultados"
DOCUMENT = Path(__file__).parents[2] / "docs" / "indicadores.md"
ALLOWED = {
    RoleName.PARTICIPACION_CIUDADANA,
    RoleName.COMISARIO,
    RoleName.SUPERVISOR,
    RoleName.ANALISTA,
    RoleName.SECRETARIA_TECNICA,
}
ALWAYS = (date(2024, 1, 1), date(2199, 12, 31))
# The last day of the last week that is over, and what the address of its quarter asks for.
SUNDAY = today() - timedelta(days=today().isoweekday())
THEN = f"anio={SUNDAY.year}&trimestre={Quarter.of(SUNDAY).number}"
FORMULA = '=HYPERLINK("https://example.org";"Junta")'
SignedIn = Callable[..., FlaskClient]


class Ilo:
    """A region with a comisaría of six juntas, a small one, and one of another district."""

    def __init__(self) -> None:
        a_district("180301", "Ilo", "Ilo")
        a_district("180303", "Pacocha", "Ilo")
        self.region = a_unit("REG", "region", name="Región Sur")
        self.ilo = a_station("ILO", "180301", self.region)
        self.small = a_station("PAMPA", "180301", self.region)
        self.pacocha = a_station("PACOCHA", "180303", self.region)
        self.empty = a_station("VACIA", "180303", self.region)
        self.of_ilo = juntas(self.ilo, 6, ALWAYS)
        self.of_small = juntas(self.small, 2, ALWAYS)
        self.of_pacocha = juntas(self.pacocha, 5, ALWAYS)
        for junta in self.of_ilo[:2]:
            an_informe(junta, self.ilo.id, lima(SUNDAY), kind="falta")
        an_informe(self.of_small[0], self.small.id, lima(SUNDAY))
        for sex in ("mujer", "mujer", "hombre"):
            a_member(self.of_ilo[0], sex)


@pytest.fixture
def ilo(app) -> Ilo:
    return Ilo()


@pytest.fixture
def signed_in(client: FlaskClient) -> SignedIn:
    def enter(role: str, unit: PoliceUnit | None) -> FlaskClient:
        if role == RoleName.PARTICIPACION_CIUDADANA and unit is not None:
            return sign_in(client, an_office_account(unit))
        return sign_in(client, a_member_of_staff(f"{role[:9]}-x", role, unit))

    return enter


def first_table(client: FlaskClient, query: str = THEN) -> dict[str, list[str]]:
    """The A 28 table: the words of each line by its name."""
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200, answer.text
    return {row[0]: row[1:] for row in Tables(answer.text).tables[0][1:]}


@pytest.mark.parametrize("role", list(RoleName))
def test_who_may_open_it(signed_in: SignedIn, ilo: Ilo, role: RoleName):
    client = signed_in(role.value, ilo.ilo)
    for address in (PAGE, f"{PAGE}.xlsx", f"{PAGE}.pdf"):
        status = client.get(address).status_code
        assert status == (403 if role not in ALLOWED else status)
        assert role not in ALLOWED or status == 200


@pytest.mark.parametrize("role", ["participacion_ciudadana", "comisario"])
def test_the_own_comisaria_sees_each_of_its_juntas(signed_in: SignedIn, ilo: Ilo, role: str):
    found = first_table(signed_in(role, ilo.small))
    assert sorted(found.values()) == [
        ["50.0 % 1 de 2", "50.0 % 1 de 2"],
        ["No", "No"],
        ["Sí", "Sí"],
    ]
    assert [name for name in found if name != "Total"] == sorted(name for name in found)[:2]


def test_each_comisaria_sees_its_own_juntas_alone(app, ilo: Ilo):
    seen = []
    for unit in (ilo.ilo, ilo.small):
        chief = a_member_of_staff(f"chief-{unit.code.lower()}", "comisario", unit)
        seen.append(set(first_table(sign_in(app.test_client(), chief))) - {"Total"})
    assert [len(names) for names in seen] == [6, 2]
    assert seen[0].isdisjoint(seen[1])


def test_the_other_tables_count_what_was_told_and_who_belongs(signed_in: SignedIn, ilo: Ilo):
    page = signed_in("comisario", ilo.ilo).get(f"{PAGE}?{THEN}").text
    totals = [table[-1] for table in Tables(page).tables]
    assert totals[1] == ["Total", "0", "2", "0", "0", "2"]
    assert totals[2][1] == "0.0 % 0 de 2"
    assert totals[3] == ["Total", "0", "0", "0", "0", "0"]
    assert totals[4] == ["Total", "66.7 % 2 de 3", "33.3 % 1 de 3", "3"]


def test_it_is_said_until_which_sunday_informes_are_counted(
    signed_in: SignedIn, ilo: Ilo, tmp_path: Path
):
    """On the page and in both files; from above they are counted until today, and it is not."""
    said = f"hasta el domingo {SUNDAY:%d/%m/%Y}"
    told_now = an_informe(ilo.of_small[1], ilo.small.id, lima(today()))
    client = signed_in("comisario", ilo.small)
    page = client.get(f"{PAGE}?{THEN}").text
    assert told_now and first_table(client)["Total"][0] == "50.0 % 1 de 2"
    assert said in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{PAGE}.xlsx?{THEN}").data))
    cells = [str(cell.value) for cell in book["Definiciones"]["A"]]
    assert any(said in cell for cell in cells), cells
    path = tmp_path / "resultados.pdf"
    path.write_bytes(client.get(f"{PAGE}.pdf?{THEN}").data)
    assert said in words_of(path)
    assert "domingo" not in signed_in("supervisor", ilo.region).get(f"{PAGE}?{THEN}").text


def test_above_few_juntas_are_put_together_and_none_has_a_name(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("supervisor", ilo.region)
    page = client.get(PAGE).text
    assert first_table(client) == {
        "Comisaría PACOCHA": ["0.0 % 0 de 5", "0.0 % 0 de 5"],
        "Comisaría VACIA Sin juntas vigentes en el trimestre.": ["—", "—"],
        "Comisarías de Ilo Reúne: Comisaría ILO, Comisaría PAMPA.": [
            "37.5 % 3 de 8",
            "37.5 % 3 de 8",
        ],
        "Total": ["23.1 % 3 de 13", "23.1 % 3 de 13"],
    }
    assert "JV-" not in page
    assert "Ninguna cifra es de menos de cinco juntas" in page


def test_districts_and_provinces(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("secretaria_tecnica", ilo.region)
    assert list(first_table(client, f"{THEN}&nivel=distrito")) == ["Ilo", "Pacocha", "Total"]
    assert first_table(client, f"{THEN}&nivel=provincia") == {"Ilo": ["23.1 % 3 de 13"] * 2}


def test_of_a_small_comisaria_nobody_above_learns_anything(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("secretaria_tecnica", ilo.small)
    page = client.get(PAGE).text
    assert first_table(client) == {"Total": ["—", "—"]}
    assert "Hay comisarías con pocas juntas que no aparecen" in page


def test_without_a_unit_there_are_words(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("analista", None)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "no tiene una unidad" in page.text
    assert client.get(f"{PAGE}.xlsx").status_code == 403
    assert client.get(f"{PAGE}.pdf").status_code == 403


def test_without_one_of_the_two_seats_the_office_sees_none(client, ilo: Ilo):
    staff = a_member_of_staff("sin.sitio", "participacion_ciudadana", ilo.ilo)
    assert "no tiene una unidad" in sign_in(client, staff).get(PAGE).text


def test_a_comisario_of_something_else_has_no_juntas(signed_in: SignedIn, ilo: Ilo):
    assert "no tiene una unidad" in signed_in("comisario", ilo.region).get(PAGE).text


def test_without_juntas_there_is_no_percentage(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("comisario", ilo.empty)
    assert first_table(client) == {"Total": ["—", "—"]}
    page = client.get(PAGE).text
    assert "No hubo juntas vigentes en el trimestre" in page
    assert " 0.0 %" not in page


def test_an_earlier_quarter_is_chosen(signed_in: SignedIn, ilo: Ilo):
    earlier = Quarter.of(Quarter.of(today()).first_day - timedelta(days=1))
    an_informe(ilo.of_small[1], ilo.small.id, lima(earlier.last_day))
    client = signed_in("comisario", ilo.small)
    asked = f"anio={earlier.year}&trimestre={earlier.number}"
    assert first_table(client, asked)["Total"][0] == "50.0 % 1 de 2"
    page = client.get(f"{PAGE}?{asked}").text
    assert "en curso: contado" not in page
    assert f'<option value="{earlier.year}" selected>' in page


@pytest.mark.parametrize(
    "query",
    [
        "anio=2199",
        "anio=2025&trimestre=5",
        "anio=2025&trimestre=0",
        "anio=dos&trimestre=1",
        "anio=99999999999999&trimestre=1",
        "anio=-5&trimestre=1",
        "nivel=region",
        "nivel=comisaria",
    ],
)
def test_what_there_is_not(signed_in: SignedIn, ilo: Ilo, query: str):
    client = signed_in("comisario", ilo.ilo)
    for address in (PAGE, f"{PAGE}.xlsx", f"{PAGE}.pdf"):
        assert client.get(f"{address}?{query}").status_code == 422


@pytest.mark.parametrize("year", [today().year + 1, 99999999999999])
def test_a_quarter_that_the_lists_offer_too_early(signed_in: SignedIn, ilo: Ilo, year: int):
    """In March the list has the fourth quarter, too: "elija de la lista" would be no help."""
    page = signed_in("comisario", ilo.ilo).get(f"{PAGE}?anio={year}&trimestre=4")
    assert page.status_code == 422
    assert "Ese trimestre todavía no empieza" in page.text


def test_a_region_takes_no_more_statements_than_a_station(signed_in: SignedIn, ilo: Ilo):
    client = signed_in("supervisor", ilo.region)
    few = statements_of(client)
    for number in range(12):
        juntas(a_station(f"OTRA{number}", "180301", ilo.region), 3, ALWAYS)
    assert statements_of(client) == few


def statements_of(client: FlaskClient) -> int:
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(PAGE).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)


def test_the_document_explains_every_column(signed_in: SignedIn, ilo: Ilo):
    document = DOCUMENT.read_text(encoding="utf-8").lower()
    for table in Tables(signed_in("comisario", ilo.ilo).get(PAGE).text).tables[1:]:
        for heading in table[0][1:]:
            assert heading.lower() in document, heading


# Files


def trail() -> list[dict]:
    db.session.rollback()
    query = select(AuditEntry.details).where(AuditEntry.action == "indicators_exported")
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def test_excel_says_the_same_and_lets_no_formula_out(signed_in: SignedIn, ilo: Ilo):
    a_junta(ilo.small, ALWAYS, name=FORMULA)
    a_junta(ilo.small, ALWAYS, name="+51 900 000 000\x01")
    answer = signed_in("comisario", ilo.small).get(f"{PAGE}.xlsx?{THEN}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [
        "A 28",
        "Informes",
        "Atención",
        "Logros",
        "Integrantes",
        "Definiciones",
    ]
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    found = [cell for cell in cells if str(cell.value).startswith(FORMULA)]
    assert len(found) == 5
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)
    for name in zipfile.ZipFile(io.BytesIO(answer.data)).namelist():
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(answer.data)).read(name), name
    rows = list(book["A 28"].iter_rows(min_row=7, values_only=True))
    assert rows[0][:4] == (
        "Junta",
        "En el trimestre: cuántos",
        "En el trimestre: de",
        "En el trimestre: %",
    )
    assert rows[-1][:4] == ("Total", 1, 4, 0.25)
    assert next(row[1:2] for row in rows if row[1] == "Sí") == ("Sí",)
    asked = {"year": SUNDAY.year, "quarter": Quarter.of(SUNDAY).number, "level": "junta"}
    assert trail() == [asked | {"format": "xlsx"}]


def test_the_print_of_a_codisec(signed_in: SignedIn, ilo: Ilo, tmp_path: Path):
    answer = signed_in("secretaria_tecnica", ilo.region).get(f"{PAGE}.pdf?{THEN}&nivel=distrito")
    assert answer.status_code == 200
    path = tmp_path / "resultados.pdf"
    path.write_bytes(answer.data)
    words = words_of(path)
    for said in (
        "Resultados de las juntas vecinales",
        "Comisarías de Región Sur",
        "Contado el",
        "37.5 % 3 de 8",
        "Total 23.1 %",
        "Secretaría técnica",
        "Presidencia",
        "Nombre, firma y sello",
        "Página 1 de",
        "Denominador: juntas vigentes",
        "Meta del plan provincial de Ilo",
    ):
        assert said in words, said
    with pikepdf.open(path) as pdf:
        page = [float(number) for number in pdf.pages[0].MediaBox]
        assert [round(number) for number in page] == [0, 0, 595, 842]  # A4
        assert pdf.Root.Lang == "es-PE"
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"].startswith("Resultados de las juntas vecinales")
    assert [entry["format"] for entry in trail()] == ["pdf"]


def words_of(path: Path) -> str:
    made = subprocess.run(
        ["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True
    )
    return " ".join(made.stdout.replace("\u200b", "").split())


def test_names_are_printed_as_they_are_written(signed_in: SignedIn, ilo: Ilo, tmp_path: Path):
    markup = "#panic() $x$ *a* _b_ <c> @d 😀"
    a_junta(ilo.small, ALWAYS, name=markup)
    client = signed_in("participacion_ciudadana", ilo.small)
    path = tmp_path / "resultados.pdf"
    path.write_bytes(client.get(f"{PAGE}.pdf").data)
    assert words_of(path).count("#panic() $x$ *a* _b_ <c> @d") == 4
    assert "#panic() $x$ *a* _b_ &lt;c&gt; @d" in client.get(PAGE).text


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_is_read_on_a_small_and_on_an_old_screen(
    app, ilo: Ilo, live_server, open_phone, viewport
):
    staff = a_member_of_staff("comisario", "comisario", ilo.ilo)
    page = open_phone(viewport=viewport, bypass_csp=True)
    page.context.add_cookies(cookies_for(app, staff, live_server))
    page.goto(PAGE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_problems(page) == []
    page.get_by_label("Trimestre", exact=True).select_option(index=0)
    page.get_by_role("button", name="Mostrar").click()
    assert "Primer trimestre" in page.locator("main").inner_text()
