"""The job that checks a roster: rung on its own queue, again by the sweep, and tight-lipped."""

from uuid import uuid4

from sqlalchemy import event, select
from sqlalchemy.exc import DataError

from backend import clock, journey
from backend.app import parts_of
from backend.crypto import KeyRing
from backend.db import db
from backend.padron.checking import check_import
from backend.padron.models import PadronImport
from backend.queue import queue_lengths
from deploy.programs import WORKER_QUEUES
from tests.padron.files import a_book, fresh, rows, uploaded
from workers import jobs


def test_the_sweep_rings_for_a_file_that_nobody_reads(office):
    import_id = uploaded(office, a_book(rows(2)))
    parts = parts_of()
    assert journey.ring_due(parts, clock.now()) == 1
    assert queue_lengths(parts.settings.redis_url)["padron"] == 1
    jobs.check_padron(str(import_id))
    assert fresh(import_id).state == "revisada"
    assert journey.ring_due(parts, clock.now()) == 0


def test_a_roster_holds_up_no_other_work():
    [alone] = [queues for queues in WORKER_QUEUES if "padron" in queues]
    assert alone == ("padron",)


def test_lists_and_sweeps_leave_the_file_where_it_is(office):
    uploaded(office, a_book(rows(2)))
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        db.session.scalars(select(PadronImport)).all()
        journey.ring_due(parts_of(), clock.now())
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert any("padron_import" in one for one in asked)
    assert not any("sealed_file" in one for one in asked)


def test_a_failure_quotes_nothing_of_a_roster(app, monkeypatch):
    said: list[str] = []

    class Log:
        def error(self, event: str, **details: object) -> None:
            said.append(f"{event} {details}")

    def fail(*_: object) -> None:
        raise DataError("INSERT ...", {"nombres": "Secretísima"}, Exception("Failing row"))

    monkeypatch.setattr(jobs, "check_import", fail)
    monkeypatch.setattr(jobs, "log", Log())
    jobs.check_padron(str(uuid4()))
    [line] = said
    assert "DataError" in line
    assert "Secretísima" not in line


def test_a_file_whose_key_is_lost_is_told(office):
    import_id = uploaded(office, a_book(rows(1)))
    check_import(KeyRing.generate(), parts_of().catalog, import_id, clock.now())
    one = fresh(import_id)
    assert one.state == "ilegible"
    assert "Súbalo otra vez" in str(one.problem)
