"""Rosters that come as spreadsheets: upload, preview of wrong cells, registration, undoing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.opaque import opened, sealed
from admin.problems import field_messages
from admin.words import IMPORT_STATES
from backend import clock
from backend.app import parts_of
from backend.errors import Conflict, InvalidInput, NotFound, YoAlertoError, status_of, wrong_field
from backend.identity.models import RoleName
from backend.identity.services import record_reading
from backend.padron import services as imports
from backend.padron.applying import apply_import
from backend.padron.models import PadronImport
from backend.padron.queries import (
    PAGE_ROWS,
    findings_of,
    import_for,
    imports_page,
    problems_page,
)
from backend.padron.spreadsheet_writer import CSV_TYPE, XLSX_TYPE, Table, as_xlsx
from backend.padron.template import FILE_NAME, template_csv, template_xlsx
from backend.padron.undoing import undo_import, undoable_until
from backend.queue import PADRON, Ring

ALL, RIGHT = "todo", "correctas"
PROBLEM_HEADER = ("Celda", "Columna", "Qué hacer")
PROBLEM_WIDTHS = (10, 22, 110)
MOST_WARNINGS = 30


@blueprint.get("/padron/importaciones")
def padron_imports() -> Any:
    """What was uploaded, and the form for another file."""
    return _list()


@blueprint.get("/padron/plantilla.<ending>")
def padron_template(ending: str) -> Response:
    """The template that offices fill."""
    imports.unit_to_fill(current_staff())
    if ending == "xlsx":
        content, kind = template_xlsx(parts_of().catalog), XLSX_TYPE
    elif ending == "csv":
        content, kind = template_csv(), CSV_TYPE
    else:
        raise NotFound(_("La plantilla se descarga en Excel o en CSV."))
    return as_file(f"{FILE_NAME}.{ending}", content, kind)


@blueprint.post("/padron/importaciones")
def upload_padron() -> Any:
    """Take a file in; a worker reads it."""
    parts, file = parts_of(), request.files.get("archivo")
    try:
        if file is None or not file.filename:
            raise wrong_field("archivo", _("Elija el archivo."))
        import_id = imports.upload(
            parts.settings.keys, current_staff(), file.filename, file.stream.read(), clock.now()
        )
    except InvalidInput as problem:
        return _list(problem)
    parts.doorbell.ring([Ring("check_padron", (str(import_id),), PADRON)])
    return redirect(url_for("panel.padron_import", import_id=import_id), 303)


@blueprint.get("/padron/importaciones/<uuid:import_id>")
def padron_import(import_id: UUID) -> Any:
    """How far it is; then what is wrong in it, cell by cell; then what was registered."""
    return _preview(import_id)


@blueprint.get("/padron/importaciones/<uuid:import_id>/avance")
def padron_progress(import_id: UUID) -> Any:
    """What the page of an import asks while a worker reads: at the end, it opens anew."""
    one = import_for(current_staff(), import_id)
    if _is_working(one):
        return render_template("padron/_progress.html", one=one)
    return Response(status=200, headers={"HX-Refresh": "true"})


@blueprint.get("/padron/importaciones/<uuid:import_id>/celdas.xlsx")
def padron_problems(import_id: UUID) -> Response:
    """The wrong cells as a list, to be corrected beside the file; no values."""
    one = import_for(current_staff(), import_id)
    found = problems_page(import_id, limit=None) if _is_read(one) else ()
    rows = [(one.cell, one.column, one.message) for one in found]
    table = Table("Celdas por corregir", PROBLEM_HEADER, rows, widths=PROBLEM_WIDTHS)
    return as_file("celdas-por-corregir.xlsx", as_xlsx(table), XLSX_TYPE)


@blueprint.post("/padron/importaciones/<uuid:import_id>/registrar")
def apply_padron(import_id: UUID) -> Any:
    """Register all of it, or only the right rows."""
    only_right = request.form.get("que") == RIGHT
    try:
        apply_import(current_staff(), import_id, only_right=only_right, now=clock.now())
    except Conflict as problem:
        return _preview(import_id, problem)
    flash(_("El padrón quedó registrado."), "success")
    return redirect(url_for("panel.padron_import", import_id=import_id), 303)


@blueprint.post("/padron/importaciones/<uuid:import_id>/descartar")
def discard_padron(import_id: UUID) -> Any:
    """Give it up."""
    imports.discard(current_staff(), import_id, clock.now())
    flash(_("El archivo se descartó: no queda nada de él."), "success")
    return redirect(url_for("panel.padron_imports"), 303)


@blueprint.post("/padron/importaciones/<uuid:import_id>/deshacer")
def undo_padron(import_id: UUID) -> Any:
    """Take back what it registered."""
    try:
        undo_import(current_staff(), import_id, clock.now())
    except Conflict as problem:
        return _preview(import_id, problem)
    flash(_("La carga se deshizo: sus juntas e integrantes ya no están."), "success")
    return redirect(url_for("panel.padron_import", import_id=import_id), 303)


def as_file(name: str, content: bytes, kind: str) -> Response:
    """A download that no cache and no browser keeps by itself."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, content_type=kind)


