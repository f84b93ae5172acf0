"""A junta's own history: what happened to it, by whom; every service of the boards appends here."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.boards.models import JuntaEvent
from backend.db import db


class Happened(StrEnum):
    """The steps of a junta's life that these services write; `admin.words` names each."""

    REGISTERED = "registered"
    CHANGED = "changed"
    AREA_CHANGED = "area_changed"
    RENEWED = "renewed"
    DISSOLVED = "dissolved"
    EXPIRES_IN_60 = "expiry_60"
    EXPIRES_IN_15 = "expiry_15"
    MEMBER_ADDED = "member_added"
    MEMBER_CHANGED = "member_changed"
    MEMBER_ENDED = "member_ended"
    TRAINING_RECORDED = "training_recorded"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import_undone"
    ACCESS_OFFERED = "access_offered"
    ACCESS_ENROLLED = "access_enrolled"
    ACCESS_REVOKED = "access_revoked"
    ACCESS_LOCKED = "access_locked"


def record_event(
    junta_id: UUID,
    event: str,
    staff_id: int | None,
    now: datetime,
    *,
    member_id: UUID | None = None,
    **details: Any,
) -> None:
    """Append to the junta's history, in the caller's transaction: codes, ids and days only."""
    db.session.add(
        JuntaEvent(
            junta_id=junta_id,
            member_id=member_id,
            at=now,
            staff_id=staff_id,
            event=event,
            details=details,
        )
    )
