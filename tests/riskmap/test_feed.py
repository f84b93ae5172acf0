"""Cells follow what officers verify, and a rebuild from all history gives the same numbers."""

from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import h3
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from backend.catalog.services import load_catalog
from backend.db import db, transaction
from backend.riskmap import services
from backend.riskmap.models import REFERENCE, RiskCell, RiskFact
from backend.riskmap.queries import decay
from backend.territory.models import PoliceUnit

from .builders import (
    DAYS,
    DISTRICT_CELL,
    NOW,
    QUARTER_CELLS,
    a_dark_corner,
    a_report,
    block,
    change,
    empty_maps,
    point_in,
    refuted,
    state_of_the_maps,
    unverified,
    verified,
)

CATALOG = load_catalog()
pytestmark = pytest.mark.usefixtures("app")


def feed(report_id: UUID) -> None:
    with transaction():
        services.feed(report_id, CATALOG)


def cell_row(cell: str, capa: str = "delito", grupo: str = "", band: str = "") -> RiskCell | None:
    db.session.rollback()
    return db.session.get(RiskCell, (cell, capa, grupo, band), populate_existing=True)


def test_a_verified_robbery_raises_its_cell_and_the_parents():
    robbery = a_report(block(0, 0))

    feed(robbery)

    for cell in (block(0, 0), QUARTER_CELLS[0], DISTRICT_CELL):
        for grupo in ("", "robo"):
            row = cell_row(cell, grupo=grupo)
            assert row and row.facts == 1
    assert cell_row(block(0, 0), grupo="hurto") is None
    assert cell_row(block(0, 0), capa="riesgo") is None


def test_refuting_it_takes_it_away_without_a_trace():
    robbery = a_report(block(0, 0))
    feed(robbery)

    change(robbery, **refuted())
    feed(robbery)

    assert state_of_the_maps() == ([], [])


def test_an_alert_that_nobody_verified_changes_nothing():
    feed(a_report(block(0, 0), **unverified()))

    assert state_of_the_maps() == ([], [])


def test_a_corrected_place_moves_it():
    robbery = a_report(block(0, 0))
    feed(robbery)

    change(robbery, point=point_in(block(3, 2)))
    feed(robbery)

    assert cell_row(block(0, 0)) is None
    moved = cell_row(block(3, 2))
    assert moved and moved.facts == 1


def test_feeding_twice_counts_once():
    robbery = a_report(block(0, 0))

    feed(robbery)
    feed(robbery)

    row = cell_row(block(0, 0))
    assert row and row.facts == 1


def test_a_fact_loses_half_its_weight_in_a_half_life():
    """Fresh: 1. After 90 days: a half, on the crime map."""
    feed(a_report(block(0, 0), occurred_at=NOW - 10 * DAYS))
    row = cell_row(block(0, 0))
    assert row

    fresh = row.score_at_reference * decay("delito", NOW - 10 * DAYS)
    later = row.score_at_reference * decay("delito", NOW + 80 * DAYS)

    assert fresh == pytest.approx(1.0)
    assert later == pytest.approx(0.5)


def test_the_integrated_map_counts_a_factor_as_half_a_fact():
    robbery = a_report(block(0, 0), occurred_at=NOW - 10 * DAYS)
    corner = a_dark_corner(block(0, 0), occurred_at=NOW - 10 * DAYS)
    feed(robbery)
    feed(corner)

    both = cell_row(block(0, 0), capa="integrado")

    assert both and both.facts == 2
    score = both.score_at_reference * decay("integrado", NOW - 10 * DAYS)
    assert score == pytest.approx(1.5)


def test_what_is_told_inside_a_comisaria_is_no_place():
    """Who walks in and reports from the bench has the comisaría's position, not the crime's."""
    with transaction():
        db.session.execute(
            insert(PoliceUnit).values(
                code="C-1",
                kind="comisaria",
                name="Comisaría",
                point=point_in(block(0, 0)),
                valid_from=REFERENCE.date(),
                source="test",
            )
        )
    inside = a_report(block(0, 0), point=point_in(block(0, 0), east_m=20))
    outside = a_report(block(0, 0), point=point_in(block(0, 0), east_m=60))

    feed(inside)
    feed(outside)

    row = cell_row(block(0, 0))
    assert row and row.facts == 1


