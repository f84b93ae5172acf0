"""What staff do to a report: each function is one act of one person, with its record.

Every act looks the report up through `visible_to`, locks it, changes it through `move()` or
`note()`, and writes the audit trail, all in one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from backend.catalog.models import RoutingRule
from backend.catalog.queries import desenlaces_for, rechazos_for
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, wrong_field
from backend.identity.models import RoleName, Staff
from backend.identity.services import audit
from backend.journey import hand_over, owe_risk_map, pass_on
from backend.parts import Parts
from backend.queue import Ring
from backend.reports.models import (
    FORMAL_KINDS,
    MAX_MESSAGE,
    Kind,
    MessageAuthor,
    Report,
)
from backend.reports.moves import move, note
from backend.reports.queries import report_for
from backend.reports.services import add_message
from backend.reports.states import OPEN_STATES, UNSEEN_STATES, Moderation, State, Verification
from backend.routing import queries as routing
from backend.territory.models import PoliceUnit, UnitKind
from backend.territory.queries import in_force, sectors_of, today

MAX_NOTE = 500


@dataclass
class Act:
    """The locked report, what the trail keeps of the act, and whom to ring once it is committed."""

    report: Report
    rings: list[Ring] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@contextmanager
def acting(parts: Parts, staff: Staff, report_id: UUID, action: str) -> Iterator[Act]:
    """One act of one person on one report that they may see, in one transaction."""
    with transaction():
        act = Act(report_for(staff, report_id, lock=True))
        yield act
        audit(staff.id, action, report_id=report_id, state=act.report.state, **act.details)
    parts.doorbell.ring(act.rings)


def record_acknowledgement(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
    """ "Recibido": a person of the unit has taken note; the author sees it with its time."""
    with acting(parts, staff, report_id, "acknowledged") as act:
        report = act.report
        if report.state is State.RECEIVED:
            # Seen in the review tray before the machines or the clock let it through.
            act.rings += pass_on(parts, report, event="reviewed", now=now, staff_id=staff.id)
            move(report, State.FORWARDED, at=now, event="forwarded", staff_id=staff.id)
        move(report, State.ACKNOWLEDGED, at=now, event="acknowledged", staff_id=staff.id)
        report.acknowledged_at = now
        report.acknowledged_by = staff.id
        report.acknowledge_by = None


def let_through(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
    """A person looked at a held report and found nothing wrong with it."""
    with acting(parts, staff, report_id, "let_through") as act:
        if act.report.moderation is not Moderation.HELD:
            raise Conflict("Este reporte ya no está en revisión.")
        act.rings += pass_on(parts, act.report, event="reviewed", now=now, staff_id=staff.id)


def verify(
    parts: Parts,
    staff: Staff,
    report_id: UUID,
    *,
    verification: Verification,
    way: str,
    words: str,
    now: datetime,
) -> None:
    """Record that an officer found the report true or not, and how."""
    parts.catalog.verificacion(way)
    if verification is Verification.UNVERIFIED:
        raise wrong_field("resultado", "Diga si es cierto o no.")
    with acting(parts, staff, report_id, verification.value) as act:
        report = act.report
        if report.kind is Kind.QUEJA:
            raise Conflict("Una queja no se verifica: su verdad no es asunto de ningún mapa.")
        if report.state in UNSEEN_STATES:
            raise Conflict("Primero marque el reporte como recibido.")
        report.verification = verification
        report.verification_way = way
        report.verified_at = now
        details = {"way": way, "words": short_words(words)}
        note(report, at=now, event=verification.value, staff_id=staff.id, details=details)
        act.rings.append(owe_risk_map(report, now))


def assign(parts: Parts, staff: Staff, report_id: UUID, *, sector_id: int, now: datetime) -> None:
    """Give the report to a sector of the owning unit."""
    with acting(parts, staff, report_id, "assigned") as act:
        report = act.report
        if sector_id not in {sector.id for sector in sectors_of(report.unit_id)}:
            raise wrong_field("sector", "Elija un sector de la comisaría.")
        details = {"sector": sector_id}
        if report.state is State.IN_PROGRESS:
            note(report, at=now, event="assigned", staff_id=staff.id, details=details)
        else:
            move(
                report,
                State.IN_PROGRESS,
                at=now,
                event="assigned",
                staff_id=staff.id,
                details=details,
            )
        report.sector_id = sector_id


def start(parts: Parts, staff: Staff, report_id: UUID, *, now: datetime) -> None:
    """The unit is attending to it, without naming a sector."""
    with acting(parts, staff, report_id, "started") as act:
        move(act.report, State.IN_PROGRESS, at=now, event="started", staff_id=staff.id)


def answer(parts: Parts, staff: Staff, report_id: UUID, *, text: str, now: datetime) -> None:
    """Write to the author, who reads it by number and clave, or in the list of the junta."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_MESSAGE:
        raise wrong_field("texto", f"Escriba de 1 a {MAX_MESSAGE} letras.")
    with acting(parts, staff, report_id, "answered") as act:
        add_message(act.report, MessageAuthor.UNIT, text, now, staff.id)


