"""Nobody acknowledged in time: one level up, again, and to the top; each told once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend import deadlines, journey, triage
from backend.forwarding.models import Purpose
from backend.reports.models import PlaceSource
from backend.reports.services import Place
from backend.reports.states import State
from tests.journey.doing import envios_of, events, fresh
from workers import jobs


def told(report_id) -> list[int]:
    """Units told because those below did not acknowledge, in order."""
    return [one.unit_id for one in envios_of(report_id) if one.purpose is Purpose.ESCALATION]


@pytest.fixture
def unseen(story):
    """An urgent report on an attended desk where nobody acknowledges."""
    story.sit_at(story.callao.west)
    report_id = story.send("robo")
    story.work()
    return report_id


def wait(story, minutes: float) -> int:
    story.watch.forward(minutes=minutes)
    told_now = deadlines.escalate_overdue(story.parts, story.watch.now)
    story.work()
    return told_now


def test_in_time_nothing_happens(story, unseen):
    assert wait(story, 4.9) == 0
    assert told(unseen) == []


def test_one_level_up_then_again_and_at_the_top_it_ends(story, unseen):
    callao = story.callao
    assert wait(story, 5.1) == 1
    assert told(unseen) == [callao.divpol.id]
    assert fresh(unseen).escalated_unit_id == callao.divpol.id
    assert wait(story, 1) == 0  # the level above has the same time
    assert wait(story, 4.1) == 1
    assert told(unseen) == [callao.divpol.id, callao.region.id]
    assert wait(story, 5.1) == 1
    assert wait(story, 60) == 0
    assert told(unseen) == [callao.divpol.id, callao.region.id]
    assert fresh(unseen).acknowledge_by is None
    assert events(unseen)[3:] == ["escalated", "escalated", "nobody_above"]
    assert fresh(unseen).state is State.FORWARDED
    assert fresh(unseen).unit_id == callao.west.id  # the owner does not change


def test_what_was_told_at_once_goes_on_from_there(story):
    report_id = story.send("robo")  # nobody at the desk: the DIVPOL knows already
    story.work()
    assert wait(story, 5.1) == 1
    assert told(report_id) == [story.callao.divpol.id, story.callao.region.id]


def test_with_workers_dead_no_level_is_skipped_or_told_twice(story):
    report_id = story.send("robo")
    for _ in range(3):
        story.watch.forward(minutes=5.1)
        deadlines.escalate_overdue(story.parts, story.watch.now)
    assert told(report_id) == [story.callao.divpol.id, story.callao.region.id]
    # Workers come back; the older notice arrives last.
    first, second = [one for one in envios_of(report_id) if one.purpose is Purpose.ESCALATION]
    jobs.forward(str(second.id))
    jobs.forward(str(first.id))
    assert fresh(report_id).escalated_unit_id == story.callao.region.id


def test_an_acknowledgement_ends_it(story, unseen):
    officer = story.officer(story.callao.west)
    triage.record_acknowledgement(story.parts, officer, unseen, story.watch.now)
    assert wait(story, 600) == 0
    assert told(unseen) == []


def test_a_contested_closure_climbs_from_the_bottom_again(story, unseen):
    """Told to the top the first time, it would have nobody left to be told the second."""
    callao, parts = story.callao, story.parts
    wait(story, 5.1), wait(story, 5.1)
    assert fresh(unseen).escalated_unit_id == callao.region.id
    officer = story.officer(callao.west)
    triage.record_acknowledgement(parts, officer, unseen, story.watch.now)
    now = story.watch.now
    triage.close(parts, officer, unseen, outcome="patrulla_intervino", words="Se atendió", now=now)
    journey.contest_closure(parts, unseen, "", story.watch.now)
    story.work()
    assert fresh(unseen).escalated_unit_id is None
    assert wait(story, 5.1) == 1
    assert fresh(unseen).escalated_unit_id == callao.divpol.id
    assert told(unseen) == [callao.divpol.id, callao.region.id, callao.divpol.id]


def test_a_closure_or_a_rejection_ends_it(story, unseen):
    officer = story.officer(story.callao.west)
    triage.reject(
        story.parts, officer, unseen, reason="no_es_un_aviso", words="Prueba", now=story.watch.now
    )
    assert wait(story, 600) == 0


def test_a_usual_report_has_its_own_time(story):
    report_id = story.send("robo_vehiculo")
    assert wait(story, 29) == 0
    # The clock starts when it goes forward, not when it was sent.
    assert fresh(report_id).acknowledge_by - story.watch.now == timedelta(minutes=30)
    assert wait(story, 31) == 1
    assert told(report_id) == [story.callao.divpol.id]


def test_a_transfer_starts_anew_on_the_other_desk(story, unseen):
    wait(story, 5.1)
    officer = story.officer(story.callao.west)
    triage.transfer(
        story.parts,
        officer,
        unseen,
        unit_id=story.callao.east.id,
        reason="otra_jurisdiccion",
        words="",
        now=story.watch.now,
    )
    story.work()
    report = fresh(unseen)
    assert report.escalated_unit_id is None
    assert report.acknowledge_by - story.watch.now == timedelta(minutes=5)
    assert wait(story, 5.1) == 1
    assert told(unseen) == [story.callao.divpol.id] * 2


def test_a_notice_that_comes_after_the_transfer_marks_nothing(story):
    report_id = story.send("robo")  # the DIVPOL is to be told, but no worker runs
    (late,) = [one for one in envios_of(report_id) if one.purpose is Purpose.ESCALATION]
    officer = story.officer(story.callao.west)
    triage.transfer(
        story.parts,
        officer,
        report_id,
        unit_id=story.callao.east.id,
        reason="otra_jurisdiccion",
        words="",
        now=story.watch.now,
    )
    jobs.forward(str(late.id))
    assert fresh(report_id).escalated_unit_id is None
    assert "escalated" not in events(report_id)


def test_a_unit_without_anybody_above_stays_where_it_is(story):

    report_id = story.send("robo", Place(PlaceSource.REFERENCIA, reference="En algún lugar"))
    story.work()
    assert wait(story, 5.1) == 1
    assert events(report_id)[-1] == "nobody_above"
    assert told(report_id) == []


def test_two_schedulers_at_once_tell_once(story, unseen, app):

    story.watch.forward(minutes=6)

    def escalate(_: int) -> int:
        with app.app_context():
            return deadlines.escalate_overdue(story.parts, story.watch.now)

    with ThreadPoolExecutor(4) as schedulers:
        assert sum(schedulers.map(escalate, range(4))) == 1
    assert told(unseen) == [story.callao.divpol.id]
