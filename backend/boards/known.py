"""Whom a unit's roster has already, and how much of that an office is told; members call it.

Imports keep the same account of what they told: an office that tries documents in order to learn
who talks to the police is held up, and every answer is on the trail, by counts alone.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, select

from backend.boards.queries import standing_juntas
from backend.clock import LIMA, in_lima
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.errors import Conflict, FieldError, InvalidInput
from backend.identity.models import AuditEntry, Staff
from backend.identity.services import audit
from backend.vault.members import Document, known_documents
from backend.vault.models import NewMember

TOLD = "padron_known_told"
# Documents of which an account is told a day that they are in another junta. A whole roster that
# comes again is not concerned: who is in the file's own junta is only counted.
NAMED_PER_DAY = 100
# Files, and members entered, that were answered with anything: file by file, a count names, too.
ANSWERS_PER_DAY = 30


class AlreadyMember(InvalidInput):
    """The unit has that document in a junta; this has been told to whoever asked."""


@dataclass(frozen=True)
class ToldToday:
    """What an account has been told of a day: of how many documents, in how many answers."""

    named: int
    answers: int

    def allows(self, named: int) -> bool:
        """Whether one more answer, of so many documents, may be given."""
        return self.named + named <= NAMED_PER_DAY and self.answers < ANSWERS_PER_DAY


def who_is_known(
    ring: KeyRing,
    unit_id: int,
    documents: Collection[Document],
    since: date,
    until: date | None = None,
) -> dict[Document, dict[UUID, str]]:
    """Which documents belong to members of the unit in that period, and to which junta's code.

    Only the office may learn this, and only of its own unit; members of lapsed juntas count.
    """
    known = known_documents(unit_id, documents, ring)
    every = {member_id for found in known.values() for member_id in found}
    codes = standing_juntas(every, since, until)
    standing = {
        document: {member_id: codes[member_id] for member_id in found if member_id in codes}
        for document, found in known.items()
    }
    return {document: found for document, found in standing.items() if found}


def refuse_known(
    ring: KeyRing,
    staff: Staff,
    unit_id: int,
    who: NewMember,
    since: date,
    until: date | None,
    now: datetime,
) -> None:
    """Raises `AlreadyMember` for somebody whom the unit has; within `telling`."""
    # Asked first: a refusal for the day must say nothing of this document.
    if not told_today(staff.id, now).allows(1):
        raise Conflict(
            "Hoy ya se le avisó muchas veces que alguien es integrante de una junta. Puede seguir "
            "desde mañana; si lo necesita hoy, que lo registre la otra cuenta de la oficina."
        )
    document = (who.data["tipo_documento"], who.data["numero_documento"])
    known = who_is_known(ring, unit_id, [document], since, until).get(document, {})
    codes = sorted({code for member_id, code in known.items() if member_id != who.id})
    if codes:
        message = (
            f"En esas fechas esa persona ya es integrante de la junta {codes[0]} de su comisaría: "
            "búsquela en su lista. Si cambió de junta, dele de baja allá primero; si ya la dejó, "
            "escriba un «desde» posterior."
        )
        raise AlreadyMember(message, (FieldError("numero_documento", message),))


@contextmanager
def telling(staff: Staff, **about: UUID) -> Iterator[None]:
    """Around a transaction that may end in `AlreadyMember`: the answer stays on the trail."""
    staff_id = staff.id
    try:
        yield
    except AlreadyMember:
        with transaction():
            written: dict[str, Any] = {name: str(one) for name, one in about.items()}
            audit(staff_id, TOLD, count=1, **written)
        raise


def told_today(staff_id: int, now: datetime) -> ToldToday:
    """What the account has been told since midnight; one answer of an account at a time."""
    mine = select(Staff.id).where(Staff.id == staff_id).with_for_update(key_share=True)
    db.session.execute(mine)
    midnight = datetime.combine(in_lima(now).date(), time(), LIMA)
    count = cast(AuditEntry.details["count"].astext, Integer)
    query = select(func.coalesce(func.sum(count), 0), func.count()).where(
        AuditEntry.at >= midnight, AuditEntry.action == TOLD, AuditEntry.staff_id == staff_id
    )
    return ToldToday(*db.session.execute(query).one())
