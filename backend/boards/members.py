"""Who belongs to a junta, since when and in which post; the panel calls it.

Names go to the vault and come back only through `readings`. Fields of errors: the columns of
`vault.models.MEMBER_FIELDS`, cargo, sexo, desde, hasta, designado_por, motivo, fecha, tema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.boards.access import revoke_member_access
from backend.boards.events import Happened, record_event
from backend.boards.known import refuse_known, telling
from backend.boards.models import JuntaMember, JuntaTraining, JuntaVecinal, Sex
from backend.boards.queries import member_for, member_stands
from backend.boards.rules import FURTHEST_DAYS, OLDEST, clean_identity, refuse_wrong, wrong_cells
from backend.boards.services import LEFT_POST, living_junta
from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.errors import Conflict, FieldError, wrong_field
from backend.identity.models import Staff
from backend.identity.services import audit
from backend.vault.members import known_documents, replace_member, seal_members
from backend.vault.models import NewMember


@dataclass(frozen=True)
class NewMemberOf:
    """A person who joins a junta; `until` is the last day, None: as long as the junta stands."""

    identity: Mapping[str, str] = field(repr=False)
    post: str
    sex: str
    since: date
    until: date | None
    designated_by: str


def add_member(
    ring: KeyRing,
    catalog: Catalog,
    staff: Staff,
    junta_id: UUID,
    new: NewMemberOf,
    now: datetime,
) -> UUID:
    """Enter somebody into a junta; refuses who is a member of the unit's juntas already."""
    on, member_id = in_lima(now).date(), uuid4()
    refuse_wrong(
        *wrong_identity(new.identity),
        *wrong_membership(catalog, new.post, new.sex, new.since, new.until, new.designated_by, on),
    )
    who = NewMember(member_id, clean_identity(new.identity))
    with telling(staff, junta=junta_id), transaction():
        junta = living_junta(staff, junta_id, now)
        _refuse_beyond(junta, new.since)
        refuse_known(ring, staff, junta.unit_id, who, new.since, new.until, now)
        _refuse_second_holder(catalog, junta_id, new.post, new.since, new.until)
        seal_members(junta.unit_id, [who], ring, now)
        last = select(func.max(JuntaMember.position)).where(JuntaMember.junta_id == junta_id)
        member = JuntaMember(
            id=member_id,
            junta_id=junta_id,
            position=(db.session.scalar(last) or 0) + 1,
            post=new.post,
            sex=Sex(new.sex),
            since=new.since,
            until=new.until,
            designated_by=new.designated_by,
            created_at=now,
            created_by=staff.id,
        )
        db.session.add(member)
        _note(staff, Happened.MEMBER_ADDED, member, now, post=new.post, since=new.since.isoformat())
    return member_id


def change_member(
    ring: KeyRing,
    catalog: Catalog,
    staff: Staff,
    member_id: UUID,
    *,
    identity: Mapping[str, str] | None,
    post: str,
    sex: str,
    since: date,
    until: date | None,
    designated_by: str,
    now: datetime,
) -> None:
    """Correct a member; without `identity`, who it is stays. A lost post takes the access along."""
    on = in_lima(now).date()
    refuse_wrong(
        *(wrong_identity(identity) if identity is not None else ()),
        *wrong_membership(catalog, post, sex, since, until, designated_by, on),
    )
    with telling(staff, member=member_id), transaction():
        junta, member = _living_member(staff, member_id, now)
        _refuse_beyond(junta, since)
        _refuse_second_holder(catalog, junta.id, post, since, until, besides=member_id)
        if identity is not None:
            who = NewMember(member_id, clean_identity(identity))
            refuse_known(ring, staff, junta.unit_id, who, since, until, now)
            if not _is_same_person(ring, junta.unit_id, who):
                revoke_member_access(member_id, LEFT_POST, staff.id, now)
            replace_member(junta.unit_id, who, ring)
            member.is_repeated = False
        _lose_post(catalog, member, post, staff, now)
        was = {"was": member.post} if member.post != post else {}
        member.post, member.sex, member.designated_by = post, Sex(sex), designated_by
        member.since, member.until = since, until
        days = {"since": since.isoformat()} | ({"until": until.isoformat()} if until else {})
        about: dict[str, Any] = {"identity": identity is not None, "post": post, **was, **days}
        _note(staff, Happened.MEMBER_CHANGED, member, now, **about)


def end_member(
    catalog: Catalog, staff: Staff, member_id: UUID, *, reason: str, on: date, now: datetime
) -> None:
    """End somebody's membership from a day on; the access from their phone ends at once."""
    if reason not in catalog.juntas.bajas:
        raise wrong_field("motivo", "Elija por qué deja de ser integrante.")
    if on > in_lima(now).date():
        raise wrong_field("fecha", "La fecha no puede ser posterior a hoy.")
    with transaction():
        _, member = _living_member(staff, member_id, now)
        if on < min(member.since, in_lima(now).date()):
            raise wrong_field("fecha", "La fecha es anterior al día en que entró.")
        member.ended_on, member.end_reason = on, reason
        revoke_member_access(member_id, LEFT_POST, staff.id, now)
        _note(staff, Happened.MEMBER_ENDED, member, now, reason=reason, on=on.isoformat())


