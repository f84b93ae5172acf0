"""Names of the roster as files: who asks, who approves, and the one download."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from admin.access import current_staff, may_open
from admin.blueprint import blueprint
from admin.padron_imports import as_file, moment_token, read_moment
from admin.problems import field_messages
from backend import clock
from backend.app import parts_of
from backend.boards.queries import unit_of_juntas
from backend.errors import Conflict, InvalidInput, YoAlertoError, status_of, wrong_field
from backend.identity.services import record_reading
from backend.padron import exports
from backend.padron.models import ROWS_WITHOUT_APPROVAL, ExportState, PadronExport
from backend.padron.queries import PAGE_ROWS, exports_page, juntas_to_export

FORMATS = {
    exports.Format.XLSX: later("Excel, con las columnas de la plantilla"),
    exports.Format.CSV: later("CSV, con las columnas de la plantilla"),
    exports.Format.REGISTRO: later("CSV para el Registro Nacional"),
}


@blueprint.get("/padron/exportaciones")
def padron_exports() -> Any:
    """What was asked for, by whom, and what became of it."""
    return _list()


@blueprint.post("/padron/exportaciones")
def ask_export() -> Any:
    """Ask for the active members of the unit, or of one junta."""
    form = request.form
    try:
        exports.ask_export(
            parts_of().catalog,
            current_staff(),
            junta_id=_junta_id(form.get("junta", "")),
            format=form.get("formato", ""),
            reason=form.get("motivo", ""),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _list(problem)
    flash(_("La exportación quedó pedida. Abajo ve si ya puede descargarla."), "success")
    return redirect(url_for("panel.padron_exports"), 303)


@blueprint.post("/padron/exportaciones/<uuid:export_id>/decidir")
def decide_export(export_id: UUID) -> Any:
    """The second person's word; what is in the file they do not see."""
    approve = request.form.get("respuesta") == "aprobar"
    try:
        exports.decide_export(current_staff(), export_id, approve=approve, now=clock.now())
    except Conflict as problem:
        return _list(problem)
    said = _("Quedó aprobada.") if approve else _("Quedó rechazada.")
    flash(said, "success")
    return redirect(url_for("panel.padron_exports"), 303)


@blueprint.post("/padron/exportaciones/<uuid:export_id>/descargar")
def download_export(export_id: UUID) -> Any:
    """The file, once."""
    parts = parts_of()
    try:
        made = exports.download(
            parts.settings.keys, parts.catalog, current_staff(), export_id, clock.now()
        )
    except Conflict as problem:
        return _list(problem)
    return as_file(made.name, made.content, made.content_type)


def _list(problem: YoAlertoError | None = None) -> Any:
    staff, now = current_staff(), clock.now()
    rows = exports_page(staff, read_moment(request.args.get("antes", "")))
    record_reading(staff.id, "padron_exports_read", None)
    last: PadronExport | None = rows[-1].PadronExport if len(rows) == PAGE_ROWS else None
    may_ask, reasons = may_open(staff, "panel.ask_export"), parts_of().catalog.juntas.lecturas
    page = render_template(
        "padron/exports.html",
        rows=rows,
        following=moment_token(last.asked_at, last.id) if last else None,
        juntas=_juntas(unit_of_juntas(staff)) if may_ask else [],
        may_ask=may_ask,
        formats=FORMATS,
        lecturas={code: one.nombre for code, one in reasons.items()},
        without_approval=ROWS_WITHOUT_APPROVAL,
        may_decide=lambda one: exports.may_decide(staff, one),
        may_download=lambda one: exports.may_download(staff, one, now),
        state_words=lambda one: _state_words(one, exports.in_force_until(one) < now),
        typed=request.form,
        errors=field_messages(problem) if problem else {},
        problem=problem,
    )
    return page, status_of(problem) if problem else 200


def _juntas(unit_id: int) -> list[tuple[UUID, str]]:
    return [(one.id, f"{one.code} · {one.name}") for one in juntas_to_export(unit_id)]


def _state_words(one: PadronExport, is_late: bool) -> str:
    if one.state is ExportState.APPROVED and is_late:
        return str(_("Venció sin descargarse"))
    if one.state is ExportState.APPROVED and one.decided_by is None:
        return str(_("Lista: no necesita aprobación"))
    return str(STATES[one.state])


STATES = {
    ExportState.ASKED: later("Espera la aprobación de otra persona"),
    ExportState.APPROVED: later("Aprobada"),
    ExportState.REFUSED: later("Rechazada"),
    ExportState.DOWNLOADED: later("Descargada"),
}


def _junta_id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise wrong_field("junta", _("Elija la junta de la lista.")) from None
