"""Work kept as rows: one worker at a time, a lease that ends, and giving up visibly."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from backend import journey, outbox
from backend.db import db, transaction
from backend.forwarding import services as forwarding
from backend.forwarding.models import Envio, Outcome, SendResult
from backend.outbox import BACKOFF_SECONDS, MAX_ATTEMPTS, WorkState
from backend.reports.models import ReportTask, Step
from backend.reports.states import State
from tests.journey.doing import due_rings, envios_of, fresh
from workers import jobs

LEASE_SECONDS = 90


@pytest.fixture
def envio_id(story):
    """One delivery that nobody has made yet."""
    story.sit_at(story.callao.west)
    (envio,) = envios_of(story.send("robo"))
    return envio.id


def claim(envio_id, now) -> Envio | None:
    with transaction():
        return outbox.claim(Envio, envio_id, now, LEASE_SECONDS)


def row(envio_id) -> Envio:
    db.session.rollback()
    return db.session.get_one(Envio, envio_id, populate_existing=True)


def test_a_claim_counts_an_attempt_and_keeps_others_away(story, envio_id):
    assert claim(envio_id, story.watch.now) is not None
    assert claim(envio_id, story.watch.now) is None
    assert row(envio_id).attempts == 1


def test_a_lease_ends_with_its_worker(story, envio_id):
    assert claim(envio_id, story.watch.now) is not None
    story.watch.forward(seconds=LEASE_SECONDS - 1)
    assert claim(envio_id, story.watch.now) is None
    assert not [ring for ring in due_rings(story.watch.now) if ring.job == "forward"]
    story.watch.forward(seconds=1)
    assert [ring for ring in due_rings(story.watch.now) if ring.job == "forward"]
    assert claim(envio_id, story.watch.now) is not None
    assert row(envio_id).attempts == 2


def test_of_many_at_once_one_gets_it_and_nobody_waits(app, story, envio_id):
    together = Barrier(8)

    def grab(_: int) -> bool:
        with app.app_context():
            together.wait()
            return claim(envio_id, story.watch.now) is not None

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(grab, range(8))) == 1
    assert row(envio_id).attempts == 1


def test_a_locked_row_is_left_to_whoever_holds_it(app, story, envio_id):
    """SKIP LOCKED: a claim beside an open transaction answers at once, with nothing."""

    def grab() -> bool:
        with app.app_context():
            return claim(envio_id, story.watch.now) is not None

    with ThreadPoolExecutor(1) as other, transaction():
        db.session.scalars(select(Envio).where(Envio.id == envio_id).with_for_update()).one()
        assert other.submit(grab).result(timeout=5) is False


def test_done_work_is_never_claimed_again(story, envio_id):
    jobs.forward(str(envio_id))
    story.watch.forward(days=30)
    assert claim(envio_id, story.watch.now) is None
    assert row(envio_id).attempts == 1


def test_failures_wait_longer_and_longer_and_then_end_visibly(story, envio_id):
    for wait in BACKOFF_SECONDS:
        assert claim(envio_id, story.watch.now) is not None
        fail(envio_id, story.watch.now)
        assert row(envio_id).work_state is WorkState.PENDING
        story.watch.forward(seconds=wait - 1)
        assert claim(envio_id, story.watch.now) is None
        story.watch.forward(seconds=1)
    assert claim(envio_id, story.watch.now) is not None
    fail(envio_id, story.watch.now)
    given_up = row(envio_id)
    assert given_up.work_state is WorkState.FAILED
    assert given_up.attempts == MAX_ATTEMPTS
    assert given_up.last_error == "El buzón está lleno."
    assert given_up.finished_at == story.watch.now
    story.watch.forward(days=365)
    assert claim(envio_id, story.watch.now) is None


def fail(envio_id, now) -> None:
    with transaction():
        envio = db.session.get_one(Envio, envio_id, with_for_update=True)
        outbox.record_failure(envio, now, "El buzón está lleno.")


def test_work_that_kills_every_worker_ends_visibly(story, envio_id):
    for _ in range(MAX_ATTEMPTS):
        assert claim(envio_id, story.watch.now) is not None
        story.watch.forward(seconds=LEASE_SECONDS)
    jobs.forward(str(envio_id))
    assert row(envio_id).work_state is WorkState.FAILED
    assert row(envio_id).last_error == "Se interrumpió en todos los intentos."


def test_a_person_can_ask_for_another_round(story, envio_id):
    with transaction():
        db.session.execute(update(Envio).values(work_state="failed", attempts=MAX_ATTEMPTS))
    with transaction():
        outbox.try_again(db.session.get_one(Envio, envio_id), story.watch.now)
    jobs.forward(str(envio_id))
    assert row(envio_id).work_state is WorkState.DONE
    assert fresh(row(envio_id).report_id).state is State.FORWARDED


def test_no_answer_is_a_state_of_its_own(story, envio_id):
    assert claim(envio_id, story.watch.now) is not None
    with transaction():
        envio = db.session.get_one(Envio, envio_id)
        outbox.record_failure(envio, story.watch.now, "Sin respuesta.", no_answer=True)
    assert row(envio_id).work_state is WorkState.NO_ANSWER
    story.watch.forward(seconds=BACKOFF_SECONDS[0])
    assert claim(envio_id, story.watch.now) is not None


def test_nothing_is_open_while_it_is_being_sent(story, envio_id, monkeypatch):
    seen = []

    def send(*_: object) -> SendResult:
        seen.append(db.session().in_transaction())
        return SendResult(Outcome.DELIVERED)

    monkeypatch.setattr(forwarding, "send", send)
    jobs.forward(str(envio_id))
    assert seen == [False]
    assert row(envio_id).work_state is WorkState.DONE


def test_a_step_owed_again_is_due_again(story):
    report_id = story.send("robo_vehiculo")
    story.work()
    with transaction():
        journey.owe_risk_map(fresh(report_id), story.watch.now)
    story.work()
    identity = (report_id, Step.FEED_RISK_MAP)
    assert db.session.get(ReportTask, identity).work_state is WorkState.DONE
    with transaction():
        journey.owe_risk_map(fresh(report_id), story.watch.now)
    db.session.expire_all()
    assert db.session.get(ReportTask, identity).work_state is WorkState.PENDING


def test_the_most_overdue_is_rung_for_first(story):
    first = story.send("robo_vehiculo")
    story.watch.forward(seconds=5)
    story.send("robo_vehiculo")
    (due,) = outbox.due(ReportTask, story.watch.now, 1)
    assert due.report_id == first
