"""One row that cannot be handled holds up nobody else, and old messages are not sent late."""

from datetime import timedelta

import pytest

from backend import deadlines, journey, triage
from backend.db import db, transaction
from backend.forwarding.models import Channel, Envio, Purpose
from backend.forwarding.services import add_channel
from backend.outbox import MAX_ATTEMPTS, WorkState
from backend.queue import URGENT, Doorbell, Ring, queue_lengths
from backend.reports.models import Report, ReportTask, Step
from backend.reports.queries import on_desk as stands_on_desk
from backend.territory.models import PoliceUnit
from tests.journey.doing import events, fresh


def test_a_report_that_cannot_be_escalated_does_not_stop_the_others(story, owner_engine):
    broken, sound = story.send("robo"), story.send("robo")
    story.work()
    with transaction():
        # As after an upgrade that dropped a category.
        db.session.get_one(Report, broken).categoria = "ya_no_existe"
    story.watch.forward(hours=2)
    assert deadlines.escalate_overdue(story.parts, story.watch.now) == 1
    story.work()
    assert "escalated" in events(sound)


def test_mail_for_the_former_unit_is_not_sent_after_a_transfer(story, acknowledged, officer):
    west = story.callao.west
    with transaction():
        add_channel(west.id, Channel.EMAIL, "guardia@ejemplo.pe", story.parts.settings.keys)
    report_id = story.send("robo")
    (mail,) = [e for e in _envios(report_id) if e.channel is Channel.EMAIL]
    journey.forward(story.parts, _desk(report_id).id, story.watch.now)
    triage.record_acknowledgement(story.parts, officer, report_id, story.watch.now)
    triage.transfer(
        story.parts,
        officer,
        report_id,
        unit_id=story.callao.east.id,
        reason=next(iter(story.parts.catalog.traslados)),
        words="Es del otro lado",
        now=story.watch.now,
    )
    journey.forward(story.parts, mail.id, story.watch.forward(seconds=1))
    db.session.rollback()
    ended = db.session.get_one(Envio, mail.id)
    assert ended.work_state is WorkState.DONE
    assert ended.last_error == "No se envió: el caso pasó antes a otra unidad."


def test_an_urgent_report_stands_on_its_desk_even_if_its_delivery_was_given_up(story):
    report_id = story.send("robo")
    with transaction():
        _desk(report_id).work_state = WorkState.FAILED
    shown = db.session.query(Report.id).where(stands_on_desk()).all()
    assert [row.id for row in shown] == [report_id]


def test_a_notice_that_comes_after_the_acknowledgement_tells_nothing_false(story, officer):
    report_id = story.send("robo")  # nobody has the desk open: the level above is told at once
    journey.forward(story.parts, _desk(report_id).id, story.watch.now)
    triage.record_acknowledgement(story.parts, officer, report_id, story.watch.now)
    story.work()
    assert "escalated" not in events(report_id)


def test_a_level_that_no_longer_exists_is_climbed_over(story):
    report_id = story.send("falta_de_luz")
    story.work()
    with transaction():
        divpol = db.session.get_one(PoliceUnit, story.callao.divpol.id)
        divpol.valid_until = story.watch.now.date() - timedelta(days=1)
    story.watch.forward(days=3)
    assert deadlines.escalate_overdue(story.parts, story.watch.now) == 1
    assert fresh(report_id).escalated_unit_id == story.callao.region.id


def test_a_risk_map_that_keeps_failing_is_given_up_visibly(story, acknowledged, monkeypatch):
    with transaction():
        journey.owe_risk_map(db.session.get_one(Report, acknowledged), story.watch.now)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(journey.riskmap, "feed", fail)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RuntimeError):
            journey.feed_risk_map(story.parts, acknowledged, story.watch.forward(hours=1))
    journey.feed_risk_map(story.parts, acknowledged, story.watch.forward(hours=1))
    db.session.rollback()
    task = db.session.get_one(ReportTask, (acknowledged, Step.FEED_RISK_MAP))
    assert task.work_state is WorkState.FAILED


def test_the_sweep_does_not_pile_up_rings_while_workers_are_away(settings, app):
    doorbell = Doorbell(settings.redis_url)
    rings = [Ring("forward", (f"row {number}",), URGENT) for number in range(3)]
    for _ in range(5):
        assert doorbell.ring_again(rings)
    assert queue_lengths(settings.redis_url)[URGENT] == 3


def test_a_fresh_report_is_still_forwarded_after_the_lease(story):
    report_id = story.send("falta_de_luz")
    story.watch.forward(minutes=11)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now + timedelta(0)) == 1
    story.work()
    assert fresh(report_id).state == "forwarded"


def _envios(report_id):
    return db.session.query(Envio).where(Envio.report_id == report_id).all()


def _desk(report_id):
    """The delivery to the owning unit's own desk."""
    desks = [e for e in _envios(report_id) if e.channel is Channel.DESK]
    return next(e for e in desks if e.purpose is Purpose.DELIVERY)
