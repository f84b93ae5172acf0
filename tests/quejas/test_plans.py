"""The desk stays on its indexes, and only quejas pay for the look at their bars."""

import pytest
from sqlalchemy import Engine, event, text

from admin import desk_rows
from admin.desk_filters import ALL_UNITS, Filters
from backend.db import db
from backend.reports.queries import desk_pulse
from tests.builders import a_member_of_staff
from tests.quejas.builders import Ladder

# Closed reports are most of a table; a desk asks for the open ones of some units.
FILL = """
    INSERT INTO report (id, numero, kind, categoria, is_sensible, is_reserved, priority,
        place_source, is_ongoing, received_at, updated_at, routing_rule, unit_id,
        clave_key_version, state, moderation)
    SELECT gen_random_uuid(), 'YA-' || lpad(n::text, 11, '0'), kind, 'robo', kind = 'queja', false,
        1 + n % 3, 'referencia', false, now() - n * interval '1 minute',
        now() - n * interval '1 minute', 'queja_desk', unit_id, 1,
        CASE WHEN n % 20 IN (1, 5, 8, 10) THEN 'forwarded' ELSE 'resolved' END, 'passed'
    FROM (
        SELECT n, CASE WHEN n % 20 < 2 THEN 'queja' ELSE 'alerta' END AS kind,
            CASE WHEN n % 20 < 2 THEN CAST(:desk AS int) ELSE (CAST(:units AS int[]))[1 + n % 4] END
                AS unit_id
        FROM generate_series(1, 12000) AS n) AS made
"""
BARS = """
    INSERT INTO complaint_bar (report_id, unit_id, is_accused)
    SELECT r.id, bar.unit_id, bar.is_accused
    FROM report r, (VALUES (:west, true), (:divpol, false), (:region, false))
        AS bar (unit_id, is_accused)
    WHERE r.kind = 'queja' AND right(r.numero, 1) < '5'
"""


@pytest.fixture
def ladder(app, owner_engine: Engine) -> Ladder:
    ladder = Ladder()
    units = [ladder.west.id, ladder.east.id, ladder.extortion_desk.id, ladder.cud.id]
    accused = {"west": ladder.west.id, "divpol": ladder.divpol.id, "region": ladder.region.id}
    desk = ladder.drugs_desk.id
    db.session.rollback()
    with owner_engine.begin() as connection:
        connection.execute(text(FILL), {"units": units, "desk": desk})
        connection.execute(text(BARS), accused)
    with owner_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("report", "complaint_bar", "police_unit"):
            connection.execute(text(f"ANALYZE {table}"))
    return ladder


@pytest.mark.parametrize(
    ("role", "unit"),
    [("operador", "west"), ("supervisor", "region"), ("operador", "drugs_desk")],
)
def test_every_list_of_the_desk_is_answered_from_indexes(ladder: Ladder, role: str, unit: str):
    staff = a_member_of_staff("alguien", role, getattr(ladder, unit))
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        if "report" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        desk_rows.desk_page(staff, Filters())
        desk_rows.desk_page(staff, Filters(unidad=ALL_UNITS))
        desk_rows.arrivals(staff, is_wide=True)
        desk_rows.review_count(staff)
        desk_rows.escalated_cards(staff)
        desk_pulse(staff)
        desk_pulse(staff, is_wide=True)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) >= 6
    for statement, parameters in asked:
        with db.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        for table in ("report", "complaint_bar"):
            assert not [line for line in plan if f"Seq Scan on {table}" in line], "\n".join(
                [statement, *plan]
            )


def test_only_quejas_are_looked_up(ladder: Ladder):
    staff = a_member_of_staff("alguien", "operador", ladder.west)
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        desk_rows.desk_page(staff, Filters())
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    [(statement, parameters)] = [one for one in asked if "complaint_bar" in one[0]]
    with db.engine.connect() as connection:
        explain = f"EXPLAIN (ANALYZE, TIMING OFF) {statement}"
        plan = connection.exec_driver_sql(explain, parameters).scalars().all()
    looks = [line for line in plan if "Scan" in line and "complaint_bar" in line]
    assert looks
    assert any("on report" in line and "rows=0 " not in line for line in plan)
    assert all("never executed" in line for line in looks), "\n".join(plan)
