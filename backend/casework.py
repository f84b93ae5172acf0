"""What staff do to a denuncia or queja alone: actuaciones, calificaciones, opening identities.

As in `backend.triage`, each function is one act of one person, with its record.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, true
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.catalog.models import ActState, Actuacion, Asks
from backend.catalog.queries import modalities
from backend.clock import LIMA, in_lima
from backend.db import db, transaction
from backend.denuncias.models import Calificacion, CasePerson, Denuncia, OpeningReview, Verdict
from backend.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, wrong_field
from backend.identity.models import CASE_ROLES, AuditEntry, Role, RoleName, Staff
from backend.identity.services import audit
from backend.parts import Parts
from backend.reports.barred import may_know
from backend.reports.models import FORMAL_KINDS, MAX_MESSAGE, Kind, MessageAuthor, Report
from backend.reports.queries import report_for
from backend.reports.services import add_message
from backend.reports.states import OPEN_STATES, UNSEEN_STATES, State, move, note
from backend.triage import (
    MAX_NOTE,
    acting,
    end_case,
    is_comisario_of,
    record_acknowledgement,
    short_words,
)
from backend.vault import services as vault
from backend.vault.models import Opening

MAX_FISCALIA = 120
MAX_NUMERO = 60
MIN_REASON = 10
# Its record carries who confirmed the denuncia before an officer.
RATIFICATION = "ratificada"
# An investigator needs the persons of a handful of cases a day; more looks like copying. Past it
# the comisario alone goes on, and the trail says so.
OPENINGS_PER_DAY = 20
OPENED = "identity_opened"


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


# Identities


def may_open_identity(staff: Staff, report: Report) -> bool:
    """Whoever works on the case in the owning unit; a reserved one only its comisario.

    Units above see the case and not who is in it: they supervise the work, they do not do it.
    """
    roles = {RoleName.COMISARIO} if report.is_reserved else {RoleName.OPERADOR, RoleName.COMISARIO}
    return staff.unit_id == report.unit_id and staff.is_one_of(*roles)


def may_have_originals(staff: Staff, report: Report) -> bool:
    """A photo's own words tell the exact place, which of these reports nobody else is to have."""
    if report.is_reserved or report.kind is Kind.QUEJA:
        return is_comisario_of(report, staff)
    return True


def open_identity(
    parts: Parts,
    staff: Staff,
    report_id: UUID,
    person_id: UUID,
    *,
    reason: str,
    words: str,
    now: datetime,
) -> dict[str, Any]:
    """Who stands behind a label, for this once.

    First the trail is written and committed, then the vault is asked, which keeps its own record
    with the words: an identity without both cannot be had.
    """
    motive = parts.catalog.apertura(reason)
    why = _checked_reason(words)
    with transaction():
        report = report_for(staff, report_id)
        person = db.session.get(CasePerson, person_id)
        if not may_open_identity(staff, report):
            raise Forbidden("Esa identidad la abre solo quien lleva el caso en su unidad.")
        if person is None or person.report_id != report_id:
            raise NotFound("No encontramos a esa persona en el caso.")
        is_over = _count_today(staff, now) >= OPENINGS_PER_DAY
        if is_over and not staff.is_one_of(RoleName.COMISARIO):
            raise Conflict(too_many_words())
        unit_id = report.unit_id
        trace: dict[str, Any] = {"person": str(person_id), "reason": motive.codigo}
        if is_over:
            trace["over_limit"] = True
        audit(staff.id, OPENED, report_id=report_id, **trace)
        staff_id = staff.id
    ring = parts.settings.keys
    return vault.open_person(ring, person_id, report_id, staff_id, unit_id, motive.codigo, why)


def too_many_words() -> str:
    """What is told to who opened too many identities today."""
    return (
        f"Hoy ya abrió {OPENINGS_PER_DAY} identidades, el máximo de un día. Desde mañana puede "
        "seguir; si no puede esperar, pida al comisario de su unidad que la abra."
    )


def openings_left(staff: Staff, now: datetime) -> int:
    """How many identities this officer may still open today."""
    return max(0, OPENINGS_PER_DAY - _openings_today(staff.id, now))


def _count_today(staff: Staff, now: datetime) -> int:
    # One opening of an officer at a time: many at once would all be the last one allowed.
    mine = select(Staff.id).where(Staff.id == staff.id).with_for_update(key_share=True)
    db.session.execute(mine)
    return _openings_today(staff.id, now)


def _openings_today(staff_id: int, now: datetime) -> int:
    midnight = datetime.combine(in_lima(now).date(), time(), LIMA)
    query = select(func.count()).where(
        AuditEntry.at >= midnight, AuditEntry.action == OPENED, AuditEntry.staff_id == staff_id
    )
    return db.session.scalar(query) or 0


def _checked_reason(words: str) -> str:
    words = words.strip()
    if not MIN_REASON <= len(words) <= MAX_NOTE:
        message = f"Explique para qué la necesita, en {MIN_REASON} a {MAX_NOTE} letras."
        raise wrong_field("detalle", message)
    return words


# What auditors think of it


def may_review(staff: Staff, opening: Any = Opening) -> ColumnElement[bool]:
    """On `Opening`: an auditor of a unit learns of none in a queja that is kept from it."""
    if staff.unit_id is None:
        return true()
    known = select(Report.id).where(Report.id == opening.report_id, may_know(staff.unit_id))
    return known.exists()


def review_opening(
    staff: Staff, opening_id: int, *, verdict: str, words: str, now: datetime
) -> None:
    """An auditor's word on another's opening, said once; an objection needs an explanation."""
    if verdict not in frozenset(Verdict):
        raise wrong_field("resultado", "Elija si se justifica o no.")
    words = short_words(words)
    if verdict == Verdict.QUESTIONED and len(words) < MIN_REASON:
        raise wrong_field("detalle", f"Explique qué observa, en {MIN_REASON} letras o más.")
    with transaction():
        query = select(Opening).where(Opening.id == opening_id, may_review(staff))
        opening = db.session.scalar(query)
        if opening is None:
            raise NotFound("No existe esa apertura.")
        if opening.staff_id == staff.id:
            raise Forbidden("Esa identidad la abrió usted: la revisa otra persona.")
        row = {"opening_id": opening_id, "staff_id": staff.id, "at": now}
        row |= {"verdict": Verdict(verdict), "words": words}
        statement = upsert(OpeningReview).values(**row).on_conflict_do_nothing()
        if db.session.execute(statement.returning(OpeningReview.opening_id)).first() is None:
            raise Conflict("Otra persona ya revisó esa apertura.")
        # By case and person: numbers of openings would show gaps to whoever reads the trail.
        about, person = opening.report_id, str(opening.person_id)
        audit(staff.id, "opening_reviewed", report_id=about, person=person, verdict=verdict)
