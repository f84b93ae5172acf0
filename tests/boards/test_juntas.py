"""A junta from its recognition to its end, as the office of a comisaría keeps it."""

import json
from datetime import date, timedelta

import pytest

from backend import clock
from backend.boards import queries
from backend.boards.rows import JuntasFilter, JuntaState
from backend.boards.services import NewJunta, register_junta
from tests.builders import Callao
from tests.juntas import BLOCK, a_box, a_junta, a_member, an_office_account


@pytest.fixture
def callao(db) -> Callao:
    return Callao()


@pytest.fixture
def office(callao):
    return an_office_account(callao.west)


def new_junta(**changes) -> NewJunta:
    on = queries_today()
    told = {
        "code": "jv-001",
        "name": "Junta Los Claveles",
        "scope": "manzana",
        "act": "R.D. 001-2026",
        "recognised_on": on,
        "valid_from": on,
        "area": json.dumps(a_box(*BLOCK)),
    }
    return NewJunta(**(told | changes))


def queries_today() -> date:
    return clock.in_lima(clock.now()).date()


def test_a_junta_is_registered_for_two_years(parts, callao, office):
    junta_id = register_junta(parts.catalog, office, new_junta(), clock.now())
    [row] = queries.juntas_page(callao.west.id, JuntasFilter(), queries_today())
    assert (row.id, row.code, row.state, row.has_area) == (junta_id, "JV-001", "vigente", True)
    [term] = queries.terms_of(junta_id)
    assert term.valid_until + timedelta(days=1) == term.valid_from.replace(
        year=term.valid_from.year + 2
    )
    assert row.state is JuntaState.IN_FORCE


def test_members_are_counted(parts, callao, office):
    junta = a_junta(callao.west)
    a_member(junta)
    a_member(junta, "coordinador")
    [row] = queries.juntas_page(callao.west.id, JuntasFilter(), queries_today())
    assert row.active_members == 2
    assert [one.position for one in queries.members_of(junta.id, queries_today())] == [1, 2]
