"""How many sensible matters a junta told of: only who alone could have told them reads it."""

from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time

from mobile_api.limits import limiter
from tests.coordinating import SENSIBLE_PLACE, Coordinator, a_coordinator

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # in Lima
DECEMBER = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)  # its first moment there


@pytest.fixture
def moment(monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)
    with freeze_time(NOON) as watch:
        yield watch


@pytest.fixture
def first(moment, app, callao) -> Coordinator:
    return a_coordinator(app, callao.west)


def tell(coordinator: Coordinator) -> None:
    told = coordinator.tell("extorsion", lugar=SENSIBLE_PLACE)
    assert told.status_code == 201, told.text


def count_read_by(coordinator: Coordinator) -> int:
    assert coordinator.open().status_code == 200
    return coordinator.get("informes").json["reservados"]


def test_who_comes_after_does_not_learn_what_the_one_before_told(first, moment):
    tell(first)
    assert count_read_by(first) == 1
    moment.tick(timedelta(hours=1))
    first.lose_access()
    moment.tick(timedelta(hours=1))
    second = first.another()
    assert count_read_by(second) == 0
    tell(second)
    assert count_read_by(second) == 0
    moment.move_to(DECEMBER)
    assert count_read_by(second) == 0
    tell(second)
    assert count_read_by(second) == 1


def test_who_left_in_the_first_moment_of_a_month_may_have_told_in_it(first, moment):
    moment.move_to(DECEMBER)
    first.open()
    tell(first)
    first.lose_access()
    assert count_read_by(first.another()) == 0


def test_of_two_who_coordinate_at_a_time_neither_learns_of_the_other(first, moment):
    second = first.another()
    tell(first)
    assert count_read_by(first) == count_read_by(second) == 0
    moment.move_to(DECEMBER)
    first.open()
    tell(first)
    assert count_read_by(first) == count_read_by(second) == 0


def test_the_same_person_with_a_new_phone_reads_the_own_count(first, moment):
    tell(first)
    first.enrol()
    assert count_read_by(first) == 1


@pytest.mark.parametrize("reason", ["dejo_el_cargo", "telefono_perdido"])
def test_under_the_same_number_in_the_junta_it_may_have_been_another(first, moment, reason):
    """The office may put right who a member is; and who found a phone may have told."""
    tell(first)
    first.lose_access(reason)
    first.enrol()
    assert count_read_by(first) == 0
    moment.move_to(DECEMBER)
    first.open()
    tell(first)
    assert count_read_by(first) == 1


def test_an_access_that_had_run_out_before_says_nothing_of_this_month(first, moment):
    moment.tick(timedelta(days=181))
    second = first.another()
    assert second.open().status_code == 200
    moment.move_to("2027-06-02T17:00:00Z")
    second.open()
    tell(second)
    assert count_read_by(second) == 1
