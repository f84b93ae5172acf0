"""Reading reports: who may see which, the desk, and what lies near a case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.orm import aliased

from backend.db import db
from backend.errors import NotFound
from backend.identity.models import CASE_ROLES, Staff
from backend.reports.audience import Glimpse, GlimpseReason
from backend.reports.barred import may_know
from backend.reports.models import HistoryEntry, Message, Report
from backend.reports.states import OPEN_STATES, UNSEEN_STATES, Moderation, State
from backend.territory.models import DESKS_FOR_QUEJAS, PoliceUnit, UnitKind
from backend.territory.queries import subtree_ids

# A desk whose page has not called home for this long is not attended.
HEARTBEAT = timedelta(seconds=60)
NEARBY_METRES = 500
NEARBY_HOURS = 24
# So many changes of one unit may commit out of order without a desk missing any.
PULSE_ROWS = 12


@dataclass(frozen=True)
class Pulse:
    """The version of a desk, and when its unit's heartbeat was last written."""

    version: str
    beaten_at: datetime | None


def visible_to(staff: Staff) -> ColumnElement[bool]:
    """The condition on `Report` that scopes every query of the panel (design §7).

    Case roles see what their unit or a unit below it owns, and a jefe de sector what is
    assigned to the own sector, except the quejas that their unit must never learn of. Everybody
    else sees no report at all: administrators keep accounts, auditors read the trail, analysts
    read sums.
    """
    if staff.unit is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        return false()
    return and_(_in_the_area_of(staff.unit), may_know(staff.unit.id))


def _in_the_area_of(unit: PoliceUnit) -> ColumnElement[bool]:
    # Plain conditions, so that each is answered from an index. A sector's comisaría owns what
    # the sector is assigned: units above need not ask for sectors.
    if unit.kind == UnitKind.SECTOR:
        return Report.sector_id == unit.id
    owned = Report.unit_id.in_(subtree_ids(unit.id))
    if unit.kind in DESKS_FOR_QUEJAS:
        # A queja that another desk left unseen is told to one that is not above it.
        return or_(owned, Report.escalated_unit_id == unit.id)
    return owned


def report_for(staff: Staff, report_id: UUID, *, lock: bool = False) -> Report:
    """The report, if this member of staff may see it; `NotFound` says no more than that."""
    query = select(Report).where(Report.id == report_id, visible_to(staff))
    if lock:
        # Not against those who only refer to the report: a worker that feeds the risk map holds
        # its task, which the act waits for, and would wait for the act.
        query = query.with_for_update(of=Report, key_share=True)
    report = db.session.scalar(query.execution_options(populate_existing=lock))
    if report is None:
        raise NotFound("No encontramos ese reporte entre los de su unidad.")
    return report


def glimpses_for(staff: Staff, reason: GlimpseReason) -> Select[tuple[Report, Glimpse]]:
    """Reports that the own unit may glimpse without owning them; sensible or reserved ones never.

    A queja is always sensible.
    """
    if staff.unit_id is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        condition: ColumnElement[bool] = false()
    else:
        condition = Glimpse.unit_id == staff.unit_id
    return (
        select(Report, Glimpse)
        .join(Glimpse, Glimpse.report_id == Report.id)
        .where(condition, Glimpse.reason == reason)
        .where(Report.is_sensible.is_(False), Report.is_reserved.is_(False))
        .order_by(Glimpse.since.desc())
    )


def on_desk() -> ColumnElement[bool]:
    """What a desk shows: everything but what still waits for the machines or the tray.

    An urgent report stands there from its submission on, whatever becomes of its delivery.
    """
    return or_(Report.state != State.RECEIVED, Report.priority == 1)


def still_open() -> ColumnElement[bool]:
    """Reports on which somebody still has to act."""
    return Report.state.in_(OPEN_STATES)


