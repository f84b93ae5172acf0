"""What citizens may see: the privacy rules of the public layer, as tables."""

import random
from datetime import datetime, timedelta
from typing import Any

import h3
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.catalog.services import load_catalog
from backend.riskmap import services
from backend.riskmap.models import Capa
from backend.riskmap.queries import publication, zone_classes

from .builders import (
    DAYS,
    DISTRICT_CELL,
    HOURS,
    NOW,
    QUARTER_CELLS,
    a_dark_corner,
    a_report,
    block,
    change,
    drawn,
    empty_maps,
    point_in,
    published,
    refuted,
)

CATALOG = load_catalog()
pytestmark = pytest.mark.usefixtures("app")


def publish(now: datetime = NOW) -> bool:
    services.rebuild(CATALOG)
    return services.publish_public_layer(now)


def robberies(cell: str, number: int, **changes: Any) -> None:
    """So many robberies in a cell, each on a day of its own within the last year."""
    for _ in range(number):
        a_report(cell, **changes)


# Verified robberies per res-9 cell, as (quarter, block): number; and what is drawn.
PLACEMENTS = [
    ("two are too few", {(0, 0): 2}, set()),
    ("three are enough", {(0, 0): 3}, {block(0, 0)}),
    ("two neighbours climb to the quarter", {(0, 0): 2, (0, 1): 1}, {QUARTER_CELLS[0]}),
    ("two quarters climb to the district cell", {(0, 0): 2, (1, 0): 1}, {DISTRICT_CELL}),
    ("two in all are too few anywhere", {(0, 0): 1, (3, 3): 1}, set()),
    (
        "a drawn cell lends its parent nothing",
        {(0, 0): 9, (0, 1): 2},
        {block(0, 0)},
    ),
    (
        "what a drawn quarter leaves out is not made up with its facts",
        {(0, 0): 2, (0, 1): 2, (1, 0): 2},
        {QUARTER_CELLS[0]},
    ),
    (
        "each fact in one drawn cell only",
        {(0, 0): 3, (0, 1): 2, (0, 2): 1, (1, 0): 2, (2, 0): 2},
        {block(0, 0), QUARTER_CELLS[0], DISTRICT_CELL},
    ),
]


@pytest.mark.parametrize(("why", "facts", "expected"), PLACEMENTS, ids=[p[0] for p in PLACEMENTS])
def test_where_facts_are_drawn(why: str, facts: dict[tuple[int, int], int], expected: set[str]):
    for (quarter, number), times in facts.items():
        robberies(block(quarter, number), times)

    publish()

    assert drawn() == expected


