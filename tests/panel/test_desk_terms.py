"""What is due, on the desk: its words, its order, its count; and the kinds of report."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text, update

from admin import moments
from backend import clock
from backend.catalog.calendar import add_working_days
from backend.clock import LIMA
from backend.db import db, transaction
from backend.reports.models import Report
from tests.formal import make_formal
from tests.panel.stories import Town
from tests.panel.test_desk import cards, ids

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=LIMA)
COUNT = re.compile(r'id="cuenta-plazo".*?<strong>(\d+)</strong>', re.DOTALL)


def due(town: Town, working_days: int, words: str = "Un robo de celular"):
    """A denuncia whose answer falls due in so many working days, or was due before."""
    report_id = town.report("robo_celular", descripcion=f"{words} {working_days}")
    make_formal(town.parts, report_id, clock.now())
    answer_by = add_working_days(clock.in_lima(clock.now()).date(), working_days)
    with transaction():
        change = update(Report).where(Report.id == report_id)
        db.session.execute(change.values(answer_by=answer_by))
    return report_id


def test_a_term_is_told_in_working_days(app):
    say = moments.term_words
    assert say(date(2026, 12, 1), FRIDAY) == "Vence el 1 dic · 2 días hábiles"
    assert say(date(2026, 11, 30), FRIDAY) == "Vence el 30 nov · 1 día hábil"
    assert say(date(2026, 11, 27), FRIDAY) == "Vence hoy"
    assert say(date(2026, 11, 26), FRIDAY) == "Venció el 26 nov · hace 1 día hábil"
    assert say(date(2027, 1, 4), FRIDAY).startswith("Vence el 4 ene 2027 · ")
    assert not moments.is_overdue(date(2026, 11, 27), FRIDAY)
    assert moments.is_overdue(date(2026, 11, 26), FRIDAY)


def test_what_is_due_is_said_and_counted_and_comes_in_its_order(town: Town):
    town.report(descripcion="Una alerta sin plazo de respuesta")
    tomorrow, late, later, soon = (due(town, days) for days in (1, -2, 8, 3))

    page = town.operador.get("/panel/mesa").text
    assert COUNT.search(page)[1] == "3"
    assert "plazo-vencido" in page
    assert "Venció el" in page

    page = town.operador.get("/panel/mesa?plazo=por_vencer").text
    assert cards(page) == ids(late, tomorrow, soon)
    assert str(later) not in cards(page)
    assert "lo que vence primero arriba" in page


def test_an_answered_case_is_due_no_more(town: Town):
    report_id = due(town, 1)
    town.operador.act(report_id, "recibir")
    town.operador.act(report_id, "cerrar", desenlace="bien_devuelto")
    page = town.operador.get("/panel/mesa?plazo=por_vencer").text
    assert cards(page) == []
    assert COUNT.search(page)[1] == "0"


def test_pages_of_what_is_due_follow_each_other(town: Town, monkeypatch):
    from admin import desk_rows

    made = [due(town, 1 + number % 3, f"Robo número {number}") for number in range(7)]
    seen, cursor = [], ""
    filters = desk_rows.Filters(plazo="por_vencer")
    while True:
        page = desk_rows.desk_page(town.operador.staff, filters, cursor, limit=2)
        seen += [card.id for card in page.cards]
        if not page.cursor:
            break
        cursor = page.cursor
    assert sorted(seen) == sorted(made)
    assert len(seen) == 7


def test_the_desk_of_another_unit_counts_nothing_of_it(town: Town):
    due(town, 1)
    east = town.officer("operador", town.callao.east)
    assert "cuenta-plazo" not in east.get("/panel/mesa").text
    chief = town.officer("supervisor", town.callao.divpol)
    assert "cuenta-plazo" not in chief.get("/panel/mesa").text
    assert COUNT.search(chief.get("/panel/mesa?unidad=todas").text)[1] == "1"


def test_what_is_due_is_read_from_its_index(town: Town, owner_engine):
    """Among many cases of the unit that were answered, the few that are due."""
    due(town, 1)
    columns = ", ".join(
        column.name for column in Report.__table__.columns if column.name not in ("id", "numero")
    )
    copies = f"""
        INSERT INTO report (id, numero, {columns})
        SELECT gen_random_uuid(), 'YA-' || n, {columns} FROM report, generate_series(1, 4000) AS n
    """
    with owner_engine.begin() as connection:
        connection.execute(text(copies))
        connection.execute(text("UPDATE report SET answer_by = NULL WHERE numero < 'YA-399'"))
        connection.execute(text("ANALYZE report"))
        query = """
            EXPLAIN SELECT id FROM report
            WHERE unit_id = :unit AND answer_by <= current_date + 5
              AND state IN ('received', 'forwarded', 'acknowledged', 'in_progress') LIMIT 500
        """
        plan = connection.execute(text(query), {"unit": town.callao.west.id}).scalars()
        assert "ix_report_answer_by" in "\n".join(plan)


@pytest.mark.parametrize("tipo", ["alerta", "factor_de_riesgo", "denuncia"])
def test_each_kind_has_its_tab(town: Town, tipo: str):
    made = {
        "alerta": town.report(descripcion="Una alerta de robo"),
        "factor_de_riesgo": town.report("falta_de_luz", descripcion="Un parque oscuro"),
        "denuncia": due(town, 5),
    }
    page = town.operador.get(f"/panel/mesa?tipo={tipo}").text
    assert cards(page) == ids(made[tipo])
    tabs = page.partition('class="tipos"')[2].partition("</nav>")[0]
    assert f'tipo={tipo}" aria-current="page"' in tabs
    assert '<span class="tipo-formal">Denuncia</span>' in town.operador.get("/panel/mesa").text


def test_a_desk_for_quejas_sees_the_band_of_an_arrival_and_the_day_of_its_term(town: Town):
    report_id = town.report("extorsion", lugar={"origen": "referencia", "distrito": "070101"})
    make_formal(
        town.parts,
        report_id,
        clock.now(),
        datos={"asunto": "cobro_de_cupos", "hecho": {"relato": "Me piden cupo cada semana"}},
    )
    desk = town.officer("operador", town.callao.extortion_desk)
    card = desk.get("/panel/mesa").text.partition(f'id="r-{report_id}"')[2].partition("</li>")[0]
    assert "Vence el" in card
    assert "<time" not in card


def test_terms_are_days_and_no_clock(town: Town):
    report_id = due(town, 2)
    answer_by = town.fresh(report_id).answer_by
    assert type(answer_by) is date
    assert answer_by > clock.in_lima(clock.now()).date() + timedelta(days=1)
