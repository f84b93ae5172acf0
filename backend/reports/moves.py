"""`move()`, the only way to change a report's state, and `note()`, which changes none."""

from datetime import datetime
from typing import Any

from backend.db import db
from backend.errors import Conflict
from backend.reports.models import HistoryEntry, Report
from backend.reports.states import MOVES, State


def move(
    report: Report,
    to: State,
    *,
    at: datetime,
    event: str,
    staff_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> HistoryEntry:
    """Change the report's state and append the step to its history.

    Raises `Conflict` when `MOVES` does not allow the move.
    """
    if to not in MOVES[report.state]:
        raise Conflict("El reporte ya cambió de estado. Actualiza la página y mira cómo está.")
    report.state = to
    return note(report, at=at, event=event, staff_id=staff_id, details=details)


def note(
    report: Report,
    *,
    at: datetime,
    event: str,
    staff_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> HistoryEntry:
    """Append to the history something that happened without changing the state."""
    report.updated_at = at
    entry = report.history_entry(at, event, staff_id, details or {})
    db.session.add(entry)
    return entry
