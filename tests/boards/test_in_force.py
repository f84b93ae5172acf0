"""A member counts on the days when the own junta is in force, whatever other juntas are."""

from datetime import timedelta

from backend.boards.queries import juntas_page
from backend.boards.rows import JuntasFilter, JuntaState
from backend.territory.queries import today
from tests.builders import Callao
from tests.juntas import a_junta, a_member


def test_whoever_belongs_to_a_lapsed_junta_is_not_counted_beside_one_in_force(app):
    unit = Callao().west
    yesterday, last_year = today() - timedelta(days=1), today() - timedelta(days=400)
    lapsed = a_junta(unit, "JV-001", since=last_year, until=yesterday)
    alive = a_junta(unit, "JV-002")
    a_member(lapsed, since=last_year)
    a_member(alive)
    rows = {row.code: row for row in juntas_page(unit.id, JuntasFilter(), today())}
    assert rows["JV-001"].state is JuntaState.LAPSED
    assert (rows["JV-001"].active_members, rows["JV-001"].active_women) == (0, 0)
    assert (rows["JV-002"].active_members, rows["JV-002"].active_women) == (1, 1)
