"""From the submission to the desk: urgent at once, the rest after the machines looked."""

import pytest
from h3 import latlng_to_cell

from backend import journey
from backend.db import db
from backend.forwarding.models import Channel, Purpose
from backend.outbox import WorkState
from backend.reports.audience import DeskHeartbeat, GlimpseReason
from backend.reports.models import PlaceSource
from backend.reports.queries import glimpses_for
from backend.reports.services import Place
from backend.reports.states import Moderation, State
from tests.builders import count
from tests.journey.doing import envios_of, events, fresh
from workers import jobs

AT_THE_BORDER = Place(PlaceSource.GPS, -12.06, -77.12001, 10)


def test_an_urgent_report_is_forwarded_before_it_is_moderated(story, bell):
    story.sit_at(story.callao.west)
    report_id = story.send("robo")
    (envio,) = envios_of(report_id)
    (ring,) = bell.rings
    assert (ring.job, ring.identities) == (
        "forward_and_moderate",
        (str(report_id), str(envio.id)),
    )
    assert envio.queue == "urgente"
    jobs.forward(str(envio.id))
    report = fresh(report_id)
    assert report.state is State.FORWARDED
    assert report.moderation is Moderation.PENDING
    story.work()
    assert fresh(report_id).moderation is Moderation.PASSED
    assert events(report_id) == ["received", "forwarded", "passed"]
    assert len(envios_of(report_id)) == 1


def test_another_report_passes_moderation_first(story, bell):
    report_id = story.send("robo_vehiculo")
    assert [(ring.job, ring.queue) for ring in bell.rings] == [("moderate", "normal")]
    assert envios_of(report_id) == []
    assert fresh(report_id).acknowledge_by is None
    story.work()
    report = fresh(report_id)
    assert (report.state, report.moderation) == (State.FORWARDED, Moderation.PASSED)
    assert events(report_id) == ["received", "passed", "forwarded"]
    assert report.held_until is None


def test_the_clock_of_the_acknowledgement_is_the_categorys(story):
    urgent, usual = story.send("robo"), story.send("robo_vehiculo")
    story.work()
    for report_id, minutes in ((urgent, 5), (usual, 30)):
        waited = fresh(report_id).acknowledge_by - story.watch.now
        assert round(waited.total_seconds()) == minutes * 60


def test_the_desk_row_is_there_once_however_often_jobs_run(story):
    report_id = story.send("robo_vehiculo")
    for _ in range(3):
        jobs.moderate(str(report_id))
    (envio,) = envios_of(report_id)
    for _ in range(3):
        jobs.forward(str(envio.id))
    (envio,) = envios_of(report_id)
    assert envio.work_state is WorkState.DONE
    assert envio.attempts == 1
    assert events(report_id) == ["received", "passed", "forwarded"]


def test_a_job_for_a_row_that_is_not_there_does_nothing(story):
    nobody = "00000000-0000-0000-0000-000000000000"
    jobs.moderate(nobody)
    jobs.forward(nobody)
    jobs.feed_risk_map(nobody)
    assert count("report_task") == 0


def test_near_a_border_the_neighbour_gets_a_glimpse(story):
    report_id = story.send("robo", AT_THE_BORDER)
    west, east = story.officer(story.callao.west), story.officer(story.callao.east)
    neighbour = east if fresh(report_id).unit_id == story.callao.west.id else west
    owner = west if neighbour is east else east
    assert glimpsed(neighbour) == [report_id]
    assert glimpsed(owner) == []
    assert fresh(report_id).border_distance_m < 10


@pytest.mark.parametrize(
    "categoria", ["extorsion", "violencia_en_casa", "trata_personas", "venta_drogas"]
)
def test_a_sensible_matter_goes_to_its_desk_and_no_neighbour_hears_of_it(story, categoria):
    cell = Place(PlaceSource.CELDA, cell=latlng_to_cell(-12.06, -77.12, 8))
    report_id = story.send(categoria, cell)
    story.work()
    report = fresh(report_id)
    assert report.point is None and report.is_sensible
    assert report.unit_id not in (story.callao.west.id, story.callao.east.id)
    if categoria == "extorsion":
        assert report.unit_id == story.callao.extortion_desk.id
    assert count("glimpse") == 0
    assert report.border_distance_m is None


def test_no_jurisdiction_falls_to_the_nearest_unit_and_then_to_the_last_desk(story):
    near = story.send("robo", Place(PlaceSource.GPS, -12.08, -77.13, 10))
    far = story.send("robo", Place(PlaceSource.GPS, -3.75, -73.25, 10))  # Iquitos
    assert fresh(near).routing_rule == "nearest"
    assert fresh(near).unit_id == story.callao.west.id
    assert fresh(far).routing_rule == "no_jurisdiction"
    for report_id in (near, far):
        assert "no_jurisdiction" in fresh(report_id).flags
    story.work()
    assert fresh(far).state is State.FORWARDED


# The desk of an urgent report


def test_nobody_at_the_desk_tells_the_next_level_at_once(story):
    report_id = story.send("robo")
    told = {(envio.unit_id, envio.purpose, envio.channel) for envio in envios_of(report_id)}
    callao = story.callao
    assert told == {
        (callao.west.id, Purpose.DELIVERY, Channel.DESK),
        (callao.divpol.id, Purpose.ESCALATION, Channel.DESK),
    }
    story.work()
    assert fresh(report_id).escalated_unit_id == callao.divpol.id
    assert fresh(report_id).state is State.FORWARDED


def test_a_desk_counts_as_attended_for_a_minute(story):
    story.sit_at(story.callao.west)
    story.watch.forward(seconds=59)
    assert len(envios_of(story.send("robo"))) == 1
    story.watch.forward(seconds=2)
    assert len(envios_of(story.send("robo"))) == 2


def test_a_neighbours_open_desk_does_not_help(story):
    story.sit_at(story.callao.east)
    assert len(envios_of(story.send("robo"))) == 2


def test_what_is_not_urgent_waits_for_its_own_desk(story):
    report_id = story.send("robo_vehiculo")
    story.work()
    assert [envio.purpose for envio in envios_of(report_id)] == [Purpose.DELIVERY]


def test_a_heartbeat_is_written_at_most_every_fifteen_seconds(story):
    def seen():
        db.session.rollback()
        return db.session.get_one(DeskHeartbeat, story.callao.west.id).seen_at

    story.sit_at(story.callao.west)
    first = seen()
    story.watch.forward(seconds=10)
    story.sit_at(story.callao.west)
    assert seen() == first
    story.watch.forward(seconds=10)
    story.sit_at(story.callao.west)
    assert seen() == story.watch.now


# The sweep


def test_the_sweep_rings_for_everything_due_and_for_nothing_else(story, bell):
    story.sit_at(story.callao.west)
    story.send("robo")
    story.send("robo_vehiculo")
    bell.rings.clear()
    assert journey.ring_due(story.parts, story.watch.now) == 3
    assert sorted(ring.job for ring in bell.rings) == ["forward", "moderate", "moderate"]
    story.work()
    bell.rings.clear()
    assert journey.ring_due(story.parts, story.watch.now) == 0
    assert bell.rings == []


def test_what_is_not_due_yet_is_not_rung_for(story, bell):
    story.send("robo_vehiculo")
    bell.rings.clear()
    before = story.watch.now.replace(hour=0)
    assert journey.ring_due(story.parts, before) == 0


def glimpsed(staff, reason: GlimpseReason = GlimpseReason.NEIGHBOUR) -> list:
    return [report.id for report, _ in db.session.execute(glimpses_for(staff, reason))]
