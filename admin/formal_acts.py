"""What staff do to a denuncia or queja alone, each act a form; `backend.casework` does it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request
from flask_babel import gettext as _

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.case_acts import chosen, clean, id_typed, perform
from admin.cases import case_address, render_case
from admin.formal_view import opened_lines, role_name
from admin.problems import field_messages
from backend import casework, clock, unmasking
from backend.app import parts_of
from backend.casework import Diligence
from backend.catalog.models import Actuacion, Asks
from backend.db import db
from backend.denuncias.models import CasePerson
from backend.errors import Conflict, InvalidInput, NotFound, YoAlertoError, wrong_field
from backend.identity.models import Staff
from backend.identity.services import record_reading
from backend.parts import Parts
from backend.reports.models import Report
from backend.reports.queries import report_for


@blueprint.get("/casos/<uuid:report_id>/actuacion/<codigo>")
def actuacion_form(report_id: UUID, codigo: str) -> str:
    """What this actuación asks, and nothing else."""
    return _actuacion_form(report_id, codigo)


@blueprint.post("/casos/<uuid:report_id>/actuacion/<codigo>")
def record_actuacion(report_id: UUID, codigo: str) -> Any:
    """Write down what the unit did."""
    parts, staff = parts_of(), current_staff()
    try:
        told = _told(_actuacion(codigo))
        casework.record_actuacion(parts, staff, report_id, codigo, told, clock.now())
    except InvalidInput as problem:
        return _actuacion_form(report_id, codigo, problem), 422
    except Conflict as problem:
        return _actuacion_form(report_id, codigo, problem), 409
    flash(_("La actuación quedó registrada. Quien denunció ya puede leerla."), "success")
    return redirect(case_address(report_id), 303)


@blueprint.post("/casos/<uuid:report_id>/calificar")
def qualify(report_id: UUID) -> Any:
    """Add one more legal name for what happened."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        codigo = chosen("calificacion", parts.catalog.clasificador)
        casework.qualify(parts, staff, report_id, codigo, now)

    return perform(report_id, "qualify", _("La calificación quedó agregada."), work)


@blueprint.route("/casos/<uuid:report_id>/personas/<uuid:person_id>/abrir", methods=["GET", "POST"])
def open_identity(report_id: UUID, person_id: UUID) -> Any:
    """Who stands behind a label, once: in this answer and nowhere else.

    Whoever comes back to its address, or sends it to somebody, finds the case.
    """
    parts, staff, now = parts_of(), current_staff(), clock.now()
    if request.method == "GET":
        return redirect(case_address(report_for(staff, report_id).id), 303)
    act = f"abrir-{person_id}"
    try:
        reason, words = chosen("motivo", parts.catalog.aperturas), clean("detalle")
        data = unmasking.open_identity(
            parts, staff, report_id, person_id, reason=reason, words=words, now=now
        )
    except InvalidInput as problem:
        return render_case("case/case.html", report_id, problem, act=act), 422
    except Conflict as problem:
        return render_case("case/case.html", report_id, problem, act=act), 409
    report = report_for(current_staff(), report_id)
    person = db.session.get_one(CasePerson, person_id)
    page = render_template(
        "case/identity.html",
        report=report,
        person=person,
        role=role_name(person.role),
        lines=opened_lines(parts.catalog.asunto(report.categoria), person.role, data, now),
        opened_at=now,
    )
    # Also for what stands between: nobody keeps it, and nobody else is given it.
    return Response(page, headers={"Cache-Control": "no-store, private", "Pragma": "no-cache"})


def _told(actuacion: Actuacion) -> Diligence:
    """What the form says; every wrong field at once is for `casework` to name."""
    return Diligence(
        on=_day(),
        words=clean("detalle"),
        fiscalia=clean("fiscalia"),
        numero=clean("numero"),
        investigador_id=id_typed("investigador") if Asks.INVESTIGADOR in actuacion.asks else None,
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("fecha", ""))
    except ValueError:
        raise wrong_field("fecha", _("Escriba el día, como 05/12/2026.")) from None


def _actuacion(codigo: str) -> Actuacion:
    actuacion = parts_of().catalog.actuaciones.get(codigo)
    if actuacion is None:
        raise NotFound(_("Esa actuación no existe."))
    return actuacion


def _actuacion_form(report_id: UUID, codigo: str, problem: YoAlertoError | None = None) -> str:
    parts, staff, now = parts_of(), current_staff(), clock.now()
    record_reading(staff.id, "case_read", report_for(staff, report_id).id)
    report: Report = report_for(staff, report_id)
    actuacion = _actuacion(codigo)
    if report.kind.value not in actuacion.kinds:
        raise NotFound(_("Ese caso no tiene actuaciones de esa clase."))
    return render_template(
        "case/actuacion.html",
        report=report,
        categoria=parts.catalog.subject(report.categoria),
        actuacion=actuacion,
        asks=frozenset(asked.value for asked in actuacion.asks),
        investigators=casework.investigators_of(report.unit_id)
        if Asks.INVESTIGADOR in actuacion.asks
        else [],
        first_day=clock.in_lima(report.received_at).date(),
        today=clock.in_lima(now).date(),
        typed=request.form,
        problem=problem,
        errors=field_messages(problem) if problem else {},
    )
