"""A junta from its recognition over its renewals to its end; the panel, imports and clock call it.

Fields of errors: codigo, nombre, ambito, acto, reconocida, desde, hasta, area, motivo, fecha.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, exists, func, or_, select

from backend.boards.access import revoke_member_access
from backend.boards.areas import read_area
from backend.boards.events import Happened, record_event
from backend.boards.models import (
    AreaSource,
    Coordinator,
    JuntaEvent,
    JuntaTerm,
    JuntaVecinal,
)
from backend.boards.queries import SOON_DAYS, VERY_SOON_DAYS, junta_for, unit_of_office
from backend.boards.rules import clean_code, refuse_wrong, two_years, wrong_junta, wrong_term
from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.db import db, transaction
from backend.errors import Conflict, wrong_field
from backend.identity.models import Staff
from backend.identity.services import audit
from backend.territory.models import PoliceUnit

LEFT_POST = "dejo_el_cargo"  # of `catalog.juntas.revocaciones`


@dataclass(frozen=True)
class NewJunta:
    """A junta as its recognition act has it; without `valid_until`, two years."""

    code: str
    name: str
    scope: str
    act: str
    recognised_on: date
    valid_from: date
    valid_until: date | None = None
    area: str | None = None
    area_source: AreaSource = AreaSource.DRAWN


def register_junta(catalog: Catalog, staff: Staff, new: NewJunta, now: datetime) -> UUID:
    """Enter a junta that the comisaría recognised, with its first term."""
    on, code, until = (
        in_lima(now).date(),
        clean_code(new.code),
        new.valid_until or two_years(new.valid_from),
    )
    refuse_wrong(
        *wrong_junta(catalog, code, new.name, new.scope),
        *wrong_term(new.act, new.recognised_on, new.valid_from, until, on),
    )
    junta_id = uuid4()
    with transaction():
        unit_id = office_at_work(staff)
        _refuse_code_in_use(unit_id, code)
        area = read_area(unit_id, new.area, on) if new.area else None
        ubigeo = area.ubigeo if area else _ubigeo_of(unit_id)
        junta = JuntaVecinal(
            id=junta_id,
            unit_id=unit_id,
            code=code,
            name=new.name.strip(),
            scope=new.scope,
            ubigeo=ubigeo,
            geom=_stored(area.ewkb) if area else None,
            area_source=new.area_source if area else None,
            valid_until=until,
            created_at=now,
            created_by=staff.id,
        )
        db.session.add(junta)
        db.session.flush()
        _add_term(junta, staff, new.act, new.recognised_on, new.valid_from, until, now)
        record_event(junta_id, Happened.REGISTERED, staff.id, now, until=until.isoformat())
        audit(staff.id, "junta_registered", junta=str(junta_id))
    return junta_id


def change_junta(
    catalog: Catalog,
    staff: Staff,
    junta_id: UUID,
    *,
    code: str,
    name: str,
    scope: str,
    now: datetime,
) -> None:
    """Correct what a junta is called and what kind of area it watches."""
    code = clean_code(code)
    refuse_wrong(*wrong_junta(catalog, code, name, scope))
    with transaction():
        junta = living_junta(staff, junta_id, now)
        if junta.code != code:
            _refuse_code_in_use(junta.unit_id, code)
        junta.code, junta.name, junta.scope = code, name.strip(), scope
        record_event(junta_id, Happened.CHANGED, staff.id, now)
        audit(staff.id, "junta_changed", junta=str(junta_id))


def set_area(staff: Staff, junta_id: UUID, geojson: str, source: AreaSource, now: datetime) -> None:
    """Draw the area anew, or take it from a file."""
    with transaction():
        junta = living_junta(staff, junta_id, now)
        area = read_area(junta.unit_id, geojson, in_lima(now).date())
        junta.geom, junta.area_source, junta.ubigeo = _stored(area.ewkb), source, area.ubigeo
        record_event(junta_id, Happened.AREA_CHANGED, staff.id, now, source=source.value)
        audit(staff.id, "junta_area_changed", junta=str(junta_id))


def renew(
    staff: Staff,
    junta_id: UUID,
    *,
    act: str,
    recognised_on: date,
    valid_from: date,
    valid_until: date | None,
    now: datetime,
) -> None:
    """Add a term after the last one; what came before stays as it was."""
    until = valid_until or two_years(valid_from)
    refuse_wrong(*wrong_term(act, recognised_on, valid_from, until, in_lima(now).date()))
    with transaction():
        junta = living_junta(staff, junta_id, now)
        if valid_from <= junta.valid_until:
            raise wrong_field(
                "desde",
                f"El periodo anterior llega hasta el {_day(junta.valid_until)}: el nuevo empieza "
                f"el {_day(junta.valid_until + timedelta(days=1))} o después.",
            )
        _add_term(junta, staff, act, recognised_on, valid_from, until, now)
        junta.valid_until = until
        since, end = valid_from.isoformat(), until.isoformat()
        record_event(junta_id, Happened.RENEWED, staff.id, now, since=since, until=end)
        audit(staff.id, "junta_renewed", junta=str(junta_id))


def dissolve(
    catalog: Catalog, staff: Staff, junta_id: UUID, *, reason: str, on: date, now: datetime
) -> None:
    """End a junta from a day on; its coordinator's access ends with it."""
    today = in_lima(now).date()
    if reason not in catalog.juntas.disoluciones:
        raise wrong_field("motivo", "Elija por qué se disuelve.")
    if on > today:
        raise wrong_field("fecha", "La fecha no puede ser posterior a hoy.")
    with transaction():
        junta = living_junta(staff, junta_id, now)
        began = select(func.min(JuntaTerm.valid_from)).where(JuntaTerm.junta_id == junta_id)
        first = db.session.execute(began).scalar_one()
        if on < min(first, today):
            raise wrong_field("fecha", f"La junta empezó el {_day(first)}: elija desde ese día.")
        junta.ended_on, junta.end_reason = on, reason
        for member_id in db.session.scalars(_members_with_access(junta_id)).all():
            revoke_member_access(member_id, LEFT_POST, staff.id, now)
        record_event(junta_id, Happened.DISSOLVED, staff.id, now, reason=reason, on=on.isoformat())
        audit(staff.id, "junta_dissolved", junta=str(junta_id), reason=reason)


