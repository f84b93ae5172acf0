"""What staff do to a report, who may, and what is left of each act."""

import pytest
from h3 import latlng_to_cell
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from backend import triage
from backend.db import db, transaction
from backend.errors import Conflict, InvalidInput, NotFound
from backend.identity.models import AuditEntry, RoleName
from backend.reports.models import Message, PlaceSource, ReportTask, Step
from backend.reports.queries import report_for
from backend.reports.services import Place
from backend.reports.states import State, Verification
from tests.journey.acts import close, transfer, verify
from tests.journey.doing import events, fresh

QUARTER = Place(PlaceSource.CELDA, cell=latlng_to_cell(-12.06, -77.13, 8))
# A point on a station is no place (design §8).
ON_THE_STREET = Place(PlaceSource.GPS, -12.064, -77.134, 10)


# Acknowledging


def test_received_is_a_persons_own_timed_act(story, officer, on_desk):
    story.watch.forward(minutes=2)
    triage.record_acknowledgement(story.parts, officer, on_desk, story.watch.now)
    report = fresh(on_desk)
    assert report.state is State.ACKNOWLEDGED
    assert report.acknowledged_at == story.watch.now
    assert report.acknowledged_by == officer.id
    assert report.is_seen
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.staff_id, entry.action, entry.report_id) == (officer.id, "acknowledged", on_desk)


def test_it_is_acknowledged_once(story, officer, acknowledged):
    with pytest.raises(Conflict):
        triage.record_acknowledgement(story.parts, officer, acknowledged, story.watch.now)
    assert len(db.session.scalars(select(AuditEntry)).all()) == 1


def test_an_urgent_report_is_acknowledged_before_its_job_ran(story, officer):
    report_id = story.send("robo")
    triage.record_acknowledgement(story.parts, officer, report_id, story.watch.now)
    story.work()
    assert fresh(report_id).state is State.ACKNOWLEDGED
    assert events(report_id)[0] == "received"
    assert events(report_id).count("forwarded") == 1


# Who may


