"""What was given up: deliveries and steps that failed at every attempt, to be tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.opaque import opened, sealed
from backend import clock, upkeep
from backend.app import parts_of
from backend.db import db
from backend.errors import Conflict, NotFound
from backend.forwarding.models import Envio
from backend.forwarding.queries import PAGE_ROWS, failed_envios
from backend.identity.models import Staff
from backend.outbox import WorkState
from backend.reports.models import Report, ReportTask, Step
from backend.reports.queries import visible_to


@dataclass(frozen=True)
class FailedTask:
    """A step of the journey that was given up."""

    report_id: UUID
    step: Step
    numero: str
    attempts: int
    error: str | None
    failed_at: datetime
    hides_minute: bool


@blueprint.get("/envios")
def deliveries() -> str:
    """Failed deliveries and steps of the reports that this member of staff may see."""
    staff, cursor = current_staff(), request.args.get("cursor", "")
    found = failed_envios(visible_to(staff), after=_read_cursor(cursor), limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    return render_template(
        "deliveries/deliveries.html",
        envios=shown,
        tasks=_failed_tasks(staff) if not cursor else [],
        counts=failed_count(staff),
        cursor=cursor,
        next_cursor=_write_cursor(shown[-1].failed_at, shown[-1].id)
        if len(found) > PAGE_ROWS
        else None,
    )


@blueprint.post("/envios/<uuid:envio_id>/reintentar")
def retry_delivery(envio_id: UUID) -> Any:
    """Another round of attempts for a delivery."""
    try:
        upkeep.retry_envio(parts_of(), current_staff(), envio_id, clock.now())
        flash(_("El envío se intentará otra vez ahora mismo."), "success")
    except Conflict as problem:
        flash(problem.detail, "error")
    return redirect(url_for("panel.deliveries"), 303)


@blueprint.post("/casos/<uuid:report_id>/tareas/<step>/reintentar")
def retry_task(report_id: UUID, step: str) -> Any:
    """Another round of attempts for a step of the journey."""
    if step not in frozenset(Step):
        raise NotFound(_("No encontramos esa tarea."))
    try:
        upkeep.retry_task(parts_of(), current_staff(), report_id, Step(step), clock.now())
        flash(_("La tarea se intentará otra vez ahora mismo."), "success")
    except Conflict as problem:
        flash(problem.detail, "error")
    return redirect(url_for("panel.deliveries"), 303)


def failed_count(staff: Staff) -> int:
    """Failed deliveries and steps together."""
    envios = select(func.count()).select_from(Envio).join(Report, Report.id == Envio.report_id)
    tasks = select(func.count()).select_from(ReportTask)
    tasks = tasks.join(Report, Report.id == ReportTask.report_id)
    both = (
        envios.where(Envio.work_state == WorkState.FAILED, visible_to(staff)).scalar_subquery()
        + tasks.where(
            ReportTask.work_state == WorkState.FAILED, visible_to(staff)
        ).scalar_subquery()
    )
    return db.session.scalar(select(both)) or 0


def _failed_tasks(staff: Staff) -> list[FailedTask]:
    query = (
        select(
            ReportTask.report_id,
            ReportTask.step,
            Report.numero,
            ReportTask.attempts,
            ReportTask.last_error,
            ReportTask.finished_at,
            and_(Report.is_sensible, Report.priority != 1),
        )
        .join(Report, Report.id == ReportTask.report_id)
        .where(ReportTask.work_state == WorkState.FAILED, visible_to(staff))
        .order_by(ReportTask.finished_at.desc())
        .limit(PAGE_ROWS)
    )
    return [FailedTask(*row) for row in db.session.execute(query)]


def _write_cursor(at: datetime, envio_id: UUID) -> str:
    return sealed(f"{at.isoformat()} {envio_id.hex}")


def _read_cursor(cursor: str) -> tuple[datetime, UUID] | None:
    place = opened(cursor)
    if place is None or len(parts := place.split(" ")) != 2:
        return None
    try:
        return datetime.fromisoformat(parts[0]), UUID(parts[1])
    except ValueError:  # sealed for another page
        return None
