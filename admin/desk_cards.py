"""A report as a card of a list, the orders of lists, and pages that a cursor continues."""

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
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import aliased

from admin.opaque import opened, sealed
from backend.db import db
from backend.identity.models import Staff
from backend.informes.models import Informe, Source
from backend.media.models import Attachment
from backend.reports.models import INSTANT, Kind, Message, MessageAuthor, Report
from backend.reports.queries import visible_to
from backend.reports.states import UNSEEN_STATES, Moderation, State, Verification
from backend.territory.models import District, PoliceUnit

PAGE_ROWS = 50
EXCERPT_LETTERS = 160


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
    from_junta: bool
    told_by_neighbour: bool
    contested_at: datetime | None
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


def cards_of(staff: Staff) -> Select[Any]:
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
        *(Report.is_sensible, Report.is_reserved, Report.is_ongoing, Report.from_junta),
        _told_by_neighbour(),
        Report.contested_at,
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


def _told_by_neighbour() -> ColumnElement[bool]:
    told = select(Informe.source == Source.NEIGHBOUR).where(Informe.report_id == Report.id)
    return case((Report.from_junta, func.coalesce(told.scalar_subquery(), False)), else_=False)


def term_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """By the day on which the answer is due; that day's beginning, for the cursor."""
    day = func.timezone("America/Lima", cast(Report.answer_by, DateTime()))
    return literal(0), type_coerce(day, INSTANT)


def work_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """Urgent before the rest, unseen before seen; by the deadline, then by age."""
    is_unseen, is_urgent = Report.state.in_(UNSEEN_STATES), Report.priority == 1
    rank = case((and_(is_urgent, is_unseen), 0), (is_urgent, 1), (is_unseen, 2), else_=3)
    deadline = func.coalesce(Report.acknowledge_by, Report.received_at)
    at = case((and_(is_urgent, is_unseen), deadline), else_=Report.received_at)
    return rank, at


def newest_order() -> tuple[ColumnElement[int], ColumnElement[datetime]]:
    """By arrival alone."""
    return literal(0), type_coerce(Report.received_at, INSTANT)


def page_of(
    query: Select[Any],
    rank: ColumnElement[int],
    at: ColumnElement[datetime],
    cursor: str,
    limit: int,
    *,
    is_falling: bool = False,
) -> Page:
    """One page in that order, from where the cursor points."""
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
    try:
        return int(parts[0]), datetime.fromisoformat(parts[1]), UUID(parts[2])
    except ValueError:  # sealed for another page
        return None