ACTS = {
    "acknowledge": lambda s, who, r: triage.record_acknowledgement(s.parts, who, r, s.watch.now),
    "let through": lambda s, who, r: triage.let_through(s.parts, who, r, s.watch.now),
    "verify": verify,
    "assign": lambda s, who, r: triage.assign(
        s.parts, who, r, sector_id=s.callao.sector.id, now=s.watch.now
    ),
    "start": lambda s, who, r: triage.start(s.parts, who, r, now=s.watch.now),
    "answer": lambda s, who, r: triage.answer(s.parts, who, r, text="Hola", now=s.watch.now),
    "transfer": lambda s, who, r: transfer(s, who, r, s.callao.west),
    "close": close,
    "reject": lambda s, who, r: triage.reject(
        s.parts, who, r, reason="no_es_un_aviso", words="x", now=s.watch.now
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_learns_not_even_that_it_exists(story, on_desk, act):
    nobody = "00000000-0000-0000-0000-000000000000"
    callao = story.callao
    strangers = [story.officer(callao.east), story.officer(callao.extortion_desk)]
    strangers += [story.officer(callao.west, role) for role in ROLES_WITHOUT_CASES]
    strangers += [story.officer(callao.sector, "jefe_sector")]
    before = events(on_desk)
    for stranger in strangers:
        said = []
        for report_id in (on_desk, nobody):
            with pytest.raises(NotFound) as refusal:
                ACTS[act](story, stranger, report_id)
            said.append(refusal.value.detail)
        assert said[0] == said[1]
    assert events(on_desk) == before
    assert db.session.scalars(select(AuditEntry)).all() == []


ROLES_WITHOUT_CASES = (
    *("analista", "secretaria_tecnica", "administrador", "auditor"),
    *("participacion_ciudadana", "cargador_padron"),
)


def test_every_role_is_either_tried_above_or_works_on_cases():
    cases = {"operador", "comisario", "jefe_sector", "supervisor"}
    assert cases | set(ROLES_WITHOUT_CASES) == set(RoleName)


def test_the_units_above_may_act_too(story, on_desk):
    supervisor = story.officer(story.callao.region, "supervisor")
    triage.record_acknowledgement(story.parts, supervisor, on_desk, story.watch.now)
    assert fresh(on_desk).acknowledged_by == supervisor.id


def test_the_head_of_a_sector_sees_what_is_assigned_to_it(story, officer, acknowledged):
    head = story.officer(story.callao.sector, "jefe_sector")
    with pytest.raises(NotFound):
        triage.start(story.parts, head, acknowledged, now=story.watch.now)
    ACTS["assign"](story, officer, acknowledged)
    triage.answer(story.parts, head, acknowledged, text="Vamos", now=story.watch.now)
    assert fresh(acknowledged).state is State.IN_PROGRESS


# Verifying


@pytest.mark.parametrize("verification", [Verification.VERIFIED, Verification.REFUTED])
def test_what_an_officer_found_goes_to_the_risk_map(story, officer, acknowledged, verification):
    story.bell.rings.clear()
    verify(story, officer, acknowledged, verification)
    report = fresh(acknowledged)
    assert report.verification is verification
    assert report.verification_way == "visto_en_el_lugar"
    assert report.state is State.ACKNOWLEDGED  # another column
    assert [ring.job for ring in story.bell.rings] == ["feed_risk_map"]
    task = db.session.get(ReportTask, (acknowledged, Step.FEED_RISK_MAP))
    assert task.work_state == "pending"
    story.work()
    assert risk_facts() == (1 if verification is Verification.VERIFIED else 0)


def test_an_officer_may_change_their_mind_and_the_map_follows(story, officer, acknowledged):
    verify(story, officer, acknowledged)
    story.work()
    assert risk_facts() == 1
    verify(story, officer, acknowledged, Verification.REFUTED)
    story.work()
    assert risk_facts() == 0


def risk_facts() -> int:
    db.session.rollback()
    return db.session.scalar(text("SELECT count(*) FROM risk_fact"))


def test_what_nobody_acknowledged_cannot_be_verified(story, officer, on_desk):
    with pytest.raises(Conflict):
        verify(story, officer, on_desk)


def test_it_must_be_said_how(story, officer, acknowledged):
    with pytest.raises(InvalidInput):
        verify(story, officer, acknowledged, way="por_intuicion")
    with pytest.raises(InvalidInput):
        verify(story, officer, acknowledged, Verification.UNVERIFIED)


# Assigning and answering


def test_a_sector_of_the_unit_gets_it(story, officer, acknowledged):
    ACTS["assign"](story, officer, acknowledged)
    assert fresh(acknowledged).sector_id == story.callao.sector.id
    assert fresh(acknowledged).state is State.IN_PROGRESS
    ACTS["assign"](story, officer, acknowledged)  # and again, to another patrol


@pytest.mark.parametrize("unit", ["east", "divpol", "west"])
def test_only_a_sector_of_the_own_unit_can_get_it(story, officer, acknowledged, unit):
    with pytest.raises(InvalidInput):
        triage.assign(
            story.parts,
            officer,
            acknowledged,
            sector_id=getattr(story.callao, unit).id,
            now=story.watch.now,
        )


@pytest.mark.parametrize("text", ["", "   ", "a" * 1001])
def test_an_answer_has_some_words(story, officer, acknowledged, text):
    with pytest.raises(InvalidInput):
        triage.answer(story.parts, officer, acknowledged, text=text, now=story.watch.now)
    assert db.session.scalars(select(Message)).all() == []


# Ending


def test_an_outcome_ends_it(story, officer, acknowledged):
    close(story, officer, acknowledged)
    report = fresh(acknowledged)
    assert report.state is State.RESOLVED
    assert report.outcome == "patrulla_intervino"
    assert report.closed_at == story.watch.now
    assert report.acknowledge_by is None


def test_every_outcome_and_reason_of_the_catalogue_has_its_words(parts):
    ends = [*parts.catalog.desenlaces.values(), *parts.catalog.rechazos.values()]
    assert all(end.text_for_citizen for end in ends)


def test_what_nobody_acknowledged_cannot_be_closed(story, officer, on_desk):
    with pytest.raises(Conflict):
        close(story, officer, on_desk)


def test_an_outcome_is_from_the_list_and_fits_the_matter(story, officer, acknowledged):
    with pytest.raises(InvalidInput):
        close(story, officer, acknowledged, outcome="ya_fue")
    with pytest.raises(InvalidInput):
        close(story, officer, acknowledged, outcome="derivado_fiscalia")  # without words
    with pytest.raises(InvalidInput):
        close(story, officer, acknowledged, outcome="riesgo_corregido")  # of risk factors


def test_a_rejection_says_why_and_is_final(story, officer, on_desk):
    triage.reject(
        story.parts,
        officer,
        on_desk,
        reason="no_es_un_aviso",
        words="Era una prueba",
        now=story.watch.now,
    )
    assert fresh(on_desk).state is State.REJECTED
    for act in ("acknowledge", "start", "close", "reject"):
        with pytest.raises(Conflict):
            ACTS[act](story, officer, on_desk)


def test_every_act_is_in_the_trail_with_ids_and_states_only(story, officer, acknowledged):
    ACTS["assign"](story, officer, acknowledged)
    ACTS["answer"](story, officer, acknowledged)
    close(story, officer, acknowledged, words="Secreto del caso")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [one.action for one in entries] == ["acknowledged", "assigned", "answered", "closed"]
    assert {one.staff_id for one in entries} == {officer.id}
    assert "Secreto" not in str([one.details for one in entries])


def test_an_act_keeps_other_officers_waiting_but_no_worker(officer, acknowledged, owner_engine):
    """The risk map's worker refers to the report while it holds what the act waits for."""
    lock = "SELECT 1 FROM report WHERE id = :id FOR {} NOWAIT"
    with transaction(), owner_engine.connect() as worker, owner_engine.connect() as other:
        report_for(officer, acknowledged, lock=True)
        worker.execute(text(lock.format("KEY SHARE")), {"id": acknowledged})
        with pytest.raises(OperationalError):
            other.execute(text(lock.format("NO KEY UPDATE")), {"id": acknowledged})
