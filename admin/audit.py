"""The audit trail, for auditors: who read or did what, when; ids and states only."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select, true

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.opaque import opened, sealed
from backend import clock
from backend.app import parts_of
from backend.db import db
from backend.errors import NotFound
from backend.identity.queries import PAGE_ROWS, TrailEntry, TrailFilter, staff_id_named, trail
from backend.identity.services import record_reading
from backend.reports.barred import may_audit, may_know
from backend.reports.models import Report
from backend.reports.numbers import parse_number

# How far back the trail is shown unless asked.
DAYS_SHOWN = 30
NOBODY = -1

ACTION_LABELS = {
    "signed_in": "Ingresó",
    "signed_out": "Salió",
    "sign_in_refused": "Ingreso rechazado",
    "second_factor_enrolled": "Registró su segundo factor",
    "second_factor_changed": "Cambió su segundo factor",
    "second_factor_reset": "Restableció un acceso",
    "recovery_code_used": "Usó un código de recuperación",
    "password_changed": "Cambió su clave",
    "staff_created": "Creó una cuenta",
    "staff_changed": "Cambió una cuenta",
    "staff_disabled": "Desactivó una cuenta",
    "channel_added": "Agregó un canal",
    "channel_disabled": "Desactivó un canal",
    "channel_secret_renewed": "Renovó el secreto de un canal",
    "queja_desk_added": "Agregó una mesa de quejas",
    "queja_desk_raised": "Adelantó una mesa de quejas",
    "queja_desk_removed": "Quitó una mesa de quejas",
    "independence_given": "Marcó una unidad como independiente",
    "independence_ended": "Quitó a una unidad la marca de independiente",
    "limits_lifted": "Levantó los límites",
    "limits_restored": "Repuso los límites",
    "audit_read": "Leyó la auditoría",
    "indicators_exported": "Descargó los resultados de las juntas",
    "case_read": "Leyó un caso",
    "case_map_read": "Vio el mapa de un caso",
    "photo_read": "Vio una foto",
    "original_downloaded": "Descargó un original sellado",
    "acknowledged": "Acusó recibo",
    "let_through": "Dejó pasar un retenido",
    "verified": "Verificó",
    "refuted": "Descartó como falso",
    "assigned": "Asignó a un sector",
    "started": "Empezó la atención",
    "answered": "Respondió",
    "transferred": "Transfirió",
    "closed": "Cerró",
    "rejected": "Rechazó",
    "actuacion_recorded": "Registró una actuación",
    "qualified": "Agregó una calificación",
    "identity_opened": "Abrió una identidad",
    "openings_read": "Leyó las identidades abiertas",
    "opening_reviewed": "Revisó una apertura",
    "envio_retried": "Reintentó un envío",
    "task_retried": "Reintentó una tarea",
    "junta_registered": "Registró una junta",
    "junta_changed": "Corrigió una junta",
    "junta_area_changed": "Cambió el área de una junta",
    "junta_renewed": "Renovó una junta",
    "junta_dissolved": "Disolvió una junta",
    "member_added": "Agregó a un integrante",
    "member_changed": "Corrigió a un integrante",
    "member_ended": "Dio de baja a un integrante",
    "training_recorded": "Registró una capacitación",
    "padron_list_read": "Vio el padrón, sin nombres",
    "access_offered": "Ofreció el acceso a un coordinador",
    "access_revoked": "Quitó el acceso a un coordinador",
    "padron_imports_read": "Vio las cargas del padrón",
    "padron_exports_read": "Vio las exportaciones del padrón",
    "padron_uploaded": "Subió un archivo del padrón",
    "padron_discarded": "Descartó un archivo del padrón",
    "padron_imported": "Registró un archivo del padrón",
    "padron_undone": "Deshizo una carga del padrón",
    "padron_export_asked": "Pidió una exportación del padrón",
    "padron_export_approved": "Aprobó una exportación del padrón",
    "padron_export_refused": "Rechazó una exportación del padrón",
    "padron_exported": "Descargó una exportación del padrón",
    "padron_names_read": "Leyó nombres del padrón",
    "padron_known_told": "Supo de documentos que ya estaban en el padrón",
}
# Names of details as they are written down; one that is missing is shown as it is.
DETAIL_LABELS = {
    "action": "acción",
    "actuacion": "actuación",
    "approved": "con aprobación",
    "codigo": "código",
    "over_limit": "pasó el límite del día",
    "person": "persona",
    "verdict": "resultado",
    "channel": "canal",
    "count": "cuántos",
    "export": "exportación",
    "format": "formato",
    "junta": "junta",
    "known": "ya estaban",
    "level": "nivel",
    "member": "integrante",
    "juntas": "juntas",
    "members": "integrantes",
    "padron_import": "carga",
    "photo": "foto",
    "quarter": "trimestre",
    "reason": "motivo",
    "roles": "roles",
    "size": "tamaño",
    "state": "estado",
    "step": "paso",
    "words": "palabras",
    "year": "año",
}


@blueprint.get("/auditoria")
def audit() -> str:
    """The trail, the latest first, narrowed by person, action, days and report."""
    asked = request.args
    wanted = TrailFilter(
        since=_midnight(asked.get("desde", "")) or _days_ago(asked),
        until=_midnight(asked.get("hasta", ""), days=1),
        staff_id=_staff_id(asked.get("usuario", "")),
        action=asked.get("accion") or None,
        report_id=_uuid(asked.get("reporte", "")),
    )
    allowed = may_audit(current_staff().unit_id)
    rows = trail(wanted, allowed, _cursor(asked.get("antes", "")))
    record_reading(current_staff().id, "audit_read", wanted.report_id, **_what_was_asked(wanted))
    following = _written(rows[-1]) if len(rows) == PAGE_ROWS else None
    return render_template(
        "audit/trail.html", rows=rows, asked=asked, wanted=wanted, following=following
    )


@blueprint.post("/auditoria/reporte")
def audit_report() -> Any:
    """The trail of one report by its number, which never stands in an address."""
    numero = parse_number(request.form.get("numero", ""))
    unit_id = current_staff().unit_id
    allowed = true() if unit_id is None else may_know(unit_id)
    report_id = db.session.scalar(select(Report.id).where(Report.numero == numero, allowed))
    if numero is None or report_id is None:
        raise NotFound("No hay un reporte con ese número. Revise cada letra y cada cifra.")
    return redirect(url_for("panel.audit", reporte=report_id), 303)


@blueprint.app_template_filter("action_label")
def action_label(action: str) -> str:
    """What an action is called on screen; an unknown one keeps its name."""
    return ACTION_LABELS.get(action, action)


@blueprint.app_template_filter("detail_words")
def detail_words(value: Any, name: str) -> str:
    """A detail's value for a person: reasons by the name of their list, the start of an id.

    Eight letters of one tell which entries speak of the same junta or member.
    """
    if isinstance(value, list):
        return ", ".join(detail_words(one, name) for one in value)
    if isinstance(value, bool):
        return str(_("sí") if value else _("no"))
    if _uuid(str(value)) is not None:
        return f"{str(value)[:8]}…"
    text = str(value)
    return _reason_names().get(text, text) if name == "reason" else text


def _reason_names() -> dict[str, str]:
    """Every reason that an act may have been given, by its code."""
    catalog = parts_of().catalog
    tables = (catalog.rechazos, catalog.traslados, catalog.aperturas)
    juntas = catalog.juntas
    lists = (juntas.lecturas, juntas.bajas, juntas.disoluciones, juntas.revocaciones)
    return {one.codigo: one.nombre for table in (*tables, *lists) for one in table.values()}


@blueprint.app_context_processor
def _labels() -> dict[str, Any]:
    return {"action_labels": ACTION_LABELS, "detail_labels": DETAIL_LABELS}


def _what_was_asked(wanted: TrailFilter) -> dict[str, Any]:
    """The filters as ids and days, for the trail itself."""
    return {
        name: value
        for name, value in (
            ("of_staff", wanted.staff_id),
            ("of_action", wanted.action if wanted.action in ACTION_LABELS else None),
            ("since", wanted.since and wanted.since.date().isoformat()),
            ("until", wanted.until and wanted.until.date().isoformat()),
        )
        if value is not None
    }


def _days_ago(asked: Any) -> datetime | None:
    """Somebody's or some report's whole trail is short; everybody's is not."""
    if asked.get("usuario") or asked.get("reporte"):
        return None
    today = clock.in_lima(clock.now()).date()
    return datetime.combine(today - timedelta(days=DAYS_SHOWN), time(), clock.LIMA)


def _midnight(text: str, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), clock.LIMA)


def _staff_id(username: str) -> int | None:
    if not username.strip():
        return None
    return staff_id_named(username) or NOBODY


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _written(entry: TrailEntry) -> str:
    # Sealed: a gap between two ids would tell that something was left out.
    return sealed(f"{entry.at.isoformat()},{entry.id}")


def _cursor(text: str) -> tuple[datetime, int] | None:
    place = opened(text)
    if place is None:
        return None
    at, _, entry_id = place.partition(",")
    try:
        return datetime.fromisoformat(at), int(entry_id)
    except ValueError:  # sealed for another page
        return None
