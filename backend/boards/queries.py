"""Reading juntas: the conditions that decide whether one is in force, and lists; never commits.

Days are Lima's. Everything is of one unit: a junta of another is `NotFound`, whoever asks.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from backend.boards.models import (
    Coordinator,
    JuntaEvent,
    JuntaMember,
    JuntaTerm,
    JuntaTraining,
    JuntaVecinal,
    Sex,
)
from backend.boards.rows import (
    AccessState,
    Expiring,
    JuntaRow,
    JuntasFilter,
    JuntaState,
    MemberRow,
)
from backend.db import db
from backend.errors import Forbidden, NotFound
from backend.identity.models import PadronSeat, RoleName, Staff
from backend.territory.queries import bare_words, searchable

PAGE_ROWS = 50
SOON_DAYS = 60  # a junta's end is announced so many days before it
VERY_SOON_DAYS = 15


def junta_in_force(on: date) -> ColumnElement[bool]:
    """Whether the junta was, is or will be in force on a day: recognised, and not dissolved."""
    return and_(
        or_(JuntaVecinal.ended_on.is_(None), JuntaVecinal.ended_on > on),
        # Of the junta outside, however deep it stands in other queries: by itself SQLAlchemy looks
        # one level up, and would ask whether any junta at all is in force.
        exists()
        .where(
            JuntaTerm.junta_id == JuntaVecinal.id,
            JuntaTerm.valid_from <= on,
            JuntaTerm.valid_until >= on,
        )
        .correlate(JuntaVecinal),
    )


def member_active(on: date) -> ColumnElement[bool]:
    """Whether the member belongs to the junta on a day; ask with `junta_in_force`, too."""
    return and_(
        JuntaMember.since <= on,
        or_(JuntaMember.until.is_(None), JuntaMember.until >= on),
        or_(JuntaMember.ended_on.is_(None), JuntaMember.ended_on > on),
    )


def member_stands(since: date, until: date | None = None) -> ColumnElement[bool]:
    """Whether somebody is a member for any day of a period, be the junta in force or lapsed."""
    ends = func.coalesce(JuntaMember.until, cast(literal("infinity", String), Date))
    return and_(
        or_(JuntaMember.ended_on.is_(None), JuntaMember.ended_on > since),
        ends >= since,
        JuntaMember.since <= until if until else literal(True),
        or_(JuntaVecinal.ended_on.is_(None), JuntaVecinal.ended_on > since),
    )


def last_day_of_access() -> ColumnElement[date]:
    """The access's own, or the member's where that was cut short later; NULLs are left out."""
    return func.least(Coordinator.valid_until, JuntaMember.until)


def state_on(on: date) -> ColumnElement[str]:
    """The junta's `JuntaState` on a day."""
    return case(
        (and_(JuntaVecinal.ended_on.is_not(None), JuntaVecinal.ended_on <= on), "disuelta"),
        (JuntaVecinal.valid_until < on, "vencida"),
        (~junta_in_force(on), "por_empezar"),
        (JuntaVecinal.valid_until <= on + timedelta(days=SOON_DAYS), "por_vencer"),
        else_="vigente",
    )


def unit_of_office(staff: Staff) -> int:
    """The unit whose roster the account keeps; `Forbidden` without one of its two seats."""
    unit_id = db.session.scalar(select(PadronSeat.unit_id).where(PadronSeat.staff_id == staff.id))
    office = staff.is_one_of(RoleName.PARTICIPACION_CIUDADANA)
    if unit_id is None or unit_id != staff.unit_id or not (staff.active and office):
        raise Forbidden("El padrón lo lleva la Oficina de Participación Ciudadana.")
    return unit_id


def unit_of_juntas(staff: Staff) -> int:
    """The unit whose juntas the account sees, without names: its office, or its comisario."""
    if staff.active and staff.unit_id is not None and staff.is_one_of(RoleName.COMISARIO):
        return staff.unit_id
    return unit_of_office(staff)


def sees_juntas(staff: Staff) -> bool:
    """Whether the account sees the juntas of its own comisaría."""
    try:
        unit_of_juntas(staff)
    except Forbidden:
        return False
    return True


def junta_for(staff: Staff, junta_id: UUID, *, lock: bool = False) -> JuntaVecinal:
    """A junta of the account's own unit; any other raises `NotFound`."""
    query = select(JuntaVecinal).where(
        JuntaVecinal.id == junta_id, JuntaVecinal.unit_id == unit_of_juntas(staff)
    )
    junta: JuntaVecinal | None = db.session.scalar(_locked(query, lock))
    if junta is None:
        raise NotFound("No encontramos esa junta en su comisaría.")
    return junta


def member_for(staff: Staff, member_id: UUID, *, lock: bool = False) -> JuntaMember:
    """A member of a junta of the account's own unit; any other raises `NotFound`."""
    query = (
        select(JuntaMember)
        .join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
        .where(JuntaMember.id == member_id, JuntaVecinal.unit_id == unit_of_juntas(staff))
    )
    member: JuntaMember | None = db.session.scalar(_locked(query, lock))
    if member is None:
        raise NotFound("No encontramos a ese integrante en su comisaría.")
    return member