def in_review() -> ColumnElement[bool]:
    """The review tray: held by the machines until a person looks or the clock runs out."""
    # Written into the statement, so that the index of what is held can answer.
    held = literal(Moderation.HELD.value, literal_execute=True)
    return and_(Report.moderation == held, Report.state.in_(UNSEEN_STATES))


def desks_without_staff() -> list[str]:
    """Names of units that own open reports which no active account may see, theirs or above.

    Desks for quejas count whether they have one or not, and quejas count nowhere: this list
    must not tell that one exists.
    """
    states, roles = [*OPEN_STATES], [*CASE_ROLES]
    found = db.session.execute(_DESKS_WITHOUT_STAFF, {"states": states, "roles": roles})
    return list(found.scalars())


_DESKS_WITHOUT_STAFF = text("""
    WITH RECURSIVE above (desk_id, id) AS (
        SELECT unit_id, unit_id FROM report WHERE state IN :states AND kind <> 'queja'
        UNION
        SELECT unit_id, unit_id FROM queja_desk
        UNION
        SELECT above.desk_id, u.parent_id FROM above JOIN police_unit u ON u.id = above.id
        WHERE u.parent_id IS NOT NULL
    )
    SELECT coalesce(desk.name, desk.code) FROM police_unit desk
    WHERE desk.id IN (SELECT desk_id FROM above) AND NOT EXISTS (
        SELECT FROM above
        JOIN staff ON staff.unit_id = above.id AND staff.active
        JOIN staff_role ON staff_role.staff_id = staff.id
        JOIN role ON role.id = staff_role.role_id AND role.name IN :roles
        WHERE above.desk_id = desk.id
    )
    ORDER BY 1
""").bindparams(bindparam("states", expanding=True), bindparam("roles", expanding=True))


def desk_pulse(staff: Staff, *, is_wide: bool = False) -> Pulse:
    """Which version of the desk is current; cheap, because every open desk asks all the time.

    The version changes with anything that this member of staff may see: in the own unit, or in
    every unit below it when wide. It is drawn from the latest changes and not from the last one
    alone, because a transaction may commit after another that began later.
    """
    if staff.unit is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        return Pulse("", None)
    if staff.unit.kind == UnitKind.SECTOR:
        pulse = _PULSE_OF_SECTOR
    else:
        pulse = _PULSE_BELOW if is_wide else _PULSE_OF_UNIT
    asked = {"unit": staff.unit_id, "rows": PULSE_ROWS}
    version, beaten_at = db.session.execute(pulse, asked).one()
    return Pulse(version, beaten_at)


def _pulse(latest: str) -> TextClause:
    """Written as text and once: building it anew would cost more than the database takes."""
    return text(f"""
        WITH RECURSIVE line (id, parent_id) AS (
            SELECT id, parent_id FROM police_unit WHERE id = :unit
            UNION
            SELECT u.id, u.parent_id FROM police_unit u JOIN line ON u.id = line.parent_id
        ), below (id) AS (
            SELECT CAST(:unit AS integer)
            UNION
            SELECT u.id FROM police_unit u JOIN below ON u.parent_id = below.id
        ), latest AS ({latest})
        SELECT md5(coalesce(string_agg(id || ' ' || updated_at, ',' ORDER BY updated_at, id), '')),
               (SELECT seen_at FROM desk_heartbeat WHERE unit_id = :unit)
        FROM latest
    """)  # noqa: S608  # made of the constants below


# What waits for the machines or for its shift is on no desk yet, and must not stir one.
_ON_DESK = "(r.state <> 'received' OR r.moderation = 'held' OR r.priority = 1)"
# The same as `may_know`, and as there only quejas pay for it.
_MAY_KNOW = """(r.kind <> 'queja' OR NOT EXISTS (
    SELECT FROM complaint_bar b WHERE b.report_id = r.id
    AND b.unit_id IN (SELECT id FROM line) AND (b.is_accused OR b.unit_id = :unit) OFFSET 0))"""