def record_training(
    catalog: Catalog,
    staff: Staff,
    member_id: UUID,
    *,
    topic: str,
    held_on: date,
    now: datetime,
) -> None:
    """Note a training that a member received."""
    if topic not in catalog.juntas.capacitaciones:
        raise wrong_field("tema", "Elija el tema de la lista.")
    if not OLDEST <= held_on <= in_lima(now).date():
        raise wrong_field("fecha", "La capacitación ya se dio: revise la fecha.")
    with transaction():
        _, member = _living_member(staff, member_id, now)
        training = JuntaTraining(
            member_id=member_id,
            topic=topic,
            held_on=held_on,
            recorded_at=now,
            recorded_by=staff.id,
        )
        db.session.add(training)
        day = held_on.isoformat()
        _note(staff, Happened.TRAINING_RECORDED, member, now, topic=topic, held_on=day)


def wrong_identity(identity: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with who somebody is, as errors of a form."""
    return [FieldError(column, message) for column, message in wrong_cells(identity).items()]


def wrong_membership(
    catalog: Catalog,
    post: str,
    sex: str,
    since: date,
    until: date | None,
    designated_by: str,
    on: date,
) -> list[FieldError]:
    """What is wrong with the rest of a member, in words for forms and imports."""
    errors = []
    if post not in catalog.juntas.cargos:
        errors.append(FieldError("cargo", "Elija el cargo de la lista."))
    if sex not in frozenset(Sex):
        errors.append(FieldError("sexo", "Elija mujer u hombre, como dice su documento."))
    if designated_by not in catalog.juntas.designaciones:
        errors.append(FieldError("designado_por", "Elija quién lo designó."))
    if not OLDEST <= since <= on + timedelta(days=FURTHEST_DAYS):
        errors.append(FieldError("desde", "Revise el año desde el que es integrante."))
    if until is not None and until < since:
        errors.append(FieldError("hasta", "Termina antes de empezar: revise las fechas."))
    elif until is not None and until < on:
        errors.append(FieldError("hasta", "Ese día ya pasó: escriba hasta cuándo lo será."))
    return errors


def _living_member(
    staff: Staff, member_id: UUID, now: datetime
) -> tuple[JuntaVecinal, JuntaMember]:
    member = member_for(staff, member_id)
    junta = living_junta(staff, member.junta_id, now)
    db.session.refresh(member, with_for_update=True)
    # A time that is over is history: to lengthen it would change figures that were told.
    is_over = member.until is not None and member.until < in_lima(now).date()
    if member.ended_on is not None or is_over:
        raise Conflict("Ya no es integrante: regístrelo de nuevo si volvió.")
    return junta, member


def _refuse_beyond(junta: JuntaVecinal, since: date) -> None:
    if since > junta.valid_until:
        raise wrong_field("desde", "Para ese día la junta ya habrá vencido: renuévela primero.")


def _is_same_person(ring: KeyRing, unit_id: int, who: NewMember) -> bool:
    """Whether it is the document of before: if not, an access is in somebody else's hand."""
    document = (who.data["tipo_documento"], who.data["numero_documento"])
    return who.id in known_documents(unit_id, [document], ring).get(document, ())


def _refuse_second_holder(
    catalog: Catalog,
    junta_id: UUID,
    post: str,
    since: date,
    until: date | None,
    besides: UUID | None = None,
) -> None:
    cargo = catalog.juntas.cargos[post]
    if not cargo.only_one:
        return
    holder = (
        select(JuntaMember.position)
        .join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
        .where(
            JuntaMember.junta_id == junta_id,
            JuntaMember.post == post,
            JuntaMember.id.is_distinct_from(besides),
            member_stands(since, until),
        )
        .limit(1)
    )
    position = db.session.scalar(holder)
    if position is not None:
        raise wrong_field(
            "cargo",
            f"Ese cargo lo tiene el integrante n.º {position}: dele de baja o cámbiele el cargo "
            "antes.",
        )


def _lose_post(
    catalog: Catalog, member: JuntaMember, post: str, staff: Staff, now: datetime
) -> None:
    if member.post != post and not catalog.juntas.cargos[post].is_coordinator:
        revoke_member_access(member.id, LEFT_POST, staff.id, now)


def _note(
    staff: Staff, event: Happened, member: JuntaMember, now: datetime, **details: object
) -> None:
    record_event(member.junta_id, event, staff.id, now, member_id=member.id, **details)
    audit(staff.id, event.value, junta=str(member.junta_id), member=str(member.id))