def juntas_page(
    unit_id: int,
    wanted: JuntasFilter,
    on: date,
    after: tuple[date, str] | None = None,
    limit: int = PAGE_ROWS,
) -> list[JuntaRow]:
    """The unit's juntas by their last day and code; the next page comes `after` the last one."""
    is_active = and_(member_active(on), junta_in_force(on))
    query = (
        select(
            JuntaVecinal.id,
            JuntaVecinal.code,
            JuntaVecinal.name,
            JuntaVecinal.scope,
            JuntaVecinal.valid_until,
            JuntaVecinal.geom.is_not(None).label("has_area"),
            state_on(on).label("state"),
            _members(is_active).label("active_members"),
            _members(and_(is_active, JuntaMember.sex == Sex.MUJER)).label("active_women"),
            _members(and_(member_active(on), JuntaMember.is_repeated)).label("repeated_members"),
            _access_state(on).label("access"),
        )
        .where(JuntaVecinal.unit_id == unit_id, *_conditions(wanted, on))
        .order_by(JuntaVecinal.valid_until, JuntaVecinal.code)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(JuntaVecinal.valid_until, JuntaVecinal.code) > after)
    return [_line(row) for row in db.session.execute(query)]


def members_of(junta_id: UUID, on: date) -> list[MemberRow]:
    """Everybody who is or was a member, by number; ask `junta_for` first."""
    is_active = and_(member_active(on), junta_in_force(on))
    query = (
        select(
            JuntaMember.id,
            JuntaMember.position,
            JuntaMember.post,
            JuntaMember.sex,
            JuntaMember.since,
            JuntaMember.until,
            JuntaMember.designated_by,
            JuntaMember.ended_on,
            JuntaMember.end_reason,
            JuntaMember.is_repeated,
            is_active,
        )
        .join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
        .where(JuntaMember.junta_id == junta_id)
        .order_by(JuntaMember.position)
    )
    return [MemberRow(*row) for row in db.session.execute(query)]


def terms_of(junta_id: UUID) -> Sequence[JuntaTerm]:
    """Its terms, the latest first."""
    query = select(JuntaTerm).where(JuntaTerm.junta_id == junta_id)
    return db.session.scalars(query.order_by(JuntaTerm.valid_from.desc())).all()


def trainings_of(junta_id: UUID) -> dict[UUID, list[JuntaTraining]]:
    """The trainings of its members, the latest first."""
    query = (
        select(JuntaTraining)
        .join(JuntaMember, JuntaMember.id == JuntaTraining.member_id)
        .where(JuntaMember.junta_id == junta_id)
        .order_by(JuntaTraining.held_on.desc(), JuntaTraining.id.desc())
    )
    found: dict[UUID, list[JuntaTraining]] = {}
    for training in db.session.scalars(query):
        found.setdefault(training.member_id, []).append(training)
    return found


def events_of(junta_id: UUID, limit: int = PAGE_ROWS) -> Sequence[JuntaEvent]:
    """What happened to it, the latest first."""
    query = select(JuntaEvent).where(JuntaEvent.junta_id == junta_id)
    return db.session.scalars(query.order_by(JuntaEvent.id.desc()).limit(limit)).all()


def area_of(junta_id: UUID) -> str | None:
    """Its area as a GeoJSON geometry, if it has one."""
    query = select(func.ST_AsGeoJSON(JuntaVecinal.geom, 6)).where(JuntaVecinal.id == junta_id)
    return db.session.scalar(query)


def expiring(unit_id: int, on: date) -> Expiring:
    """What the office should renew; a dissolved junta is nobody's task."""
    ends = JuntaVecinal.valid_until
    ahead = [ends.between(on, on + timedelta(days=days)) for days in (SOON_DAYS, VERY_SOON_DAYS)]
    counts = [func.count().filter(condition) for condition in (*ahead, ends < on)]
    alive = or_(JuntaVecinal.ended_on.is_(None), JuntaVecinal.ended_on > on)
    query = select(*counts).where(JuntaVecinal.unit_id == unit_id, alive)
    return Expiring(*db.session.execute(query).one())


def standing_juntas(
    member_ids: Collection[UUID], since: date, until: date | None = None
) -> dict[UUID, str]:
    """Of these members, those who stand for any day of a period, and the code of their junta."""
    query = (
        select(JuntaMember.id, JuntaVecinal.code)
        .join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
        .where(JuntaMember.id.in_(member_ids), member_stands(since, until))
    )
    return dict(db.session.execute(query).tuples().all()) if member_ids else {}


def _line(row: Row[Any]) -> JuntaRow:
    words = {"state": JuntaState(row.state), "access": AccessState(row.access)}
    return JuntaRow(**{**row._mapping, **words})


def _locked(query: Any, lock: bool) -> Any:
    return query.with_for_update(of=query.column_descriptions[0]["entity"]) if lock else query


def _members(condition: ColumnElement[bool]) -> Any:
    query = select(func.count()).where(JuntaMember.junta_id == JuntaVecinal.id, condition)
    return query.correlate(JuntaVecinal).scalar_subquery()


def _access_state(on: date) -> Any:
    state = case(
        (
            and_(Coordinator.enrolled_at.is_(None), Coordinator.enrol_until > func.now()),
            "por_activar",
        ),
        (Coordinator.enrolled_at.is_(None), "sin_acceso"),
        (Coordinator.locked_at.is_not(None), "bloqueado"),
        (last_day_of_access() < on, "vencido"),
        else_="activo",
    )
    latest = (
        select(state)
        .join(JuntaMember, JuntaMember.id == Coordinator.member_id)
        .where(Coordinator.junta_id == JuntaVecinal.id, Coordinator.revoked_at.is_(None))
        .order_by(Coordinator.created_at.desc())
        .limit(1)
    )
    found = latest.correlate(JuntaVecinal).scalar_subquery()
    return func.coalesce(found, "sin_acceso")


def _conditions(wanted: JuntasFilter, on: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.words.strip():
        words = bare_words(wanted.words)
        conditions.append(
            or_(
                searchable(JuntaVecinal.name).contains(words, autoescape=True),
                searchable(JuntaVecinal.code).contains(words, autoescape=True),
            )
        )
    if wanted.state is not None:
        conditions.append(state_on(on) == wanted.state.value)
    return conditions
