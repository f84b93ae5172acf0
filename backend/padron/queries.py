"""Reads imports, their wrong cells, and exports, each for who may see them; never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, select, tuple_
from sqlalchemy.orm import aliased

from backend.boards.models import JuntaVecinal
from backend.boards.queries import unit_of_juntas
from backend.db import db
from backend.errors import Forbidden, NotFound
from backend.identity.models import RoleName, Staff
from backend.padron.models import PadronExport, PadronImport, PadronProblem

PAGE_ROWS = 50


@dataclass(frozen=True)
class Findings:
    """How many cells of an import are wrong, in how many rows, and how many warnings there are."""

    cells: int
    rows: int
    warnings: int


def imports_page(
    staff: Staff, before: tuple[datetime, UUID] | None = None, limit: int = PAGE_ROWS
) -> Sequence[Row[tuple[PadronImport, str]]]:
    """Imports that the account may know of, the latest first, with who uploaded each."""
    query = (
        select(PadronImport, Staff.display_name)
        .join(Staff, Staff.id == PadronImport.staff_id)
        .where(_visible_imports(staff))
        .order_by(PadronImport.created_at.desc(), PadronImport.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(PadronImport.created_at, PadronImport.id) < before)
    return db.session.execute(query).all()


def import_for(staff: Staff, import_id: UUID, *, lock: bool = False) -> PadronImport:
    """An import that the account works on: its office's, or the loader's own; or `NotFound`."""
    query = select(PadronImport).where(PadronImport.id == import_id, _own_imports(staff))
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("No encontramos esa carga.")
    return found


def findings_of(import_id: UUID) -> Findings:
    """The counts of the preview."""
    is_wrong = ~PadronProblem.is_warning
    query = select(
        func.count().filter(is_wrong),
        func.count(PadronProblem.row.distinct()).filter(is_wrong),
        func.count().filter(PadronProblem.is_warning),
    ).where(PadronProblem.import_id == import_id)
    return Findings(*db.session.execute(query).one())


def problems_page(
    import_id: UUID,
    after: tuple[int, int] | None = None,
    limit: int | None = PAGE_ROWS,
    *,
    warnings: bool = False,
) -> Sequence[PadronProblem]:
    """Wrong cells, or what is only worth knowing, in the order of the file."""
    query = (
        select(PadronProblem)
        .where(PadronProblem.import_id == import_id, PadronProblem.is_warning == warnings)
        .order_by(PadronProblem.row, PadronProblem.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(PadronProblem.row, PadronProblem.id) > after)
    return db.session.scalars(query).all()


def exports_page(
    staff: Staff, before: tuple[datetime, UUID] | None = None, limit: int = PAGE_ROWS
) -> Sequence[Row[Any]]:
    """Exports of the account's unit, the latest first, with the names that the ids stand for."""
    decider = aliased(Staff)
    query = (
        select(
            PadronExport,
            Staff.display_name.label("asker"),
            decider.display_name.label("decider"),
            JuntaVecinal.name.label("junta"),
        )
        .join(Staff, Staff.id == PadronExport.asked_by)
        .outerjoin(decider, decider.id == PadronExport.decided_by)
        .outerjoin(JuntaVecinal, JuntaVecinal.id == PadronExport.junta_id)
        .where(PadronExport.unit_id == unit_of_juntas(staff))
        .order_by(PadronExport.asked_at.desc(), PadronExport.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(PadronExport.asked_at, PadronExport.id) < before)
    return db.session.execute(query).all()


def export_for(staff: Staff, export_id: UUID, *, lock: bool = False) -> PadronExport:
    """An export of the account's unit, or `NotFound`."""
    query = select(PadronExport).where(
        PadronExport.id == export_id, PadronExport.unit_id == unit_of_juntas(staff)
    )
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("No encontramos esa exportación.")
    return found


def juntas_to_export(unit_id: int) -> Sequence[Row[tuple[UUID, str, str]]]:
    """The unit's juntas by code, for choosing one."""
    query = select(JuntaVecinal.id, JuntaVecinal.code, JuntaVecinal.name)
    return db.session.execute(
        query.where(JuntaVecinal.unit_id == unit_id).order_by(JuntaVecinal.code)
    ).all()


def _visible_imports(staff: Staff) -> ColumnElement[bool]:
    """The comisario sees that there were imports of the unit, and opens none."""
    if staff.is_one_of(RoleName.COMISARIO) and staff.active:
        return and_(PadronImport.unit_id == staff.unit_id, ~PadronImport.is_loader)
    return _own_imports(staff)


def _own_imports(staff: Staff) -> ColumnElement[bool]:
    if staff.is_one_of(RoleName.PARTICIPACION_CIUDADANA):
        of_unit = PadronImport.unit_id == unit_of_juntas(staff)
        return and_(of_unit, ~PadronImport.is_loader)
    if staff.is_one_of(RoleName.CARGADOR_PADRON) and staff.active:
        # Moved to another unit, a loader works on what was loaded for the former one no more.
        mine = and_(PadronImport.staff_id == staff.id, PadronImport.is_loader)
        return and_(mine, PadronImport.unit_id == staff.unit_id)
    raise Forbidden("El padrón lo carga la Oficina de Participación Ciudadana.")
