"""Opening an identity, one at a time and with a trace; and what auditors think of it.

As in `backend.triage`, each function that changes something is one act of one person.
"""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.clock import LIMA, in_lima
from backend.db import db, transaction
from backend.denuncias.models import CasePerson, OpeningReview, Verdict
from backend.errors import Conflict, Forbidden, NotFound, wrong_field
from backend.identity.models import AuditEntry, RoleName, Staff
from backend.identity.services import audit
from backend.parts import Parts
from backend.reports.barred import may_know
from backend.reports.models import Kind, Report
from backend.reports.queries import report_for
from backend.triage import (
    MAX_NOTE,
    is_comisario_of,
    short_words,
)
from backend.vault import services as vault
from backend.vault.models import Opening

MIN_REASON = 10
# An investigator needs the persons of a handful of cases a day; more looks like copying. Past it
# the comisario alone goes on, and the trail says so.
OPENINGS_PER_DAY = 20
OPENED = "identity_opened"


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
