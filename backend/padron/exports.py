"""Names as a file: asked for, approved by a second person when many, taken once, stored nowhere.

Each is made at its download. The vault checks seat, unit and approval again; see
`boards.readings`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, func, select

from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal
from backend.boards.queries import (
    junta_for,
    junta_in_force,
    member_active,
    unit_of_juntas,
    unit_of_office,
)
from backend.boards.readings import names_for_export
from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, YoAlertoError, wrong_field
from backend.identity.models import RoleName, Staff
from backend.identity.services import audit
from backend.padron.export_files import Mark, made_file
from backend.padron.models import ROWS_WITHOUT_APPROVAL, ExportState, PadronExport
from backend.padron.queries import export_for
from backend.territory.models import PoliceUnit

IN_FORCE = timedelta(hours=24)


class Format(StrEnum):
    """What an export is made as."""

    XLSX = "xlsx"
    CSV = "csv"
    REGISTRO = "registro"


@dataclass(frozen=True)
class MadeFile:
    """A file for one download."""

    name: str
    content_type: str
    content: bytes = b""


def ask_export(
    catalog: Catalog,
    staff: Staff,
    *,
    junta_id: UUID | None,
    format: str,
    reason: str,
    now: datetime,
) -> UUID:
    """Ask for the active members of the unit, or of one junta, as a file."""
    if format not in frozenset(Format):
        raise wrong_field("formato", "Elija el formato de la lista.")
    if reason not in catalog.juntas.lecturas:
        raise wrong_field("motivo", "Elija para qué necesita los nombres.")
    export_id = uuid4()
    with transaction():
        unit_id = unit_of_office(staff)
        if junta_id is not None:
            junta_for(staff, junta_id)
        rows = db.session.scalar(_counted(unit_id, junta_id, in_lima(now).date())) or 0
        if rows == 0:
            raise wrong_field("junta", "Ahí no hay integrantes activos que exportar.")
        is_small = rows + _taken_alone(staff, now) <= ROWS_WITHOUT_APPROVAL
        asked = PadronExport(
            id=export_id,
            unit_id=unit_id,
            junta_id=junta_id,
            format=format,
            reason=reason,
            rows=rows,
            state=ExportState.APPROVED if is_small else ExportState.ASKED,
            asked_at=now,
            asked_by=staff.id,
        )
        db.session.add(asked)
        audit(staff.id, "padron_export_asked", export=str(export_id), count=rows, reason=reason)
    return export_id


def _taken_alone(staff: Staff, now: datetime) -> int:
    """How many rows of late needed nobody's approval: junta by junta a roster is soon whole."""
    # One request of an account at a time: many at once would all be the first.
    mine = select(Staff.id).where(Staff.id == staff.id).with_for_update(key_share=True)
    db.session.execute(mine)
    query = select(func.coalesce(func.sum(PadronExport.rows), 0)).where(
        PadronExport.unit_id == staff.unit_id,
        PadronExport.asked_by == staff.id,
        PadronExport.asked_at > now - IN_FORCE,
        PadronExport.decided_by.is_(None),
        PadronExport.state.in_((ExportState.APPROVED, ExportState.DOWNLOADED)),
    )
    return int(db.session.execute(query).scalar_one())


def decide_export(staff: Staff, export_id: UUID, *, approve: bool, now: datetime) -> None:
    """The second person's word: the comisario's, or the office's other account's."""
    with transaction():
        asked = export_for(staff, export_id, lock=True)
        if not _is_second_person(staff, asked):
            raise Forbidden("La aprueba el comisario, o la otra cuenta de la oficina.")
        if asked.state is not ExportState.ASKED:
            raise Conflict("Ya se decidió sobre esta exportación.")
        asked.state = ExportState.APPROVED if approve else ExportState.REFUSED
        asked.decided_at, asked.decided_by = now, staff.id
        action = "padron_export_approved" if approve else "padron_export_refused"
        audit(staff.id, action, subject_staff_id=asked.asked_by, export=str(export_id))


def may_decide(staff: Staff, asked: PadronExport) -> bool:
    """Never who asked; only the unit's comisario or its other seat."""
    return asked.state is ExportState.ASKED and _is_second_person(staff, asked)


def _is_second_person(staff: Staff, asked: PadronExport) -> bool:
    return staff.id != asked.asked_by and unit_of_juntas(staff) == asked.unit_id


