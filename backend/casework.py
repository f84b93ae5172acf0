"""What staff do to a denuncia or queja alone: actuaciones and calificaciones.

As in `backend.triage`, each function is one act of one person, with its record.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from backend.catalog.models import ActState, Actuacion, Asks
from backend.catalog.queries import modalities
from backend.clock import in_lima
from backend.db import db
from backend.denuncias.models import Calificacion, Denuncia
from backend.errors import Conflict, FieldError, InvalidInput, wrong_field
from backend.identity.models import CASE_ROLES, Role, Staff
from backend.parts import Parts
from backend.reports.models import FORMAL_KINDS, MAX_MESSAGE, MessageAuthor, Report
from backend.reports.moves import move, note
from backend.reports.services import add_message
from backend.reports.states import OPEN_STATES, UNSEEN_STATES, State
from backend.triage import (
    MAX_NOTE,
    acting,
    end_case,
    record_acknowledgement,
)

MAX_FISCALIA = 120
MAX_NUMERO = 60
# Its record carries who confirmed the denuncia before an officer.
RATIFICATION = "ratificada"


@dataclass(frozen=True)
class Diligence:
    """What an officer tells of something done: when, and what the actuación asks for."""

    on: date
    words: str = ""
    fiscalia: str = ""
    numero: str = ""
    investigador_id: int | None = None


# Actuaciones


def record_actuacion(
    parts: Parts, staff: Staff, report_id: UUID, codigo: str, told: Diligence, now: datetime
) -> None:
    """Write down what the unit did; the author reads it in plain words, with its day."""
    actuacion = parts.catalog.actuacion(codigo)
    if actuacion.state is ActState.ACKNOWLEDGED:
        record_acknowledgement(parts, staff, report_id, now)
        return
    asked = _what_is_asked(actuacion, told)
    with acting(parts, staff, report_id, "actuacion_recorded") as act:
        report = act.report
        _check_may_record(actuacion, report, told.on, now)
        if Asks.INVESTIGADOR in actuacion.asks:
            _check_investigator(report, told.investigador_id)
        act.details["actuacion"] = codigo
        _write_down(actuacion, report, staff, {"on": told.on.isoformat(), **asked}, now)
        if codigo == RATIFICATION:
            _ratify(report_id, staff, now)
        if actuacion.answers_author:
            add_message(report, MessageAuthor.UNIT, asked["words"], now, staff.id)


def _what_is_asked(actuacion: Actuacion, told: Diligence) -> dict[str, Any]:
    """The answers to what this actuación asks, and nothing else that was sent along."""
    most_words = MAX_MESSAGE if actuacion.answers_author else MAX_NOTE
    limits = {
        Asks.WORDS: (told.words, most_words, "detalle"),
        Asks.FISCALIA: (told.fiscalia, MAX_FISCALIA, "fiscalia"),
        Asks.NUMERO: (told.numero, MAX_NUMERO, "numero"),
    }
    answers: dict[str, Any] = {}
    errors = []
    for asked in actuacion.asks:
        if asked is Asks.INVESTIGADOR:
            answers["investigador"] = told.investigador_id
            continue
        text, most, field = limits[asked]
        answers[asked.value] = text.strip()
        if not 1 <= len(text.strip()) <= most:
            errors.append(FieldError(field, f"Escriba de 1 a {most} letras."))
    if errors:
        raise InvalidInput("Falta algo que esta actuación pide.", tuple(errors))
    return answers


def _check_may_record(actuacion: Actuacion, report: Report, on: date, now: datetime) -> None:
    if report.kind.value not in actuacion.kinds:
        raise wrong_field("actuacion", "Elija una actuación que corresponda a este caso.")
    if report.state in UNSEEN_STATES:
        raise Conflict("Primero marque el caso como recibido.")
    if report.state not in OPEN_STATES:
        raise Conflict("El caso ya está cerrado.")
    if on > in_lima(now).date():
        raise wrong_field("fecha", "Ese día todavía no llega.")
    if on < in_lima(report.received_at).date():
        raise wrong_field("fecha", "El caso llegó después de ese día. Revise la fecha.")


def _check_investigator(report: Report, staff_id: int | None) -> None:
    if staff_id not in {one.id for one in investigators_of(report.unit_id)}:
        raise wrong_field("investigador", "Elija a una persona de la unidad.")


def investigators_of(unit_id: int) -> list[Staff]:
    """Who may be put in charge: active staff of the unit who work on cases."""
    query = (
        select(Staff)
        .where(Staff.unit_id == unit_id, Staff.active)
        .where(Staff.roles.any(Role.name.in_(CASE_ROLES)))
        .order_by(Staff.display_name)
    )
    return list(db.session.scalars(query).unique())


def _write_down(
    actuacion: Actuacion, report: Report, staff: Staff, told: dict[str, Any], now: datetime
) -> None:
    state = State(actuacion.state.value) if actuacion.state else report.state
    details = {"actuacion": actuacion.codigo, **told}
    if state is report.state:
        note(report, at=now, event="actuacion", staff_id=staff.id, details=details)
    else:
        move(report, state, at=now, event="actuacion", staff_id=staff.id, details=details)
    if state not in OPEN_STATES:
        end_case(report, actuacion.desenlace, now)


def _ratify(report_id: UUID, staff: Staff, now: datetime) -> None:
    denuncia = db.session.get(Denuncia, report_id)
    if denuncia is None or denuncia.ratified_at is not None:
        raise Conflict("La denuncia ya estaba ratificada en persona.")
    denuncia.ratified_at = now
    denuncia.ratified_by = staff.id


# Calificaciones


def qualify(parts: Parts, staff: Staff, report_id: UUID, codigo: str, now: datetime) -> None:
    """Add one more legal name for what happened; none is ever taken away."""
    if codigo not in {entry.codigo for entry in modalities(parts.catalog)}:
        raise wrong_field("calificacion", "Elija una calificación de la lista.")
    with acting(parts, staff, report_id, "qualified") as act:
        report = act.report
        if report.kind not in FORMAL_KINDS:
            raise Conflict("Solo las denuncias y las quejas tienen calificaciones.")
        if report.state not in OPEN_STATES:
            raise Conflict("El caso ya está cerrado.")
        earlier = select(Calificacion.codigo).where(Calificacion.report_id == report_id)
        if codigo in db.session.scalars(earlier).all():
            raise wrong_field("calificacion", "Esa calificación ya está en el caso.")
        row = {"report_id": report_id, "codigo": codigo, "at": now, "staff_id": staff.id}
        db.session.execute(insert(Calificacion).values(**row))
        act.details["codigo"] = codigo
        note(report, at=now, event="qualified", staff_id=staff.id, details={"codigo": codigo})
