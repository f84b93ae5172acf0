"""By when an answer is due: the reminder, and what ends the term or begins it anew."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend import casework, deadlines, journey, triage
from backend.casework import Diligence
from backend.db import transaction
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, Purpose
from backend.reports.states import State
from tests.formal import make_formal
from tests.journey.acts import transfer
from tests.journey.doing import envios_of, events, fresh

# Ten working days after 20 November 2026, reminded three working days before.
ANSWER_BY = date(2026, 12, 4)
REMIND_AT = datetime(2026, 12, 1, 13, 0, tzinfo=UTC)  # 8:00 in Lima


@pytest.fixture
def denuncia(story, acknowledged):
    make_formal(story.parts, acknowledged, story.watch.now)
    return acknowledged


def reminders(report_id) -> list:
    return [one for one in envios_of(report_id) if one.purpose is Purpose.REMINDER]


def remind(story, at: datetime) -> int:
    story.watch.now = at
    told = deadlines.remind_terms(story.parts, at)
    story.work()
    return told


def test_the_desk_and_its_channels_are_reminded_once(story, denuncia):
    report = fresh(denuncia)
    assert (report.answer_by, report.remind_at) == (ANSWER_BY, REMIND_AT)
    with transaction():
        forwarding.add_channel(
            story.callao.west.id, Channel.EMAIL, "mesa@example.org", story.parts.settings.keys
        )
    assert remind(story, REMIND_AT - timedelta(seconds=1)) == 0
    assert remind(story, REMIND_AT) == 1
    assert {one.channel for one in reminders(denuncia)} == {Channel.DESK, Channel.EMAIL}
    assert {one.unit_id for one in reminders(denuncia)} == {story.callao.west.id}
    assert events(denuncia)[-1] == "term_near"
    report = fresh(denuncia)
    assert (report.answer_by, report.remind_at, report.state) == (ANSWER_BY, None, "acknowledged")
    assert remind(story, REMIND_AT + timedelta(days=1)) == 0


def test_a_reminder_moves_no_case_that_still_waits(story):
    report_id = story.send("robo_celular")
    make_formal(story.parts, report_id, story.watch.now)
    deadlines.remind_terms(story.parts, REMIND_AT)
    story.watch.now = REMIND_AT
    for envio in reminders(report_id):
        journey.forward(story.parts, envio.id, REMIND_AT)
    assert fresh(report_id).state is State.RECEIVED


def test_words_and_diligences_do_not_end_the_term_but_an_answer_does(story, officer, denuncia):
    now = story.watch.now
    triage.answer(story.parts, officer, denuncia, text="La estamos viendo", now=now)
    day = now.date()
    told = Diligence(day, words="Se revisó una cámara")
    casework.record_actuacion(story.parts, officer, denuncia, "revision_camaras", told, now)
    assert fresh(denuncia).answer_by == ANSWER_BY
    told = Diligence(day, words="Encontramos su celular.")
    casework.record_actuacion(story.parts, officer, denuncia, "respondida", told, now)
    assert (fresh(denuncia).answer_by, fresh(denuncia).remind_at) == (None, None)
    assert remind(story, REMIND_AT) == 0


def test_another_unit_inherits_the_term(story, officer, denuncia):
    transfer(story, officer, denuncia, story.callao.east)
    assert (fresh(denuncia).answer_by, fresh(denuncia).remind_at) == (ANSWER_BY, REMIND_AT)
    assert remind(story, REMIND_AT) == 1
    assert {one.unit_id for one in reminders(denuncia)} == {story.callao.east.id}


def test_who_disagrees_with_the_end_is_owed_an_answer_anew(story, officer, denuncia):
    now = story.watch.now
    told = Diligence(now.date(), words="No hay indicios")
    casework.record_actuacion(story.parts, officer, denuncia, "archivada", told, now)
    later = story.watch.forward(days=3)  # Monday
    journey.contest_closure(story.parts, denuncia, "Sí hay una cámara", later)
    assert fresh(denuncia).answer_by == date(2026, 12, 7)
    assert fresh(denuncia).remind_at is not None


def test_an_alerta_has_no_term(story, officer, acknowledged):
    triage.close(
        story.parts, officer, acknowledged, outcome="sin_novedad", words="", now=story.watch.now
    )
    journey.contest_closure(story.parts, acknowledged, "", story.watch.forward(hours=1))
    assert fresh(acknowledged).answer_by is None


def test_who_inherits_a_term_that_was_reminded_is_reminded_too(story, officer, denuncia):
    remind(story, REMIND_AT)
    transfer(story, officer, denuncia, story.callao.east)
    story.work()
    assert remind(story, REMIND_AT + timedelta(minutes=1)) == 1
    assert story.callao.east.id in {one.unit_id for one in reminders(denuncia)}