def test_a_century_of_facts_neither_overflows_nor_vanishes():
    for year in (1950, 2126):
        feed(a_report(block(0, 0), occurred_at=None, received_at=REFERENCE.replace(year=year)))

    row = cell_row(block(0, 0))
    assert row and row.facts == 2
    assert 0 < row.score_at_reference < float("inf")
    assert row.score_at_reference * decay("delito", REFERENCE.replace(year=2126)) == pytest.approx(
        1
    )


def test_the_bands_of_the_day_add_up():
    at_night = NOW.replace(hour=4) - 10 * DAYS
    for report_id in [
        a_report(block(0, 0), occurred_at=at_night),
        a_report(block(0, 0), occurred_at=at_night.replace(hour=15)),
    ]:
        feed(report_id)

    counts = {
        band: row.facts
        for band in ("", "madrugada", "manana", "tarde", "noche")
        if (row := cell_row(block(0, 0), band=band))
    }
    assert counts == {"": 2, "noche": 1, "manana": 1}


CELLS = [block(0, 0), block(0, 1), block(1, 0), h3.latlng_to_cell(-17.64, -71.34, 9)]
ACTS = st.one_of(
    st.builds(verified),
    st.builds(refuted),
    st.builds(unverified),
    st.builds(lambda cell: {"point": point_in(cell)}, st.sampled_from(CELLS)),
    st.builds(lambda m: {"accuracy_m": m}, st.sampled_from([5.0, 150.0, 5000.0])),
    st.builds(lambda c: {"categoria": c}, st.sampled_from(["robo", "robo_celular", "secuestro"])),
    st.builds(
        lambda days: {"occurred_at": NOW - days * DAYS},
        st.floats(2, 4000, allow_nan=False),
    ),
    st.sampled_from([{"state": "rejected"}, {"state": "in_progress"}]),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(st.tuples(st.integers(0, 4), ACTS), min_size=1, max_size=14),
    unfed=st.sets(st.integers(0, 13)),
    factors=st.sets(st.integers(0, 4)),
)
def test_any_order_of_acts_equals_a_rebuild(
    acts: list[tuple[int, dict[str, Any]]], unfed: set[int], factors: set[int]
):
    """Feeding may be late or doubled, too: only each report's last feeding must follow its act."""
    empty_maps()
    reports = [
        a_dark_corner(CELLS[0], **unverified())
        if n in factors
        else a_report(CELLS[0], **unverified())
        for n in range(5)
    ]
    for turn, (who, act) in enumerate(acts):
        change(reports[who], **act)
        if turn not in unfed:
            feed(reports[who])
    for report_id in reversed(reports):
        feed(report_id)

    by_feeding = state_of_the_maps()
    services.rebuild(CATALOG)

    assert state_of_the_maps() == by_feeding


def test_officers_at_once_and_a_rebuild_between_lose_nothing(app: Flask):
    reports = [a_report(block(0, n % 3)) for n in range(12)]
    gate = Barrier(5)

    def work(mine: list[UUID]) -> None:
        with app.app_context():
            gate.wait()
            for report_id in mine:
                feed(report_id)

    def rebuild() -> None:
        with app.app_context():
            gate.wait()
            services.rebuild(CATALOG)

    threads = [Thread(target=work, args=(reports[n::4],)) for n in range(4)]
    threads.append(Thread(target=rebuild))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    by_feeding = state_of_the_maps()
    assert len(by_feeding[0]) == 12
    services.rebuild(CATALOG)
    assert state_of_the_maps() == by_feeding


def test_a_rebuild_drops_facts_that_history_does_not_bear_out():
    robbery = a_report(block(0, 0))
    feed(robbery)
    change(robbery, **refuted())  # and the worker never came

    assert services.rebuild(CATALOG) == 0
    db.session.rollback()
    assert db.session.scalars(select(RiskFact)).all() == []