def may_download(staff: Staff, asked: PadronExport, now: datetime) -> bool:
    """Only who asked, once, within a day of when it could first be had."""
    is_ready = asked.state is ExportState.APPROVED and asked.downloaded_at is None
    is_office = staff.is_one_of(RoleName.PARTICIPACION_CIUDADANA)
    return is_office and staff.id == asked.asked_by and is_ready and now <= in_force_until(asked)


def in_force_until(asked: PadronExport) -> datetime:
    """Until when it may be downloaded, once it may."""
    return (asked.decided_at or asked.asked_at) + IN_FORCE


def download(
    ring: KeyRing, catalog: Catalog, staff: Staff, export_id: UUID, now: datetime
) -> MadeFile:
    """The file, made now; the second time there is none."""
    on = in_lima(now).date()
    with transaction():
        unit_of_office(staff)
        asked = export_for(staff, export_id, lock=True)
        if not may_download(staff, asked, now):
            raise Conflict("Esta exportación venció, ya se descargó o no es suya. Pida otra.")
        rows = db.session.execute(_chosen(asked.unit_id, asked.junta_id, on)).all()
        if not rows or _has_more(rows, asked):
            raise Conflict("El padrón cambió desde que la pidió. Pida otra.")
        # From here on it counts as taken, whatever happens: of two at once, one gets it.
        asked.downloaded_at = now
        format, reason, unit_id = Format(asked.format), asked.reason, asked.unit_id
        is_approved = asked.decided_by is not None
        audit(staff.id, "padron_exported", export=str(export_id), count=len(rows), reason=reason)
        mark = _mark(staff, unit_id, export_id, now)
    member_ids = [row.id for row in rows]
    try:
        names = names_for_export(
            ring, staff, export_id, member_ids, reason, now, is_approved=is_approved
        )
    except YoAlertoError:
        _conclude(export_id, ExportState.APPROVED)  # nothing was read: it may be had later
        raise
    _conclude(export_id, ExportState.DOWNLOADED)
    content, content_type, ending = made_file(format.value, catalog, rows, names, mark)
    return MadeFile(f"padron-{mark.unit_code}-{mark.copy}.{ending}", content_type, content)


def _has_more(rows: Sequence[Row[Any]], asked: PadronExport) -> bool:
    """Whether somebody is in it of whom nobody knew when it was asked for."""
    return len(rows) > asked.rows or any(row.created_at > asked.asked_at for row in rows)


def _conclude(export_id: UUID, state: ExportState) -> None:
    with transaction():
        taken = db.session.get_one(PadronExport, export_id, with_for_update=True)
        taken.state = state
        if state is ExportState.APPROVED:
            taken.downloaded_at = None


def _mark(staff: Staff, unit_id: int, export_id: UUID, now: datetime) -> Mark:
    unit = db.session.get_one(PoliceUnit, unit_id)
    at = in_lima(now)
    return Mark(staff.username, at, export_id.hex[:8].upper(), unit.code, unit.name or unit.code)


def _members(unit_id: int, junta_id: UUID | None, on: date, query: Select[Any]) -> Select[Any]:
    query = query.select_from(JuntaMember).join(
        JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id
    )
    query = query.where(JuntaVecinal.unit_id == unit_id, member_active(on), junta_in_force(on))
    return query.where(JuntaVecinal.id == junta_id) if junta_id else query


def _counted(unit_id: int, junta_id: UUID | None, on: date) -> Select[Any]:
    return _members(unit_id, junta_id, on, select(func.count()))


def _chosen(unit_id: int, junta_id: UUID | None, on: date) -> Select[Any]:
    """Active members with their junta and the term of the day, in the order of codes."""
    columns = select(
        JuntaMember.id,
        JuntaMember.position,
        JuntaMember.post,
        JuntaMember.sex,
        JuntaMember.since,
        JuntaMember.until,
        JuntaMember.designated_by,
        JuntaMember.created_at,
        JuntaVecinal.code,
        JuntaVecinal.name,
        JuntaVecinal.scope,
        JuntaVecinal.ubigeo,
        func.ST_AsText(JuntaVecinal.geom, 6).label("area"),
        JuntaTerm.act,
        JuntaTerm.recognised_on,
        JuntaTerm.valid_from,
        JuntaTerm.valid_until,
    )
    query = _members(unit_id, junta_id, on, columns).join(
        JuntaTerm,
        (JuntaTerm.junta_id == JuntaVecinal.id)
        & (JuntaTerm.valid_from <= on)
        & (JuntaTerm.valid_until >= on),
    )
    return query.order_by(JuntaVecinal.code, JuntaMember.position)


ExportRows = Sequence[Row[Any]]
