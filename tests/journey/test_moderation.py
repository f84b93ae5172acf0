"""Machines order, mark and hold; a person or the clock lets through; nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backend import deadlines, journey, triage
from backend.db import db
from backend.errors import Conflict
from backend.reports.models import PlaceSource, Report, ReportTask, Step
from backend.reports.queries import in_review
from backend.reports.services import Place
from backend.reports.states import Moderation, State
from backend.submission.alerta import Submission, submit_alerta
from tests.builders import IN_WEST
from tests.journey.doing import due_rings, envios_of, events, fresh
from workers import jobs

SAME_WORDS = "Se llevaron mi moto roja en la esquina"


@pytest.fixture
def held(story):
    """A report whose text came before: it waits in the review tray."""
    story.send("robo_vehiculo", description=SAME_WORDS)
    report_id = story.send("robo_vehiculo", description=SAME_WORDS.upper() + "!!")
    story.work()
    assert fresh(report_id).moderation is Moderation.HELD
    return report_id


def test_a_held_report_waits_with_a_clock(story, held):
    report = fresh(held)
    assert report.state is State.RECEIVED
    assert report.flags == ["repeated_text"]
    assert report.held_until - story.watch.now == timedelta(minutes=60)
    assert envios_of(held) == []
    assert events(held) == ["received", "held"]
    assert tray() == [held]


def test_when_the_clock_runs_out_it_is_forwarded_as_it_is(story, held):
    story.watch.forward(minutes=59)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 0
    story.watch.forward(minutes=2)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 1
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 0
    story.work()
    report = fresh(held)
    assert (report.state, report.moderation) == (State.FORWARDED, Moderation.PASSED)
    assert report.flags == ["repeated_text"]
    assert events(held) == ["received", "held", "review_ran_out", "forwarded"]
    assert tray() == []


def test_a_person_lets_it_through(story, held):
    officer = story.officer(story.callao.west)
    triage.let_through(story.parts, officer, held, story.watch.now)
    story.work()
    assert fresh(held).state is State.FORWARDED
    assert events(held) == ["received", "held", "reviewed", "forwarded"]
    with pytest.raises(Conflict):
        triage.let_through(story.parts, officer, held, story.watch.now)


def test_a_person_rejects_it(story, held):
    officer = story.officer(story.callao.west)
    triage.reject(
        story.parts, officer, held, reason="no_es_un_aviso", words="Prueba", now=story.watch.now
    )
    story.watch.forward(hours=5)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 0
    story.work()
    assert fresh(held).state is State.REJECTED
    assert envios_of(held) == []
    assert tray() == []


def test_whoever_acknowledges_in_the_tray_has_reviewed_it(story, held):
    officer = story.officer(story.callao.west)
    triage.record_acknowledgement(story.parts, officer, held, story.watch.now)
    story.work()
    report = fresh(held)
    assert (report.state, report.moderation) == (State.ACKNOWLEDGED, Moderation.PASSED)
    assert report.held_until is None


def test_an_urgent_report_is_held_after_it_was_forwarded(story):
    story.send("robo", description=SAME_WORDS)
    report_id = story.send("robo", description=SAME_WORDS)
    story.work()
    report = fresh(report_id)
    assert (report.state, report.moderation) == (State.FORWARDED, Moderation.HELD)
    sent = len(envios_of(report_id))
    story.watch.forward(minutes=11)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 1
    assert fresh(report_id).moderation is Moderation.PASSED
    assert len(envios_of(report_id)) == sent


def test_with_all_workers_dead_a_report_waits_ten_minutes_and_goes_on(story):
    report_id = story.send("robo_vehiculo")
    story.watch.forward(minutes=9)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 0
    story.watch.forward(minutes=1)
    assert deadlines.release_overdue_reviews(story.parts, story.watch.now) == 1
    story.work()
    assert fresh(report_id).state is State.FORWARDED
    # The moderation that comes late changes nothing any more.
    assert events(report_id) == ["received", "review_ran_out", "forwarded"]
    assert len(envios_of(report_id)) == 1


def test_a_worker_that_dies_while_moderating_is_followed_by_another(story):
    report_id = story.send("robo_vehiculo")
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patch:
        patch.setattr(journey, "_conclude_moderation", _killed)
        jobs.moderate(str(report_id))
    assert due_rings(story.watch.now) == []  # its lease still runs
    jobs.moderate(str(report_id))
    assert fresh(report_id).moderation is Moderation.PENDING
    story.watch.forward(seconds=journey.MODERATION_LEASE_SECONDS + 1)
    story.work()
    assert fresh(report_id).state is State.FORWARDED
    task = db.session.get(ReportTask, (report_id, Step.MODERATE), populate_existing=True)
    assert (task.work_state, task.attempts) == ("done", 2)


def _killed(*_: object) -> None:
    raise SystemExit("killed")


# What the machines notice


def test_nothing_said_is_marked_and_passes(story):
    report_id = story.send("robo_vehiculo", description="  ")
    story.work()
    report = fresh(report_id)
    assert (report.flags, report.moderation) == (["nothing_said"], Moderation.PASSED)


def test_the_same_short_words_from_many_are_no_repetition(story):
    first, second = (story.send("robo_vehiculo", description="Ayuda") for _ in range(2))
    story.work()
    assert fresh(first).flags == fresh(second).flags == []


def test_the_same_text_a_day_later_is_no_repetition(story):
    story.send("robo_vehiculo", description=SAME_WORDS)
    story.watch.forward(hours=25)
    report_id = story.send("robo_vehiculo", description=SAME_WORDS)
    story.work()
    assert fresh(report_id).flags == []


def test_a_flood_from_one_spot_is_held_and_its_first_reports_are_not(story):
    sent = [story.send("robo_vehiculo") for _ in range(18)]
    story.work()
    held = [fresh(one).moderation is Moderation.HELD for one in sent]
    assert held == [False] * 16 + [True] * 2
    elsewhere = Place(PlaceSource.GPS, IN_WEST["lat"] + 0.002, IN_WEST["lon"], 10)
    other = story.send("robo_vehiculo", elsewhere)
    story.work()
    assert fresh(other).moderation is Moderation.PASSED


def test_a_flag_of_the_submission_survives_moderation(story):
    far = Place(PlaceSource.GPS, IN_WEST["lat"], IN_WEST["lon"], 5000)
    report_id = story.send("robo_vehiculo", far)
    story.work()
    assert fresh(report_id).flags == ["poor_accuracy"]


def test_the_sixth_report_of_a_phone_within_minutes_is_marked(parts, watch, callao):
    ids = []
    for n in range(7):
        submission = Submission(
            parts.catalog.categoria("robo_vehiculo"),
            Place(PlaceSource.REFERENCIA, reference="Plaza"),
            None,
            False,
            f"Distinto texto número {n}",
            str(n).encode(),
        )
        receipt = submit_alerta(
            parts, submission, (), credential="uno", idempotency_key=f"clave-{n}", now=watch.now
        )
        ids.append(receipt.numero)
    flagged = db.session.execute(
        text("SELECT numero FROM report WHERE 'phone_flood' = ANY(flags)")
    ).scalars()
    assert set(flagged) == set(ids[5:])


def tray() -> list:
    db.session.rollback()
    return list(db.session.scalars(select(Report.id).where(in_review())))