def transfer(
    parts: Parts,
    staff: Staff,
    report_id: UUID,
    *,
    unit_id: int,
    reason: str,
    words: str,
    now: datetime,
) -> None:
    """Hand the report to another unit, with a reason."""
    motive = parts.catalog.traslado(reason)
    if motive.needs_words and not words.strip():
        raise wrong_field("detalle", "Cuente en pocas palabras por qué.")
    with acting(parts, staff, report_id, "transferred") as act:
        report = act.report
        if report.state not in OPEN_STATES:
            raise Conflict("El reporte está cerrado y ya no se puede trasladar.")
        target = _transfer_target(parts, report, unit_id)
        details = {
            "reason": reason,
            "words": short_words(words),
            "from": report.unit_id,
            "to": target.id,
        }
        if report.moderation is not Moderation.PASSED:
            report.moderation = Moderation.PASSED
            report.held_until = None
        if report.state in (State.ACKNOWLEDGED, State.IN_PROGRESS, State.RECEIVED):
            move(
                report,
                State.FORWARDED,
                at=now,
                event="transferred",
                staff_id=staff.id,
                details=details,
            )
        else:
            note(report, at=now, event="transferred", staff_id=staff.id, details=details)
        act.rings += hand_over(parts, report, target.id, now)


def transfer_targets(parts: Parts, report: Report) -> list[PoliceUnit]:
    """The units that may receive this report: never a neighbourhood desk when sensible.

    Of a queja, also the desks for quejas; and nobody who must not learn of it.
    """
    categoria = parts.catalog.subject(report.categoria)
    query = select(PoliceUnit).where(in_force(today()), PoliceUnit.id != report.unit_id)
    if categoria.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA:
        fits = PoliceUnit.matters.contains([categoria.matter])
        if report.kind is Kind.QUEJA:
            fits = or_(fits, PoliceUnit.id.in_(routing.queja_desk_ids()))
        query = query.where(fits)
    else:
        query = query.where(
            PoliceUnit.kind == UnitKind.COMISARIA, PoliceUnit.is_basic, PoliceUnit.name.is_not(None)
        )
    found = {unit.id: unit for unit in db.session.scalars(query.order_by(PoliceUnit.name))}
    return [found[unit_id] for unit_id in routing.who_may_know(report, list(found))]


def close(
    parts: Parts, staff: Staff, report_id: UUID, *, outcome: str, words: str, now: datetime
) -> None:
    """End the case with an outcome from the list; the author reads it and may contest once."""
    desenlace = parts.catalog.desenlace(outcome)
    if desenlace.needs_words and not words.strip():
        raise wrong_field("detalle", "Cuente en pocas palabras qué se hizo.")
    with acting(parts, staff, report_id, "closed") as act:
        report = act.report
        if desenlace not in desenlaces_for(parts.catalog, parts.catalog.subject(report.categoria)):
            raise wrong_field("desenlace", "Elija un desenlace que corresponda a este reporte.")
        details = {"outcome": outcome, "words": short_words(words)}
        move(
            report,
            State(desenlace.state.value),
            at=now,
            event="closed",
            staff_id=staff.id,
            details=details,
        )
        end_case(report, outcome, now)


def end_case(report: Report, outcome: str | None, now: datetime) -> None:
    """Nothing is due any more of a report that was closed or rejected."""
    report.outcome = outcome
    report.closed_at = now
    report.acknowledge_by = None
    report.answer_by = None
    report.remind_at = None


def reject(
    parts: Parts, staff: Staff, report_id: UUID, *, reason: str, words: str, now: datetime
) -> None:
    """A person, never a machine, sets the report aside for a reason from the list.

    A denuncia or queja only by the unit's comisario: its author has a right to an answer.
    """
    motive = parts.catalog.rechazo(reason)
    if motive.needs_words and not words.strip():
        raise wrong_field("detalle", "Cuente en pocas palabras por qué.")
    with acting(parts, staff, report_id, "rejected") as act:
        report = act.report
        if report.kind in FORMAL_KINDS and not is_comisario_of(report, staff):
            raise Forbidden("Solo el comisario de la unidad puede rechazar una denuncia o queja.")
        if motive not in rechazos_for(parts.catalog, parts.catalog.subject(report.categoria)):
            raise wrong_field("motivo", "Elija un motivo que corresponda a este reporte.")
        details = {"reason": reason, "words": short_words(words)}
        move(report, State.REJECTED, at=now, event="rejected", staff_id=staff.id, details=details)
        if report.verification is Verification.VERIFIED:
            act.rings.append(owe_risk_map(report, now))  # rejected ones count on no map
        if report.moderation is not Moderation.PASSED:
            report.moderation = Moderation.PASSED
        report.held_until = None
        end_case(report, None, now)


def is_comisario_of(report: Report, staff: Staff) -> bool:
    """Whether this is the comisario of the unit that has the report, and not of one above."""
    return staff.unit_id == report.unit_id and staff.is_one_of(RoleName.COMISARIO)


def _transfer_target(parts: Parts, report: Report, unit_id: int) -> PoliceUnit:
    for unit in transfer_targets(parts, report):
        if unit.id == unit_id:
            return unit
    raise wrong_field("unidad", "Elija una unidad de la lista que pueda recibir este reporte.")


def short_words(words: str) -> str:
    """An officer's note without blanks around it; raises `InvalidInput` when it is too long."""
    words = words.strip()
    if len(words) > MAX_NOTE:
        raise wrong_field("detalle", f"Escriba hasta {MAX_NOTE} letras.")
    return words
