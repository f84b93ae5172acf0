"""Reads the lists of desk and tray, one query each, all through `visible_to`; views call it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import aliased

from admin.desk_filters import Filters
from admin.opaque import opened, sealed
from backend import clock
from backend.catalog.calendar import add_working_days
from backend.db import db
from backend.identity.models import Staff
from backend.media.models import Attachment
from backend.reports.models import (
    INSTANT,
    Glimpse,
    GlimpseReason,
    Kind,
    Message,
    MessageAuthor,
    Report,
)
from backend.reports.queries import glimpses_for, in_review, on_desk, still_open, visible_to
from backend.reports.states import UNSEEN_STATES, Moderation, State, Verification
from backend.territory.models import DESKS_FOR_QUEJAS, District, PoliceUnit, UnitKind
from backend.territory.queries import subtree_ids

PAGE_ROWS = 50
EXCERPT_LETTERS = 160
GLIMPSE_ROWS = 20
ARRIVAL_ROWS = 60
# So many are counted; beyond, the screen says "más de".
MOST_COUNTED = 500
# An answer that falls due within so many working days is said to be due soon.
DUE_SOON_DAYS = 3

UNIT_LEVELS_ABOVE = (UnitKind.REGION, UnitKind.DIVPOL)
# A desk for quejas hears of those that another such desk left unseen.
UNITS_THAT_ARE_TOLD = (*UNIT_LEVELS_ABOVE, *DESKS_FOR_QUEJAS)


@dataclass(frozen=True)
class Card:
    """A report as a list shows it."""

    id: UUID
    numero: str
    kind: Kind
    categoria: str
    priority: int
    is_sensible: bool
    is_reserved: bool
    is_ongoing: bool
    excerpt: str
    district: str | None
    received_at: datetime
    state: State
    moderation: Moderation
    verification: Verification
    flags: list[str]
    acknowledge_by: datetime | None
    held_until: datetime | None
    answer_by: date | None
    unit_id: int
    unit: str | None
    sector: str | None
    escalated_unit_id: int | None
    photos: int
    last_author: MessageAuthor | None
    rank: int
    at: datetime

    @property
    def is_urgent(self) -> bool:
        return self.priority == 1

    @property
    def is_unseen(self) -> bool:
        return self.state in UNSEEN_STATES

    @property
    def hides_minute(self) -> bool:
        """Design §1: a sensitive report shows the time band unless it is urgent."""
        return self.is_sensible and not self.is_urgent

    @property
    def awaits_answer(self) -> bool:
        """The author had the last word."""
        return self.last_author == MessageAuthor.CITIZEN


@dataclass(frozen=True)
class Page:
    """Some cards, and where the next page begins."""

    cards: list[Card]
    cursor: str | None


@dataclass(frozen=True)
class Arrival:
    """A report that nobody has acknowledged yet; the browser rings for those it did not know."""

    id: UUID
    is_urgent: bool


@dataclass(frozen=True)
class GlimpsedCard:
    """All that a unit which does not own a report may know of it: nothing leads to the case."""

    numero: str
    categoria: str
    priority: int
    district: str | None
    received_at: datetime
    state: State


def desk_page(staff: Staff, filters: Filters, cursor: str = "", limit: int = PAGE_ROWS) -> Page:
    """A page of the desk: the worklist, urgent first; or the newest first with closed ones.

    What is due soon stands in the order in which it is due.
    """
    query = _cards(staff).where(on_desk(), *_scope(staff, filters), *_conditions(filters))
    if filters.plazo:
        query = query.where(*_due_soon(clock.now()))
        return _page(query, *_term_order(), cursor, limit)
    rank, at = _work_order() if filters.only_open else _newest_order()
    return _page(query, rank, at, cursor, limit, is_falling=not filters.only_open)


def escalated_cards(staff: Staff) -> list[Card]:
    """What another unit left unacknowledged, so that this unit was told."""
    if staff.unit is None or staff.unit.kind not in UNITS_THAT_ARE_TOLD:
        return []
    told = Report.escalated_unit_id == staff.unit_id
    query = _cards(staff).where(on_desk(), told, Report.state.in_(UNSEEN_STATES))
    rank, at = _work_order()
    return _page(query, rank, at, "", PAGE_ROWS).cards


def review_page(staff: Staff, cursor: str = "") -> Page:
    """The review tray of the own unit and those below it: urgent first, then by its clock."""
    rank = case((Report.priority == 1, 0), else_=1)
    at = func.coalesce(Report.held_until, Report.received_at)
    return _page(_cards(staff).where(in_review()), rank, at, cursor, PAGE_ROWS)


def arrivals(staff: Staff, *, is_wide: bool) -> list[Arrival]:
    """The latest reports that wait for "recibido", whatever the filters; for the sound."""
    query = (
        select(Report.id, Report.priority == 1)
        .where(on_desk(), visible_to(staff), Report.state.in_(UNSEEN_STATES))
        .where(*(() if is_wide else (_own_or_told(staff),)))
        .order_by(Report.updated_at.desc())
        .limit(ARRIVAL_ROWS)
    )
    return [Arrival(*row) for row in db.session.execute(query)]


def review_count(staff: Staff) -> int:
    """How many reports wait in the review tray, up to `MOST_COUNTED`."""
    some = select(Report.id).where(visible_to(staff), in_review()).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def due_count(staff: Staff, filters: Filters, now: datetime) -> int:
    """How many open cases fall due soon or are overdue, up to `MOST_COUNTED`."""
    due = (visible_to(staff), on_desk(), *_scope(staff, filters), *_due_soon(now))
    some = select(Report.id).where(*due).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def glimpses(staff: Staff, reason: GlimpseReason, since: datetime) -> list[GlimpsedCard]:
    """Neighbours' reports near the own border, or those that the own unit handed over."""
    query: Select[Any] = glimpses_for(staff, reason).with_only_columns(
        Report.numero,
        Report.categoria,
        Report.priority,
        District.name,
        Report.received_at,
        Report.state,
    )
    query = query.outerjoin(District, District.ubigeo == Report.ubigeo)
    query = query.where(on_desk(), Glimpse.since >= since)
    return [GlimpsedCard(*row) for row in db.session.execute(query.limit(GLIMPSE_ROWS))]


