"""What is due by time alone: each entry of the table, on an empty and on a full database."""

import io
import os
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text, update

from backend import clock
from backend.db import db, transaction
from backend.reports.models import IdempotencyRecord, Report, ReportTask
from tests.builders import Callao, a_device, a_member_of_staff, count, datos, send
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo
from tests.phones import a_phone
from workers import metrics, schedule
from workers.schedule import SCHEDULE, run_once

BY_NAME = {entry.name: entry for entry in SCHEDULE}


@pytest.fixture
def filled(app, parts, tmp_path):
    """Reports of every kind of urgency, with and without a photo, seen by nobody."""
    Callao()
    phone = a_phone(app)
    device = a_device(phone)
    for categoria in ("robo", "robo_vehiculo", "falta_de_luz", "danos_pintas"):
        assert (
            send(phone, datos(categoria, descripcion=categoria), headers=device).status_code == 201
        )
    picture = [(io.BytesIO(photo(size=(64, 48))), "f.jpg")]
    assert send(phone, datos("ruidos_alcohol"), headers=device, photos=picture).status_code == 201
    return phone


def test_the_table_is_this():
    assert list(BY_NAME) == [
        "ring_due",
        "escalate_overdue",
        "release_overdue_reviews",
        "remind_terms",
        "publish_risk_map",
        "warn_of_expiry",
        "discard_stale_imports",
        "shuffle_reserved",
        "forget_idempotency",
        "delete_orphans",
    ]
    assert all(entry.every_seconds > 0 for entry in SCHEDULE)


@pytest.fixture
def failures(monkeypatch):
    """What `run_once` would have logged as an error."""
    seen = []

    class Log:
        def error(self, event, **details):
            seen.append((event, details))

        def info(self, *_, **__):
            pass

    monkeypatch.setattr(schedule, "log", Log())
    return seen


@pytest.mark.parametrize("name", BY_NAME)
def test_each_entry_runs_on_an_empty_database(app, failures, name):
    run_once(app, BY_NAME[name])
    assert failures == []


@pytest.mark.parametrize("worked", [False, True], ids=["waiting", "done"])
@pytest.mark.parametrize("name", BY_NAME)
def test_each_entry_runs_on_a_full_database(app, parts, filled, failures, name, worked):
    if worked:
        do_all_work(parts)
    run_once(app, BY_NAME[name])
    run_once(app, BY_NAME[name])
    assert failures == []
    assert count("report") == 5


def test_an_entry_that_fails_is_noted_and_the_loop_goes_on(app, failures):
    def breaks(_):
        raise RuntimeError("algo que un ciudadano escribió")

    run_once(app, schedule.Periodic("breaks", breaks, 1))
    ((event, details),) = failures
    assert event == "schedule.failed"
    assert details == {"entry": "breaks", "error": "RuntimeError"}


def test_of_two_schedulers_one_works(app, failures):
    ran = []
    entered, leave = threading.Event(), threading.Event()

    def slow(_):
        ran.append("slow")
        entered.set()
        assert leave.wait(10)

    first = threading.Thread(
        target=run_once, args=(app, schedule.Periodic("slow", slow, 1)), daemon=True
    )
    first.start()
    assert entered.wait(10)
    run_once(app, schedule.Periodic("other", lambda _: ran.append("other"), 1))
    leave.set()
    first.join(10)
    run_once(app, schedule.Periodic("later", lambda _: ran.append("later"), 1))
    assert ran == ["slow", "later"]
    assert failures == []


def test_old_idempotency_records_are_forgotten(app, filled, failures):
    with transaction():
        old = update(IdempotencyRecord).values(created_at=clock.now() - timedelta(days=8))
        db.session.execute(
            old.where(IdempotencyRecord.report_id.in_(db.select(Report.id).limit(2)))
        )
    run_once(app, BY_NAME["forget_idempotency"])
    assert failures == []
    assert count("idempotency_record") == 3


def test_orphans_are_deleted_and_nothing_else(app, parts, filled, failures):
    do_all_work(parts)
    folder = Path(urlsplit(parts.settings.media_url).path)
    sink = parts.storage.create("ab" + "0" * 30)
    sink.write(b"sealed and forgotten")
    sink.commit()
    two_days_ago = (clock.now() - timedelta(days=2)).timestamp()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (two_days_ago, two_days_ago))
    run_once(app, BY_NAME["delete_orphans"])
    assert failures == []
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    db.session.rollback()
    names = db.session.execute(
        text("SELECT original_name, large_name, small_name FROM attachment")
    ).one()
    assert set(names) <= left
    assert "ab" + "0" * 30 not in left


# Metrics


def scrape(app) -> str:
    registry = CollectorRegistry()
    registry.register(metrics.FromDatabase(app))
    return generate_latest(registry).decode()


def test_metrics_answer_on_an_empty_database(app):
    assert "ya_redis_up 1.0" in scrape(app)


def test_metrics_tell_what_waits_and_what_failed(app, filled):
    with transaction():
        db.session.execute(
            update(ReportTask)
            .where(ReportTask.report_id.in_(db.select(Report.id).where(Report.priority == 1)))
            .values(work_state="failed")
        )
    told = scrape(app)
    assert 'ya_work_rows{outbox="report_task",state="failed"} 1.0' in told
    assert 'ya_work_rows{outbox="report_task",state="pending"} 4.0' in told
    assert 'ya_open_reports{priority="1",state="received"} 1.0' in told


def test_metrics_count_the_desks_that_nobody_opens(app):
    assert "ya_desks_without_staff 0.0" in scrape(app)
    callao = Callao()
    assert send(app.test_client(), datos()).status_code == 201
    assert "ya_desks_without_staff 1.0" in scrape(app)

    a_member_of_staff("vecino", "operador", callao.east)
    a_member_of_staff("analista", "analista", callao.west)
    assert "ya_desks_without_staff 1.0" in scrape(app)
    a_member_of_staff("arriba", "supervisor", callao.region)
    assert "ya_desks_without_staff 0.0" in scrape(app)
    with transaction():
        db.session.execute(text("UPDATE staff SET active = false"))
    assert "ya_desks_without_staff 1.0" in scrape(app)
    with transaction():
        db.session.execute(text("UPDATE report SET state = 'rejected'"))
    assert "ya_desks_without_staff 0.0" in scrape(app)


def test_metrics_name_no_report_and_no_person(app, filled):
    told = scrape(app)
    db.session.rollback()
    for report_id, numero in db.session.execute(text("SELECT id, numero FROM report")):
        assert str(report_id) not in told
        assert numero not in told


def test_metrics_have_an_address_of_their_own(app, monkeypatch):
    started = []
    real = metrics.start_http_server

    def remember(port, address, registry):
        started.append(real(0, address, registry))
        return started[-1]

    monkeypatch.setattr(metrics, "start_http_server", remember)
    metrics.serve(app)
    ((server, thread),) = started
    try:
        url = f"http://127.0.0.1:{server.server_port}/metricas"
        with urlopen(url, timeout=10) as answer:
            assert b"ya_redis_up" in answer.read()
    finally:
        with suppress(OSError):
            server.shutdown()
            server.server_close()
        thread.join(10)
