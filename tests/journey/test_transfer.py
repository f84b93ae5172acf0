"""Handing a case to another unit, and what is left to whoever had it."""

from datetime import timedelta

import pytest
from h3 import latlng_to_cell

from backend import triage
from backend.db import db, transaction
from backend.errors import Conflict, InvalidInput, NotFound
from backend.reports.audience import GlimpseReason
from backend.reports.models import PlaceSource
from backend.reports.queries import glimpses_for
from backend.reports.services import Place
from backend.reports.states import State
from backend.territory.queries import today
from tests.builders import a_unit
from tests.journey.acts import close, transfer
from tests.journey.doing import envios_of, fresh

QUARTER = Place(PlaceSource.CELDA, cell=latlng_to_cell(-12.06, -77.13, 8))


def test_the_other_unit_gets_it_and_the_former_owner_keeps_number_and_state(
    story, officer, acknowledged
):
    transfer(story, officer, acknowledged, story.callao.east)
    story.work()
    report = fresh(acknowledged)
    assert report.unit_id == story.callao.east.id
    assert report.state is State.FORWARDED
    assert report.acknowledged_at is None and not report.is_seen
    delivered = [envio.unit_id for envio in envios_of(acknowledged) if envio.handover == 1]
    assert delivered == [story.callao.east.id]
    with pytest.raises(NotFound):
        triage.answer(story.parts, officer, acknowledged, text="Hola", now=story.watch.now)
    assert glimpsed(officer) == [acknowledged]
    assert glimpsed(story.officer(story.callao.east)) == []


def test_whoever_gets_it_back_owns_it_and_glimpses_it_no_longer(story, officer, acknowledged):
    transfer(story, officer, acknowledged, story.callao.east)
    neighbour = story.officer(story.callao.east)
    triage.record_acknowledgement(story.parts, neighbour, acknowledged, story.watch.now)
    transfer(story, neighbour, acknowledged, story.callao.west, reason="llego_por_error", words="x")
    story.work()
    assert fresh(acknowledged).handovers == 2
    assert glimpsed(officer) == []
    assert glimpsed(neighbour) == [acknowledged]
    delivered = [envio.unit_id for envio in envios_of(acknowledged) if envio.handover == 2]
    assert delivered == [story.callao.west.id]


def glimpsed(staff) -> list:
    db.session.rollback()
    rows = db.session.execute(glimpses_for(staff, GlimpseReason.FORMER_OWNER))
    return [report.id for report, _ in rows]


def test_a_sensible_report_leaves_its_former_owner_nothing(story):
    report_id = story.send("extorsion", QUARTER)
    story.work()
    other = a_unit("EXT2", "especializada", parent=story.callao.region, matters=["extorsion"])
    officer = story.officer(story.callao.extortion_desk)
    transfer(story, officer, report_id, other, reason="llego_por_error", words="x")
    assert fresh(report_id).unit_id == other.id
    assert glimpsed(officer) == []


def test_a_sensible_report_never_goes_to_a_neighbourhood(story):
    report_id = story.send("extorsion", QUARTER)
    story.work()
    desk = story.officer(story.callao.extortion_desk)
    for unit in (story.callao.west, story.callao.divpol, story.callao.region):
        with pytest.raises(InvalidInput):
            transfer(story, desk, report_id, unit)


def test_only_units_in_force_are_offered(story, acknowledged):
    days = {
        "AYER": (-100, -1),
        "HOY": (-100, 0),
        "PRONTO": (-100, 30),  # its closing is decided and still to come
        "MAÑANA": (1, None),
        "SIEMPRE": (-100, None),
    }
    for code, (since, until) in days.items():
        unit = a_unit(code, "comisaria", parent=story.callao.divpol, is_basic=True)
        with transaction():
            unit = db.session.merge(unit)
            unit.valid_from = today() + timedelta(days=since)
            unit.valid_until = None if until is None else today() + timedelta(days=until)
    offered = {unit.code for unit in triage.transfer_targets(story.parts, fresh(acknowledged))}
    assert offered & days.keys() == {"PRONTO", "SIEMPRE"}


def test_a_transfer_says_why(story, officer, acknowledged):
    with pytest.raises(InvalidInput):
        transfer(story, officer, acknowledged, story.callao.east, reason="porque_si")
    with pytest.raises(InvalidInput):
        transfer(story, officer, acknowledged, story.callao.east, reason="supera_capacidad")
    with pytest.raises(InvalidInput):
        transfer(story, officer, acknowledged, story.callao.west)  # to itself


def test_a_closed_case_is_not_transferred(story, officer, acknowledged):
    close(story, officer, acknowledged)
    with pytest.raises(Conflict):
        transfer(story, officer, acknowledged, story.callao.east)


def test_a_held_report_is_transferred_as_it_is(story, officer):
    words = "Se llevaron mi moto roja"
    story.send("robo_vehiculo", description=words)
    report_id = story.send("robo_vehiculo", description=words)
    story.work()
    transfer(story, officer, report_id, story.callao.east)
    story.work()
    assert fresh(report_id).state is State.FORWARDED
    assert fresh(report_id).held_until is None