def visible_number(staff: Staff, numero: str) -> UUID | None:
    """The report with this canonical number, if this member of staff may see it."""
    query = select(Report.id).where(Report.numero == numero, visible_to(staff), on_desk())
    return db.session.scalar(query)


def former_number(staff: Staff, numero: str) -> State | None:
    """The state of a report that the own unit handed over."""
    query: Select[Any] = glimpses_for(staff, GlimpseReason.FORMER_OWNER)
    return db.session.scalar(
        query.with_only_columns(Report.state).where(Report.numero == numero).order_by(None)
    )


def units_below(staff: Staff) -> list[PoliceUnit]:
    """The units whose desks a supervisor may open; none for a comisaría or a sector."""
    if staff.unit is None or staff.unit.kind not in UNIT_LEVELS_ABOVE:
        return []
    query = (
        select(PoliceUnit)
        .where(PoliceUnit.id.in_(subtree_ids(staff.unit.id)), PoliceUnit.id != staff.unit_id)
        .where(PoliceUnit.kind != UnitKind.SECTOR, PoliceUnit.name.is_not(None))
        .order_by(PoliceUnit.name)
    )
    return list(db.session.scalars(query))


def _cards(staff: Staff) -> Select[Any]:
    """Every column of a card but its place in the order."""
    sector = aliased(PoliceUnit)
    photos = select(func.count()).where(Attachment.report_id == Report.id).scalar_subquery()
    last_author = (
        select(Message.author)
        .where(Message.report_id == Report.id)
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = (
        *(Report.id, Report.numero, Report.kind, Report.categoria, Report.priority),
        *(Report.is_sensible, Report.is_reserved, Report.is_ongoing),
        func.left(Report.description, EXCERPT_LETTERS),
        *(District.name, Report.received_at, Report.state, Report.moderation),
        *(Report.verification, Report.flags, Report.acknowledge_by, Report.held_until),
        *(Report.answer_by, Report.unit_id, PoliceUnit.name, sector.name, Report.escalated_unit_id),
        *(photos, last_author),
    )
    return (
        select(*columns)
        .join(PoliceUnit, PoliceUnit.id == Report.unit_id)
        .outerjoin(sector, sector.id == Report.sector_id)
        .outerjoin(District, District.ubigeo == Report.ubigeo)
        .where(visible_to(staff))
    )


def _scope(staff: Staff, filters: Filters) -> list[ColumnElement[bool]]:
    if filters.unit_id is not None:
        return [Report.unit_id == filters.unit_id]
    return [] if filters.is_wide else [_own(staff)]


def _own(staff: Staff) -> ColumnElement[bool]:
    if staff.unit is not None and staff.unit.kind == UnitKind.SECTOR:
        return true()  # visible_to gives nothing but what is assigned to the sector
    return Report.unit_id == staff.unit_id


def _own_or_told(staff: Staff) -> ColumnElement[bool]:
    if staff.unit is None or staff.unit.kind not in UNITS_THAT_ARE_TOLD:
        return _own(staff)
    return or_(_own(staff), Report.escalated_unit_id == staff.unit_id)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    columns = {
        "estado": Report.state,
        "tipo": Report.kind,
        "categoria": Report.categoria,
        "marca": Report.moderation,
        "verificacion": Report.verification,
    }
    asked = [c == getattr(filters, name) for name, c in columns.items() if getattr(filters, name)]
    if filters.prioridad:
        asked.append(Report.priority == int(filters.prioridad))
    return [*asked, still_open()] if filters.only_open else asked


def _due_soon(now: datetime) -> tuple[ColumnElement[bool], ...]:
    last = add_working_days(clock.in_lima(now).date(), DUE_SOON_DAYS)
    return (Report.answer_by <= last, still_open())


def _term_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """By the day on which the answer is due; that day's beginning, for the cursor."""
    day = func.timezone("America/Lima", cast(Report.answer_by, DateTime()))
    return literal(0), type_coerce(day, INSTANT)


def _work_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """Urgent before the rest, unseen before seen; by the deadline, then by age."""
    is_unseen, is_urgent = Report.state.in_(UNSEEN_STATES), Report.priority == 1
    rank = case((and_(is_urgent, is_unseen), 0), (is_urgent, 1), (is_unseen, 2), else_=3)
    deadline = func.coalesce(Report.acknowledge_by, Report.received_at)
    at = case((and_(is_urgent, is_unseen), deadline), else_=Report.received_at)
    return rank, at


def _newest_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    return literal(0), type_coerce(Report.received_at, INSTANT)


def _page(
    query: Select[Any],
    rank: ColumnElement[int],
    at: ColumnElement[datetime],
    cursor: str,
    limit: int,
    *,
    is_falling: bool = False,
) -> Page:
    place = tuple_(rank, at, Report.id) if not is_falling else tuple_(at, Report.id)
    after = _read_cursor(cursor)
    if after is not None:
        there = tuple_(*(after[1:] if is_falling else after))
        query = query.where(place < there if is_falling else place > there)
    falling: list[ColumnElement[Any]] = [at.desc(), Report.id.desc()]
    rising: list[Any] = [rank, at, Report.id]
    order = falling if is_falling else rising
    rows = db.session.execute(
        query.add_columns(rank.label("card_rank"), at.label("card_at"))
        .order_by(*order)
        .limit(limit + 1)
    )
    cards = [Card(*row) for row in rows]
    more = cards[limit - 1] if len(cards) > limit else None
    return Page(cards[:limit], _write_cursor(more) if more else None)


def _write_cursor(last: Card) -> str:
    return sealed(f"{last.rank} {last.at.isoformat()} {last.id.hex}")


def _read_cursor(cursor: str) -> tuple[int, datetime, UUID] | None:
    """Where the page begins; a cursor that nobody of us wrote begins at the top."""
    place = opened(cursor)
    if place is None or len(parts := place.split(" ")) != 3:
        return None
    return int(parts[0]), datetime.fromisoformat(parts[1]), UUID(parts[2])
