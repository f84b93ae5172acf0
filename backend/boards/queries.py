"""Reading juntas: the conditions that decide whether one is in force, and lists; never commits."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_

from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal


def junta_in_force(on: date) -> ColumnElement[bool]:
    """Whether the junta was, is or will be in force on a day: recognised, and not dissolved."""
    return and_(
        or_(JuntaVecinal.ended_on.is_(None), JuntaVecinal.ended_on > on),
        exists().where(
            JuntaTerm.junta_id == JuntaVecinal.id,
            JuntaTerm.valid_from <= on,
            JuntaTerm.valid_until >= on,
        ),
    )


def member_active(on: date) -> ColumnElement[bool]:
    """Whether the member belongs to the junta on a day; ask with `junta_in_force`, too."""
    return and_(
        JuntaMember.since <= on,
        or_(JuntaMember.until.is_(None), JuntaMember.until >= on),
        or_(JuntaMember.ended_on.is_(None), JuntaMember.ended_on > on),
    )