NOT_COUNTED = [
    ("verified 59 minutes ago", {"verified_at": NOW - 59 * HOURS / 60}),
    ("366 days ago", {"occurred_at": NOW - 366 * DAYS, "received_at": NOW - 366 * DAYS}),
    ("refuted", refuted()),
    ("rejected", {"state": "rejected"}),
    ("not a public category", {"categoria": "secuestro"}),
    ("sensible", {"categoria": "extorsion", "is_sensible": True, "point": None,
                  "place_source": "celda", "accuracy_m": None}),
    ("a vague place", {"accuracy_m": 1500}),
    ("a written address", {"place_source": "referencia"}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changes"), NOT_COUNTED, ids=[row[0] for row in NOT_COUNTED])
def test_the_third_report_that_does_not_count(why: str, changes: dict[str, Any]):
    robberies(block(0, 0), 2)
    a_report(block(0, 0), **changes)

    publish()

    assert published() == {}


COUNTED = [
    ("verified an hour ago", {"verified_at": NOW - HOURS}),
    ("364 days ago", {"occurred_at": NOW - 364 * DAYS}),
    ("resolved", {"state": "resolved"}),
]


@pytest.mark.parametrize(("why", "changes"), COUNTED, ids=[row[0] for row in COUNTED])
def test_the_third_report_that_counts(why: str, changes: dict[str, Any]):
    robberies(block(0, 0), 2)
    a_report(block(0, 0), **changes)

    publish()

    assert drawn() == {block(0, 0)}


AT = NOW - 5 * DAYS
INCIDENTS = [
    ("three at once are one incident", [0, 0, 0], False),
    ("so are three within the hour", [0, 0.5, 0.9], False),
    ("and a chain of calls", [0, 1.5, 3], False),
    ("two incidents", [0, 1, 24], False),
    ("three incidents", [0, 3, 6], True),
    ("three incidents, one told by two", [0, 1, 24, 48], True),
]


@pytest.mark.parametrize(("why", "hours", "shown"), INCIDENTS, ids=[row[0] for row in INCIDENTS])
def test_many_who_tell_of_one_incident_are_one(why: str, hours: list[float], shown: bool):
    for n, hour in enumerate(hours):
        categoria = ("robo", "disparos_armas")[n % 2]
        a_report(block(0, 0), occurred_at=AT + timedelta(hours=hour), categoria=categoria)

    publish()

    assert bool(drawn()) is shown


def test_three_neighbours_who_tell_of_one_dark_park_are_one_incident():
    for east_m in (0, 30, 60):
        a_dark_corner(block(0, 0), point=point_in(block(0, 0), east_m))

    publish()

    assert published() == {}


def test_three_dark_corners_apart_are_drawn():
    for east_m in (-120, 0, 120):
        a_dark_corner(block(0, 0), point=point_in(block(0, 0), east_m))

    publish()

    assert drawn("riesgo") == drawn("integrado") == {block(0, 0)}
    assert drawn("delito") == set()


def test_the_integrated_map_draws_nothing_that_the_others_hide():
    """Two robberies and one dark corner: neither map shows the block, so together no more."""
    robberies(block(0, 0), 2)
    a_dark_corner(block(0, 0))

    publish()

    assert published() == {}


def test_a_batch_is_published_at_most_once_an_hour():
    robberies(block(0, 0), 3)
    assert publish(NOW)
    robberies(block(1, 0), 3)

    assert not publish(NOW + 59 * HOURS / 60)
    assert drawn() == {block(0, 0)}

    assert publish(NOW + HOURS)
    assert drawn() == {block(0, 0), block(1, 0)}


def test_refuting_shows_with_the_next_batch():
    robberies(block(0, 0), 2)
    third = a_report(block(0, 0))
    publish(NOW)
    change(third, **refuted())

    publish(NOW + HOURS)

    assert published() == {}


def test_an_old_year_falls_off_the_map():
    robberies(block(0, 0), 3, occurred_at=None, received_at=NOW - 300 * DAYS)
    a_report(block(0, 0), occurred_at=NOW - 299 * DAYS)
    a_report(block(0, 0), occurred_at=NOW - 298 * DAYS)
    publish(NOW)
    assert drawn() == {block(0, 0)}

    publish(NOW + 80 * DAYS)

    assert drawn() == set()


def test_the_version_changes_with_the_map_and_only_with_it():
    assert publication().version == "0"
    robberies(block(0, 0), 3)
    publish(NOW)
    first = publication()

    publish(NOW + HOURS)
    second = publication()
    robberies(block(1, 0), 3)
    publish(NOW + 2 * HOURS)

    assert first.version == second.version
    assert second.published_at == NOW + HOURS
    assert publication().version != second.version


def test_classes_are_relative_within_the_district():
    """Four blocks in each of two districts; the worst of the quiet one is a 4 there."""
    busy, quiet = (3, 4, 5, 9), (3, 4, 5, 6)
    for ubigeo, quarter, numbers in (("070101", 0, busy), ("150103", 1, quiet)):
        for n, number in enumerate(numbers):
            for day in range(number):
                at = NOW - 10 * DAYS - day * DAYS
                a_report(block(quarter, n), ubigeo=ubigeo, occurred_at=at)

    publish()

    for quarter in (0, 1):
        classes = [published()["delito", block(quarter, n)] for n in range(4)]
        assert classes == [1, 2, 3, 4]


def test_with_too_few_cells_to_compare_none_is_called_worse():
    for n, number in enumerate((3, 4, 12)):
        robberies(block(0, n), number)

    publish()

    assert set(published().values()) == {1}


def test_a_wide_cell_is_ranked_by_its_density():
    """Eight robberies spread over a quarter are fewer per block than four in one block."""
    for n in range(3):
        robberies(block(0, n), 4)
    for n in range(4):
        robberies(block(1, n), 2)

    publish()

    classes = published()
    assert classes["delito", QUARTER_CELLS[1]] == 1
    assert all(classes["delito", block(0, n)] > 1 for n in range(3))


PLACES = st.tuples(st.integers(0, 6), st.integers(0, 6))


@hypothesis_settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(facts=st.lists(PLACES, max_size=14), corners=st.lists(PLACES, max_size=6))
def test_no_drawn_cell_minus_another_leaves_less_than_three(
    facts: list[tuple[int, int]], corners: list[tuple[int, int]]
):
    """Whoever takes the finer drawn cells away from a wider one still sees three or more."""
    empty_maps()
    for place in facts:
        a_report(block(*place))
    for place in corners:
        a_dark_corner(block(*place), point=point_in(block(*place), 100 * random.choice((-1, 0, 1))))
    publish()

    for capa, reports in (("delito", facts), ("riesgo", corners)):
        left = [block(*place) for place in reports]
        for resolution in (9, 8, 7):
            parents = [h3.cell_to_parent(cell, resolution) for cell in left]
            shown = {cell for cell in drawn(capa) if h3.get_resolution(cell) == resolution}
            assert all(parents.count(cell) >= 3 for cell in shown)
            left = [c for c, parent in zip(left, parents, strict=True) if parent not in shown]
    assert drawn("integrado") == drawn("delito") | drawn("riesgo")


def test_a_phone_asks_for_a_wide_cell_and_finds_its_own_within():
    robberies(block(0, 0), 3)
    robberies(block(1, 0), 2)
    robberies(block(1, 1), 2)
    publish()

    zones = zone_classes(DISTRICT_CELL, Capa.DELITO)

    assert {zone.celda for zone in zones} == {block(0, 0), QUARTER_CELLS[1]}
    elsewhere = h3.latlng_to_cell(-17.64, -71.34, 7)
    assert zone_classes(elsewhere, Capa.DELITO) == []
