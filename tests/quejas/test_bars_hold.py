"""Whatever code forgets, the database refuses to tell a barred unit of a queja."""

from uuid import uuid4

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from backend import clock
from backend.db import db, transaction
from backend.forwarding.models import Purpose
from backend.journey import plan_envios
from backend.reports import services as reports
from backend.reports.audience import Glimpse
from backend.reports.bars import Bar
from backend.reports.models import Report
from tests.builders import a_unit
from tests.quejas.builders import Ladder, a_queja, against


def by_column(column: str):
    def write(report_id, unit_id):
        values = {column: unit_id}
        db.session.execute(update(Report).where(Report.id == report_id).values(**values))

    return write


def by_envio(report_id, unit_id):
    plan_envios(report_id, 0, [(unit_id, Purpose.ESCALATION)], 3, clock.now())


def by_glimpse(report_id, unit_id):
    row = {"report_id": report_id, "unit_id": unit_id, "reason": "vecina", "since": clock.now()}
    db.session.execute(insert(Glimpse).values(row))


WAYS = {
    "owner": by_column("unit_id"),
    "told": by_column("escalated_unit_id"),
    "sector": by_column("sector_id"),
    "delivery": by_envio,
    "glimpse": by_glimpse,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_barred_unit_is_told(parts, app, way):
    ladder = Ladder()
    report_id = a_queja(parts, clock.now(), complained=against(ladder.west))
    later = a_unit("WEST-8", "sector", parent=ladder.west)
    for barred in (ladder.west, ladder.sector, later, ladder.divpol, ladder.region):
        with pytest.raises(IntegrityError, match="must not know"), transaction():
            way(report_id, barred.id)
    with transaction():
        way(report_id, ladder.inspection.id)


def test_no_unit_that_was_told_is_barred_afterwards(parts, app):
    ladder = Ladder()
    report_id = a_queja(parts, clock.now(), complained=None)
    with pytest.raises(IntegrityError), transaction():
        reports.keep_from(report_id, [Bar(ladder.cud.id, False)])


def test_the_refusal_names_no_unit(parts, app):
    ladder = Ladder()
    report_id = a_queja(parts, clock.now(), complained=against(ladder.west))
    with pytest.raises(IntegrityError) as refused, transaction():
        by_envio(report_id, ladder.west.id)
    assert str(refused.value.orig).splitlines()[0] == (
        f"a unit that must not know of report {report_id}"
    )


def test_both_ways_of_asking_agree(parts, app):
    """The rule in Python and the rule in the database."""
    from backend.routing.queries import bars_of, unbarred, whole_hierarchy

    ladder = Ladder()
    for accused in (ladder.west, ladder.sector, ladder.divpol, ladder.region, ladder.cud):
        report_id = a_queja(parts, clock.now(), complained=against(accused))
        hierarchy = whole_hierarchy()
        open_to = set(unbarred(list(hierarchy), bars_of(report_id), hierarchy))
        asked = text("SELECT id FROM police_unit WHERE NOT is_barred(:report, id)")
        assert set(db.session.scalars(asked, {"report": report_id})) == open_to
    nothing = text("SELECT bool_or(is_barred(:report, id)) FROM police_unit")
    assert db.session.scalar(nothing, {"report": uuid4()}) is False
