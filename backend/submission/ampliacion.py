"""Taking in what the author of a report adds later: facts, photos, or both."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from backend.db import db, transaction
from backend.errors import InvalidInput, wrong_field
from backend.media import services as media
from backend.media.queries import attachments_of
from backend.parts import Parts
from backend.queue import MEDIA, Ring
from backend.reports import services as reports
from backend.reports.models import MessageAuthor, Report, Step
from backend.reports.moves import note
from backend.submission import intake

log = structlog.get_logger()


def submit_ampliacion(
    parts: Parts,
    report_id: UUID,
    text: str,
    uploads: Sequence[media.ReceivedPhoto],
    *,
    idempotency_key: str,
    now: datetime,
) -> bool:
    """Add to the case in one transaction; False when this very addition is already there.

    Raises `InvalidInput` when there is nothing to add or the key was used for something else.
    """
    if not text and not uploads:
        raise wrong_field("texto", "Escribe algo o elige una foto.")
    content = intake.content_hash(text.encode(), uploads)
    key_hash = intake.idempotency_hash(parts, f"caso {report_id}", idempotency_key)
    with transaction():
        earlier = reports.remember_idempotency(key_hash, content, report_id, now)
        if earlier is not None:
            if earlier.content_hash != content:
                raise InvalidInput("Ese envío ya se usó para otra cosa. Vuelve a enviarlo.")
            return False
        report = db.session.get_one(Report, report_id, with_for_update=True)
        rings = _add(report, text, uploads, now)
        is_sensible = report.is_sensible
    parts.doorbell.ring(rings)
    if not is_sensible:
        log.info("report.enlarged", report_id=str(report_id))
    return True


def _add(
    report: Report, text: str, uploads: Sequence[media.ReceivedPhoto], now: datetime
) -> list[Ring]:
    if text:
        reports.add_message(report, MessageAuthor.CITIZEN, text, now)
    note(report, at=now, event="enlarged", details={"photos": len(uploads)})
    if not uploads:
        return []
    media.attach(report.id, uploads, now, already=len(attachments_of(report.id)))
    # The step of moderation derives photos; of a report that passed it decides nothing again.
    reports.owe(report.id, Step.MODERATE, MEDIA, now)
    return [Ring("moderate", (str(report.id),), MEDIA)]