def _list(problem: YoAlertoError | None = None) -> Any:
    staff = current_staff()
    rows = imports_page(staff, read_moment(request.args.get("antes", "")))
    record_reading(staff.id, "padron_imports_read", None)
    last = rows[-1][0] if len(rows) == PAGE_ROWS else None
    page = render_template(
        "padron/imports.html",
        rows=rows,
        state_words=_state_words,
        following=moment_token(last.created_at, last.id) if last else None,
        is_loader=staff.is_one_of(RoleName.CARGADOR_PADRON)
        and not staff.is_one_of(RoleName.PARTICIPACION_CIUDADANA),
        max_mb=imports.MAX_FILE_BYTES // 1024 // 1024,
        errors=field_messages(problem) if problem else {},
    )
    return page, status_of(problem) if problem else 200


def _preview(import_id: UUID, problem: YoAlertoError | None = None) -> Any:
    staff, now = current_staff(), clock.now()
    one = import_for(staff, import_id)
    after = _row_cursor(request.args.get("despues", ""))
    wrong = problems_page(import_id, after) if _is_read(one) else ()
    until = undoable_until(one)
    last = wrong[-1] if len(wrong) == PAGE_ROWS else None
    page = render_template(
        "padron/import.html",
        one=one,
        is_working=_is_working(one),
        state_words=_state_words,
        findings=findings_of(import_id),
        wrong=wrong,
        warnings=problems_page(import_id, limit=MOST_WARNINGS, warnings=True)
        if _is_read(one)
        else (),
        following=sealed(f"{last.row},{last.id}") if last else None,
        is_later_page="despues" in request.args,
        undoable=until is not None and now <= until,
        undoable_until=until,
        problem=problem,
    )
    return page, status_of(problem) if problem else 200


def _state_words(one: PadronImport) -> str:
    is_broken_off = not _is_read(one) and not _is_working(one)
    return str(_("Interrumpida") if is_broken_off else IMPORT_STATES[one.state])


def _is_working(one: PadronImport) -> bool:
    return one.state == "subida" and one.work_state != "failed"


def _is_read(one: PadronImport) -> bool:
    """Half a check is not shown: how much of it may be told is known at its end."""
    return one.state != "subida"


def moment_token(at: datetime, row_id: UUID) -> str:
    """Where the next page begins, of a list ordered by instants."""
    return sealed(f"{at.isoformat()} {row_id}")


def read_moment(token: str) -> tuple[datetime, UUID] | None:
    """What `moment_token` was given; None for anything else."""
    at, _space, row_id = (opened(token) or "").partition(" ")
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except ValueError:
        return None


def _row_cursor(token: str) -> tuple[int, int] | None:
    row, _comma, row_id = (opened(token) or "").partition(",")
    return (int(row), int(row_id)) if row.isdigit() and row_id.isdigit() else None
