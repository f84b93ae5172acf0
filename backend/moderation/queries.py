"""Counts what a report has in common with others of the last minutes."""

from datetime import timedelta

from sqlalchemy import func, select

from backend.db import db
from backend.reports.models import Kind, Report

SAME_TEXT_WINDOW = timedelta(hours=24)
SAME_PLACE_WINDOW = timedelta(minutes=10)
SAME_PLACE_METRES = 30
# Neighbours of one incident write, too: only more than this many from one spot are a flood.
PLACE_FLOOD_LIMIT = 15


def same_text_count(report: Report) -> int:
    """Earlier reports with the same text within a day.

    A queja is compared with nothing and nothing with it: a mark on one of the two would tell
    whoever sees it that the other exists.
    """
    if report.description_hash is None or report.kind is Kind.QUEJA:
        return 0
    return _count(
        select(func.count()).where(
            Report.description_hash == report.description_hash,
            Report.kind != Kind.QUEJA,
            Report.received_at.between(report.received_at - SAME_TEXT_WINDOW, report.received_at),
            Report.id != report.id,
        )
    )


def same_place_count(report: Report) -> int:
    """Earlier reports from the same spot within ten minutes; a queja never has a point."""
    if report.point is None:
        return 0
    here = select(Report.point).where(Report.id == report.id).scalar_subquery()
    nearby_degrees = SAME_PLACE_METRES / 111_000
    return _count(
        select(func.count()).where(
            func.ST_DWithin(Report.point, here, nearby_degrees),
            Report.received_at.between(report.received_at - SAME_PLACE_WINDOW, report.received_at),
            Report.id != report.id,
        )
    )


def _count(query: object) -> int:
    return int(db.session.scalar(query) or 0)  # type: ignore[call-overload]  # a count query