_LATEST = f"""(SELECT r.id, r.updated_at FROM report r WHERE {{}} AND {_ON_DESK} AND {_MAY_KNOW}
    ORDER BY r.updated_at DESC LIMIT :rows)"""  # noqa: S608  # made of the constants above
_PULSE_OF_SECTOR = _pulse(_LATEST.format("r.sector_id = :unit"))
_PULSE_OF_UNIT = _pulse(
    f"{_LATEST.format('r.unit_id = :unit')} UNION {_LATEST.format('r.escalated_unit_id = :unit')}"
)
_PULSE_BELOW = _pulse(f"""
    SELECT r.id, r.updated_at FROM below, LATERAL {_LATEST.format("r.unit_id = below.id")} AS r
""")  # noqa: S608  # made of the constants above


def near(report: Report, staff: Staff, limit: int = 10) -> Sequence[Report]:
    """Other reports near in place and time that this officer may see, nearest first."""
    if report.point is None:
        return []
    other = aliased(Report)
    here = select(other.point).where(other.id == report.id).scalar_subquery()
    distance = func.ST_DistanceSphere(Report.point, here)
    # Degrees only pre-select by index; metres decide. A degree of latitude is 111 km.
    box_degrees = NEARBY_METRES / 100_000
    return db.session.scalars(
        select(Report)
        .where(
            visible_to(staff),
            on_desk(),
            Report.id != report.id,
            func.ST_DWithin(Report.point, here, box_degrees),
            distance <= NEARBY_METRES,
            Report.received_at.between(
                report.received_at - timedelta(hours=NEARBY_HOURS),
                report.received_at + timedelta(hours=NEARBY_HOURS),
            ),
        )
        .order_by(distance)
        .limit(limit)
    ).all()


class Tracked(NamedTuple):
    """What the answer to a number depends on; of an unknown one it has values, too."""

    is_known: bool
    report_id: UUID
    clave_key_version: int
    clave_version: int


def tracked(numero: str, told_since: datetime | None, key_version: int) -> Tracked:
    """What is known under a canonical number.

    Always one row of the same kind, so that nothing later takes longer for a number that exists.
    With `told_since` only what may be told without a clave: nothing sensible or reserved, nor
    what last changed before.
    """
    asked = {"numero": numero, "told_since": told_since, "key_version": key_version}
    return Tracked(*db.session.execute(_TRACKED, asked).one())


_TRACKED = text("""
    SELECT r.id IS NOT NULL, coalesce(r.id, '00000000-0000-0000-0000-000000000000'),
           coalesce(r.clave_key_version, :key_version), coalesce(r.clave_version, 0)
    FROM (VALUES (1)) AS always (one)
    LEFT JOIN report r ON r.numero = :numero
        AND (CAST(:told_since AS timestamptz) IS NULL
             OR NOT (r.is_sensible OR r.is_reserved) AND r.updated_at >= :told_since)
""")


def history_of(report_id: UUID) -> Sequence[HistoryEntry]:
    """Every step of a report's life, oldest first."""
    return db.session.scalars(
        select(HistoryEntry).where(HistoryEntry.report_id == report_id).order_by(HistoryEntry.id)
    ).all()


def histories_of(report_ids: Collection[UUID]) -> dict[UUID, list[HistoryEntry]]:
    """Every step of several reports' lives, oldest first, by one query."""
    found: dict[UUID, list[HistoryEntry]] = {report_id: [] for report_id in report_ids}
    query = select(HistoryEntry).where(HistoryEntry.report_id.in_(found))
    for entry in db.session.scalars(query.order_by(HistoryEntry.id)):
        found[entry.report_id].append(entry)
    return found


def messages_of(report_id: UUID) -> Sequence[Message]:
    """The thread between author and unit, oldest first."""
    return db.session.scalars(
        select(Message).where(Message.report_id == report_id).order_by(Message.id)
    ).all()
