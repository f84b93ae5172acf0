"""What a unit does in a denuncia, one act after another, and what is left of each."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend import casework, triage
from backend.casework import Diligence
from backend.db import db
from backend.denuncias.models import Calificacion, Denuncia
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.identity.models import AuditEntry
from backend.reports.models import HistoryEntry, Message
from backend.reports.states import State
from tests.formal import make_formal
from tests.journey.acts import close
from tests.journey.doing import events, fresh

TODAY = date(2026, 11, 20)  # the watch's day in Lima


@pytest.fixture
def denuncia(story, acknowledged):
    make_formal(story.parts, acknowledged, story.watch.now)
    return acknowledged


def record(story, staff, report_id, codigo, on=TODAY, **told):
    casework.record_actuacion(
        story.parts, staff, report_id, codigo, Diligence(on, **told), story.watch.now
    )


def last(report_id) -> HistoryEntry:
    db.session.rollback()
    query = select(HistoryEntry).where(HistoryEntry.report_id == report_id)
    return db.session.scalars(query.order_by(HistoryEntry.id.desc())).first()


def fields(refusal) -> list[str]:
    return [one.field for one in refusal.value.errors]


def test_a_denuncia_from_the_desk_to_the_fiscalia_and_to_its_end(story, officer, denuncia):
    investigator = story.officer(story.callao.west, "comisario")
    record(story, officer, denuncia, "asignada_a_investigador", investigador_id=investigator.id)
    assert fresh(denuncia).state is State.IN_PROGRESS
    story.watch.forward(days=3)
    record(story, officer, denuncia, "inspeccion", date(2026, 11, 21), words="Se halló la caja")
    record(
        story,
        officer,
        denuncia,
        "enviada_a_fiscalia",
        date(2026, 11, 23),
        fiscalia=" Segunda de Callao ",
        numero="1234-2026",
        words="esto no lo pide esta actuación",
    )
    assert last(denuncia).details == {
        "actuacion": "enviada_a_fiscalia",
        "on": "2026-11-23",
        "fiscalia": "Segunda de Callao",
        "numero": "1234-2026",
    }
    record(story, officer, denuncia, "respondida", date(2026, 11, 23), words="Ya tiene su número.")

    report = fresh(denuncia)
    assert (report.state, report.outcome) == (State.RESOLVED, "caso_atendido")
    assert report.closed_at == story.watch.now
    assert (report.answer_by, report.remind_at) == (None, None)
    assert events(denuncia)[-4:] == ["actuacion"] * 4
    [message] = db.session.scalars(select(Message)).all()
    assert (message.author, message.text) == ("comisaria", "Ya tiene su número.")


def test_each_act_stands_in_the_trail_without_words(story, officer, denuncia):
    record(story, officer, denuncia, "inspeccion", words="Calle Los Sauces 12")
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "actuacion_recorded")
    ).one()
    assert (entry.staff_id, entry.report_id) == (officer.id, denuncia)
    assert entry.details == {"actuacion": "inspeccion", "state": "in_progress"}


def test_the_author_of_an_archived_case_reads_the_reason(story, officer, denuncia):
    record(story, officer, denuncia, "archivada", words="No hay indicios")
    report = fresh(denuncia)
    assert (report.state, report.outcome) == (State.DISMISSED, "archivado")
    message = db.session.scalars(select(Message)).one()
    assert (message.author, message.text) == ("comisaria", "No hay indicios")


def test_received_is_the_acknowledgement_itself(story, officer, on_desk):
    make_formal(story.parts, on_desk, story.watch.now)
    with pytest.raises(Conflict):
        record(story, officer, on_desk, "inspeccion", words="Antes de recibirla")
    record(story, officer, on_desk, "recibida")
    assert fresh(on_desk).acknowledged_by == officer.id
    assert events(on_desk)[-1] == "acknowledged"


def test_a_denuncia_is_ratified_in_person_once(story, officer, denuncia):
    record(story, officer, denuncia, "ratificada")
    row = db.session.get_one(Denuncia, denuncia, populate_existing=True)
    assert (row.ratified_at, row.ratified_by) == (story.watch.now, officer.id)
    assert fresh(denuncia).state is State.ACKNOWLEDGED
    with pytest.raises(Conflict):
        record(story, officer, denuncia, "ratificada")
    assert events(denuncia).count("actuacion") == 1


@pytest.mark.parametrize("on", [TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
def test_nothing_is_done_before_the_report_nor_in_the_future(story, officer, denuncia, on):
    with pytest.raises(InvalidInput) as refusal:
        record(story, officer, denuncia, "inspeccion", on, words="x")
    assert fields(refusal) == ["fecha"]


@pytest.mark.parametrize(
    ("codigo", "told", "wrong"),
    [
        ("enviada_a_fiscalia", {}, ["fiscalia", "numero"]),
        ("enviada_a_fiscalia", {"fiscalia": "x" * 121, "numero": "1"}, ["fiscalia"]),
        ("inspeccion", {"words": "  "}, ["detalle"]),
        ("inspeccion", {"words": "x" * 501}, ["detalle"]),
        ("respondida", {"words": "x" * 1001}, ["detalle"]),
        ("asignada_a_investigador", {}, ["investigador"]),
        ("inventada", {}, ["actuacion"]),
    ],
)
def test_what_an_act_asks_must_be_told(story, officer, denuncia, codigo, told, wrong):
    with pytest.raises(InvalidInput) as refusal:
        record(story, officer, denuncia, codigo, **told)
    assert fields(refusal) == wrong
    assert "actuacion" not in events(denuncia)


def test_an_investigator_is_of_the_unit(story, officer, denuncia):
    stranger = story.officer(story.callao.east)
    auditor = story.officer(story.callao.west, "auditor")
    for other in (stranger, auditor):
        with pytest.raises(InvalidInput):
            record(story, officer, denuncia, "asignada_a_investigador", investigador_id=other.id)


def test_an_alerta_has_no_actuaciones(story, officer, acknowledged):
    with pytest.raises(InvalidInput):
        record(story, officer, acknowledged, "inspeccion", words="x")
    with pytest.raises(Conflict):
        casework.qualify(story.parts, officer, acknowledged, "010301", story.watch.now)


def test_a_closed_case_takes_no_more(story, officer, denuncia):
    record(story, officer, denuncia, "archivada", words="No hay indicios")
    with pytest.raises(Conflict):
        record(story, officer, denuncia, "inspeccion", words="x")
    with pytest.raises(Conflict):
        casework.qualify(story.parts, officer, denuncia, "010301", story.watch.now)


def test_a_stranger_learns_not_even_that_it_exists(story, denuncia):
    for stranger in (story.officer(story.callao.east), story.officer(story.callao.west, "auditor")):
        with pytest.raises(NotFound):
            record(story, stranger, denuncia, "inspeccion", words="x")
        with pytest.raises(NotFound):
            casework.qualify(story.parts, stranger, denuncia, "010301", story.watch.now)


def test_a_fact_gets_one_more_name_and_loses_none(story, officer, denuncia):
    casework.qualify(story.parts, officer, denuncia, "010301", story.watch.now)
    rows = db.session.scalars(select(Calificacion).order_by(Calificacion.id)).all()
    assert [(row.codigo, row.staff_id) for row in rows] == [
        ("010309", None),
        ("010301", officer.id),
    ]
    assert last(denuncia).event == "qualified"
    for wrong in ("010301", "0103", "999999"):
        with pytest.raises(InvalidInput):
            casework.qualify(story.parts, officer, denuncia, wrong, story.watch.now)


def test_only_the_comisario_rejects_a_denuncia(story, officer, denuncia):
    def reject(who, reason="no_es_un_aviso"):
        triage.reject(
            story.parts, who, denuncia, reason=reason, words="Era una prueba", now=story.watch.now
        )

    with pytest.raises(Forbidden):
        reject(officer)
    with pytest.raises(Forbidden):
        reject(story.officer(story.callao.divpol, "comisario"))
    comisario = story.officer(story.callao.west, "comisario")
    with pytest.raises(InvalidInput):
        reject(comisario, "aviso_falso")
    reject(comisario)
    report = fresh(denuncia)
    assert report.state is State.REJECTED
    assert (report.answer_by, report.remind_at) == (None, None)


def test_an_answer_is_given_where_its_author_reads_it(story, officer, denuncia):
    """Closing has words for the police alone: it does not end a case with "lee su respuesta"."""
    with pytest.raises(InvalidInput):
        close(story, officer, denuncia, "caso_atendido", "Ya está")
    assert fresh(denuncia).state is State.ACKNOWLEDGED
    close(story, officer, denuncia, "bien_devuelto")
    assert fresh(denuncia).outcome == "bien_devuelto"
