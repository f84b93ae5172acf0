"""`/junta/confirmados`: what the police confirmed yesterday around a junta, and "yo también"."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import h3
import pytest
from freezegun import freeze_time
from sqlalchemy import select

from backend.db import db, transaction
from backend.informes.models import Informe, JuntaConfirmation
from backend.informes.queries import confirmations_of
from backend.riskmap.services import feed
from mobile_api.limits import limiter
from tests.api.problems import assert_problem
from tests.builders import count
from tests.coordinating import Coordinator, a_coordinator
from tests.riskmap.builders import a_dark_corner, a_report

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # in Lima
YESTERDAY = NOON - timedelta(days=1)
HERE = h3.latlng_to_cell(-12.06, -77.13, 9)  # in the junta's block
NEXT_DOOR = sorted(set(h3.grid_ring(HERE, 1)))[0]
FAR = h3.latlng_to_cell(-12.06, -77.11, 9)


@pytest.fixture
def moment():
    with freeze_time(NOON) as watch:
        yield watch


@pytest.fixture
def coordinator(moment, app, callao, monkeypatch) -> Coordinator:
    monkeypatch.setattr(limiter, "enabled", False)
    return a_coordinator(app, callao.west)


@pytest.fixture
def fact(parts):
    """A report that the police verified, on the risk map."""

    def add(cell: str = HERE, build=a_report, **changes) -> UUID:
        report_id = build(cell, **{"verified_at": YESTERDAY} | changes)
        with transaction():
            feed(report_id, parts.catalog)
        return report_id

    return add


def listed(coordinator: Coordinator) -> dict[str, list[str]]:
    answer = coordinator.get("confirmados")
    assert answer.status_code == 200, answer.text
    return {
        cell["celda"]: [kind["categoria"] for kind in cell["tipos"]]
        for cell in answer.json["celdas"]
    }


def said(cell: str = HERE, categoria: str = "robo", dia: str = "2026-11-19") -> dict[str, str]:
    return {"celda": cell, "categoria": categoria, "dia": dia}


def test_yesterdays_kinds_by_cell_without_a_count(coordinator, fact):
    for _ in range(3):
        fact()
    fact(build=a_dark_corner)
    answer = coordinator.get("confirmados").json
    assert answer["dia"] == "2026-11-19"
    assert answer["aviso"] is None
    [cell] = answer["celdas"]
    assert set(cell) == {"celda", "centro", "borde", "tipos"}
    assert cell["celda"] == HERE
    assert len(cell["borde"]) == 6
    assert h3.latlng_to_cell(cell["centro"]["lat"], cell["centro"]["lon"], 9) == HERE
    assert cell["tipos"] == [
        {"categoria": "falta_de_luz", "nombre": "Calle o parque sin luz", "ya_lo_dijo": False},
        {"categoria": "robo", "nombre": "Me están robando o vi un robo", "ya_lo_dijo": False},
    ]


def test_only_cells_that_the_area_touches(coordinator, fact):
    fact(HERE)
    fact(FAR)
    assert listed(coordinator) == {HERE: ["robo"]}


def test_only_what_was_verified_yesterday_in_lima(coordinator, fact):
    midnight = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    fact(verified_at=midnight, categoria="robo")
    fact(verified_at=midnight - timedelta(days=1, seconds=1), categoria="pelea_agresion")
    assert listed(coordinator) == {}
    fact(verified_at=midnight - timedelta(seconds=1), categoria="danos_pintas")
    fact(verified_at=midnight - timedelta(days=1), categoria="robo_celular")
    assert listed(coordinator) == {HERE: ["danos_pintas", "robo_celular"]}


def test_nothing_that_is_sensible_refuted_or_not_public(coordinator, fact):
    fact(categoria="secuestro")
    fact(categoria="extorsion")
    fact(verification="refuted")
    fact(state="rejected")
    assert listed(coordinator) == {}


def test_a_junta_does_not_confirm_itself(coordinator, fact):
    report_id = fact()
    with transaction():
        db.session.add(
            Informe(
                id=report_id,
                junta_id=coordinator.junta_id,
                report_id=report_id,
                kind="delito",
                source="propia",
                told_on=YESTERDAY.date(),
            )
        )
    assert listed(coordinator) == {}
    fact()
    assert listed(coordinator) == {HERE: ["robo"]}


def test_a_junta_without_an_area_is_told_whom_to_ask(moment, app, callao, fact):
    coordinator = a_coordinator(app, callao.west, box=None)
    fact()
    answer = coordinator.get("confirmados").json
    assert answer["celdas"] == []
    assert "pídele que lo haga" in answer["aviso"]


def test_i_saw_it_too_said_twice_is_once(coordinator, fact):
    report_id = fact()
    for _ in range(2):
        assert coordinator.post("confirmados", said()).status_code == 204
    assert count("junta_confirmation") == 1
    [cell] = coordinator.get("confirmados").json["celdas"]
    assert cell["tipos"][0]["ya_lo_dijo"] is True
    assert confirmations_of(report_id) == 1


def test_two_juntas_that_saw_it(app, callao, coordinator, fact):
    report_id, other = fact(), fact(categoria="robo_celular")
    neighbour = a_coordinator(app, callao.west, code="JV-002")
    for one in (coordinator, neighbour):
        assert one.post("confirmados", said()).status_code == 204
    assert confirmations_of(report_id) == 2
    assert confirmations_of(other) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        said(FAR),
        said(NEXT_DOOR),
        said(categoria="robo_celular"),
        said(categoria="no_existe"),
        said(dia="2026-11-20"),
        said(dia="2026-11-17"),
        said(cell="no es una"),
    ],
)
def test_only_what_is_on_the_list_can_be_confirmed(coordinator, fact, nothing_stored, wrong):
    fact()
    fact(FAR)
    with nothing_stored():
        assert_problem(coordinator.post("confirmados", wrong), 404)


def test_a_list_opened_before_midnight_counts_the_day_after(coordinator, fact, moment):
    fact()
    moment.move_to(NOON + timedelta(days=1))
    coordinator.open()
    assert listed(coordinator) == {}
    assert coordinator.post("confirmados", said()).status_code == 204
    moment.move_to(NOON + timedelta(days=2))
    coordinator.open()
    assert_problem(coordinator.post("confirmados", said(categoria="robo")), 404)


def test_what_is_kept_is_the_cell_the_kind_and_the_day(coordinator, fact):
    fact()
    coordinator.post("confirmados", said())
    db.session.rollback()
    row = db.session.scalars(select(JuntaConfirmation)).one()
    assert (row.junta_id, row.cell, row.categoria) == (coordinator.junta_id, HERE, "robo")
    assert row.day.isoformat() == "2026-11-19"
    kept = {column.name for column in JuntaConfirmation.__table__.columns}
    assert kept == {"junta_id", "day", "cell", "categoria"}, "not when the coordinator was awake"