def warn_of_expiry(now: datetime) -> int:
    """Note in the history of each junta that its end is near, once per term and warning."""
    on = in_lima(now).date()
    with transaction():
        very_soon = _warn(Happened.EXPIRES_IN_15, on, on + timedelta(days=VERY_SOON_DAYS), now)
        after = on + timedelta(days=VERY_SOON_DAYS + 1)
        soon = _warn(Happened.EXPIRES_IN_60, after, on + timedelta(days=SOON_DAYS), now)
    return very_soon + soon


def office_at_work(staff: Staff) -> int:
    """The office's unit, locked: one change of its roster at a time, inside a transaction."""
    unit_id = unit_of_office(staff)
    lock_roster(unit_id)
    return unit_id


def lock_roster(unit_id: int) -> None:
    """Until the transaction ends nobody else changes the unit's roster; imports take it, too."""
    mine = select(PoliceUnit.id).where(PoliceUnit.id == unit_id).with_for_update(key_share=True)
    db.session.execute(mine)


def living_junta(staff: Staff, junta_id: UUID, now: datetime) -> JuntaVecinal:
    """The office's junta, locked with its roster; `Conflict` when it is dissolved."""
    office_at_work(staff)
    junta = junta_for(staff, junta_id, lock=True)
    if junta.ended_on is not None and junta.ended_on <= in_lima(now).date():
        raise Conflict("Esta junta está disuelta: no se puede cambiar. Registre una nueva.")
    return junta


def _refuse_code_in_use(unit_id: int, code: str) -> None:
    mine = JuntaVecinal.unit_id == unit_id
    taken = db.session.scalar(select(JuntaVecinal).where(mine, JuntaVecinal.code == code))
    if taken is None:
        return
    if taken.ended_on is not None:  # to recognise it again is to register another
        raise wrong_field(
            "codigo", "Una junta disuelta de su comisaría tiene ese código: use otro."
        )
    raise wrong_field("codigo", "Su comisaría ya tiene una junta con ese código.")


def _ubigeo_of(unit_id: int) -> str | None:
    return db.session.scalar(select(PoliceUnit.ubigeo).where(PoliceUnit.id == unit_id))


def _stored(ewkb: bytes) -> object:
    return func.ST_GeomFromEWKB(ewkb)


def _add_term(
    junta: JuntaVecinal,
    staff: Staff,
    act: str,
    recognised_on: date,
    valid_from: date,
    valid_until: date,
    now: datetime,
) -> None:
    term = JuntaTerm(
        junta_id=junta.id,
        act=act.strip(),
        recognised_on=recognised_on,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_at=now,
        recorded_by=staff.id,
    )
    db.session.add(term)


def _members_with_access(junta_id: UUID) -> Select[tuple[UUID]]:
    open_access = Coordinator.revoked_at.is_(None)
    return select(Coordinator.member_id).where(Coordinator.junta_id == junta_id, open_access)


def _warn(event: Happened, first: date, last: date, now: datetime) -> int:
    told = exists().where(
        JuntaEvent.junta_id == JuntaVecinal.id,
        JuntaEvent.event == event.value,
        JuntaEvent.details["until"].astext == func.to_char(JuntaVecinal.valid_until, "YYYY-MM-DD"),
    )
    query = select(JuntaVecinal.id, JuntaVecinal.valid_until).where(
        JuntaVecinal.valid_until.between(first, last),
        or_(JuntaVecinal.ended_on.is_(None), JuntaVecinal.ended_on > in_lima(now).date()),
        ~told,
    )
    rows = db.session.execute(query).all()
    for row in rows:
        record_event(row.id, event, None, now, until=row.valid_until.isoformat())
    return len(rows)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
