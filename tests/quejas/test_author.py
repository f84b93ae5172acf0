"""What the author of a queja reads while it waits for the shift."""

from datetime import UTC, datetime

import pytest

from backend import clock
from backend.db import db
from backend.reports.models import Report
from mobile_api.caso import describe
from tests.journey.doing import do_all_work
from tests.quejas.builders import Ladder, a_queja


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 20, 16, 40, tzinfo=UTC), "Pasará a Cud a las 12:00"),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), "Pasará a Cud a medianoche"),
    ],
)
def test_it_says_when_it_goes_on(parts, app, monkeypatch: pytest.MonkeyPatch, at, words: str):
    monkeypatch.setattr(clock, "now", lambda: at)
    Ladder()
    report_id = a_queja(parts, at)

    def last_step() -> str:
        db.session.rollback()
        report = db.session.get_one(Report, report_id, populate_existing=True)
        return describe(report, parts.catalog)["pasos"][-1]["texto"]

    do_all_work(parts)
    assert words in last_step()
    monkeypatch.setattr(clock, "now", lambda: clock.next_shift(at))
    do_all_work(parts)
    assert last_step() == "Llegó a Cud."
