"""The states: every move of the table, whole, and a history that only grows."""

from itertools import product

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from backend import clock
from backend.db import db, transaction
from backend.errors import Conflict
from backend.reports.models import HistoryEntry, Report
from backend.reports.moves import move, note
from backend.reports.states import MOVES, OPEN_STATES, PUBLIC_STATE, UNSEEN_STATES, State
from tests.builders import Callao
from tests.journey.doing import events
from tests.riskmap.builders import a_report

R, F, A, P = State.RECEIVED, State.FORWARDED, State.ACKNOWLEDGED, State.IN_PROGRESS
S, D, X, M = State.RESOLVED, State.DISMISSED, State.REJECTED, State.MERGED

# The table of the design, written out once more by hand: from (row) to (column).
ALLOWED = {
    #  R  F  A  P  S  D  X  M
    R: "·  y  ·  ·  ·  ·  y  ·",
    F: "·  ·  y  ·  ·  ·  y  ·",
    A: "·  y  ·  y  y  y  y  ·",
    P: "·  y  ·  ·  y  y  ·  ·",
    S: "·  y  ·  ·  ·  ·  ·  ·",
    D: "·  y  ·  ·  ·  ·  ·  ·",
    X: "·  ·  ·  ·  ·  ·  ·  ·",
    M: "·  ·  ·  ·  ·  ·  ·  ·",
}


@pytest.fixture
def report(db) -> Report:
    Callao()
    report_id = a_report(None)
    return db.session.get_one(Report, report_id)


@pytest.mark.parametrize(("start", "to"), list(product(State, State)))
def test_the_table_of_moves_is_what_the_design_says(report, start, to):
    is_allowed = ALLOWED[start].split()[list(State).index(to)] == "y"
    with transaction():
        db.session.execute(update(Report).values(state=start))
    if not is_allowed:
        with pytest.raises(Conflict), transaction():
            move(db.session.get_one(Report, report.id), to, at=clock.now(), event="moved")
        assert state_of(report.id) == start
        assert events(report.id) == []
        return
    with transaction():
        move(db.session.get_one(Report, report.id), to, at=clock.now(), event="moved")
    assert state_of(report.id) == to
    entry = db.session.scalars(select(HistoryEntry)).one()
    assert (entry.event, entry.state, entry.unit_id) == ("moved", to, report.unit_id)


def state_of(report_id) -> State:
    db.session.rollback()
    return db.session.scalars(select(Report.state).where(Report.id == report_id)).one()


def test_every_state_has_its_row_and_its_public_word():
    assert set(MOVES) == set(PUBLIC_STATE) == set(State)
    assert PUBLIC_STATE == {
        R: "recibido",
        F: "derivado",
        A: "recibido_por_comisaria",
        P: "en_atencion",
        S: "atendido",
        D: "desestimado",
        X: "rechazado",
        M: "unido",
    }
    assert UNSEEN_STATES < OPEN_STATES < set(State)


def test_what_merely_happened_leaves_the_state_alone(report):
    with transaction():
        note(db.session.get_one(Report, report.id), at=clock.now(), event="looked_at")
    assert events(report.id) == ["looked_at"]
    assert state_of(report.id) == R


def test_a_state_outside_the_list_is_refused_by_the_database(report, owner_engine):
    db.session.rollback()
    with pytest.raises(IntegrityError, match="state_known"), owner_engine.begin() as connection:
        connection.execute(text("UPDATE report SET state = 'perdido'"))
