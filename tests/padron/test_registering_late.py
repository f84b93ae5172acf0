"""A checked file that is registered later: what has happened since is not passed over."""

from datetime import datetime, time, timedelta
from threading import Thread

import pytest
from sqlalchemy import select, text

from backend import clock
from backend.boards.models import JuntaMember
from backend.clock import LIMA
from backend.db import db
from backend.errors import Conflict
from backend.padron.applying import apply_import
from backend.padron.undoing import undo_import
from backend.territory.queries import today
from tests.builders import count
from tests.padron.files import a_book, a_row, cell, checked, fresh, rows, uploaded, work_on, wrong


def test_a_check_waits_for_a_region_that_is_being_registered(app, office, callao):
    """Otherwise it compares with a roster that is about to change, and nobody sees that it did."""
    import_id, unit_id = uploaded(office, a_book([a_row(1)])), callao.west.id

    def work() -> None:
        with app.app_context():
            work_on(import_id)

    with db.engine.begin() as region:
        region.execute(text("SELECT FROM police_unit WHERE id = :id FOR UPDATE"), {"id": unit_id})
        worker = Thread(target=work)
        worker.start()
        worker.join(timeout=3)
        assert worker.is_alive()
        region.execute(
            text(
                "INSERT INTO junta_vecinal"
                " (id, unit_id, code, name, scope, valid_until, created_at)"
                " VALUES (gen_random_uuid(), :id, 'JV-100', 'Otra', 'manzana', :day, now())"
            ),
            {"id": unit_id, "day": today()},
        )
    worker.join()
    assert "otro nombre" in wrong(fresh(import_id))[cell("junta_nombre")]


@pytest.mark.parametrize("column", ["vigente_hasta", "hasta"])
def test_a_period_that_ended_at_midnight(office, column):
    """Right in the evening, it would be registered the next morning, and over."""
    one = checked(office, a_book([a_row(1), a_row(2, junta_codigo="JV-2", **{column: today()})]))
    assert one.rows_right == 2
    midnight = datetime.combine(today() + timedelta(days=1), time(), LIMA)
    with pytest.raises(Conflict, match="terminó un periodo"):
        apply_import(office, one.id, only_right=True, now=midnight)
    assert count("junta_vecinal") == 0
    last_minute = midnight - timedelta(minutes=1)
    apply_import(office, one.id, only_right=True, now=last_minute)
    assert count("junta_vecinal") == 2


def test_a_loader_who_sent_the_same_file_twice(loader):
    """Both were compared before either was registered: nobody would have been marked."""
    content = a_book(rows(2, comisaria="WEST"))
    first, second = checked(loader, content), checked(loader, content)
    elsewhere = checked(loader, a_book(rows(2, comisaria="EAST")))
    for one in (first, elsewhere):
        apply_import(loader, one.id, only_right=False, now=clock.now())
    with pytest.raises(Conflict, match="usted registró otro"):
        apply_import(loader, second.id, only_right=False, now=clock.now())
    again = checked(loader, content)
    apply_import(loader, again.id, only_right=False, now=clock.now())
    marks = select(JuntaMember.is_repeated).where(JuntaMember.import_id == again.id)
    assert db.session.scalars(marks).all() == [True, True]


def test_what_a_loader_took_back_is_in_nobodys_way(loader):
    content = a_book(rows(2, comisaria="WEST"))
    first, second = checked(loader, content), checked(loader, content)
    apply_import(loader, first.id, only_right=False, now=clock.now())
    undo_import(loader, first.id, clock.now())
    apply_import(loader, second.id, only_right=False, now=clock.now())
    assert count("junta_member") == 2
