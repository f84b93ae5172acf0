"""A coordinator's access from one phone: given in person, opened by a PIN, checked at each call.

The API of the juntas and the panel call it. The phone keeps a secret, the person a PIN; here lie
a keyed hash of the one and a slow hash of both, so that neither table nor backup opens anything.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.boards import pins
from backend.boards.events import Happened, record_event
from backend.boards.models import Coordinator, JuntaMember, JuntaTerm, JuntaVecinal
from backend.boards.queries import (
    junta_in_force,
    last_day_of_access,
    member_active,
    unit_of_juntas,
    unit_of_office,
)
from backend.boards.rows import AccessState
from backend.boards.standing import RENEWED, Standing, standing_of
from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.crypto import KeyRing, read_token, sign_token
from backend.db import db, transaction
from backend.errors import Conflict, NotFound, Unauthenticated, wrong_field
from backend.identity.models import Staff
from backend.identity.services import audit

ENROLMENT = timedelta(minutes=15)
SESSION = timedelta(minutes=30)
LONGEST = timedelta(days=180)
WRONG_PINS = 5

WRONG = (
    "El PIN no coincide con el de este teléfono. Al quinto PIN equivocado se bloquea. "
    "Si lo olvidaste, acércate a tu comisaría."
)
NO_SUCH_CODE = "Ese código no sirve: ya se usó o pasaron quince minutos. Pide otro."


@dataclass(frozen=True)
class Enrolment:
    """What the QR carries and the screen spells; it is stored nowhere."""

    token: str
    until: datetime


@dataclass(frozen=True)
class Enrolled:
    """What the phone keeps; it is stored nowhere else."""

    secret: str
    valid_until: date


@dataclass(frozen=True)
class Session:
    """Half an hour of calls for one coordinator."""

    token: str
    until: datetime
    standing: Standing


@dataclass(frozen=True)
class AccessRow:
    """An access as the panel lists it; its last day is the member's where that was cut short."""

    coordinator: Coordinator
    position: int
    last_day: date
    state: AccessState


def start_enrolment(
    ring: KeyRing, catalog: Catalog, staff: Staff, member_id: UUID, now: datetime
) -> Enrolment:
    """Offer an access to the coordinator who stands before the officer; ends any earlier one."""
    unit_id, today = unit_of_office(staff), in_lima(now).date()
    token = pins.new_code()
    with transaction():
        junta_id = _junta_of_coordinator(catalog, unit_id, member_id, today)
        revoke_member_access(member_id, RENEWED, staff.id, now)
        access = Coordinator(
            id=uuid4(),
            junta_id=junta_id,
            member_id=member_id,
            enrol_hash=pins.code_hashes(ring, token)[0],
            enrol_until=now + ENROLMENT,
            valid_until=_last_day(member_id, today),
            created_at=now,
            created_by=staff.id,
        )
        db.session.add(access)
        _note(access, Happened.ACCESS_OFFERED, now, staff.id)
        audit(staff.id, "access_offered", member=str(member_id))
    return Enrolment(token, now + ENROLMENT)


def enrol(ring: KeyRing, catalog: Catalog, token: str, pin: str, now: datetime) -> Enrolled:
    """Bind the phone that read the code; the code is used up, the secret told this once.

    Raises `InvalidInput` for a PIN that anybody would try, or a code that is no use any more.
    """
    pins.refuse_obvious(pin)
    today, secret = in_lima(now).date(), pins.new_secret()
    hashes = pins.code_hashes(ring, token)
    with transaction():
        access = db.session.scalar(
            select(Coordinator)
            .where(Coordinator.enrol_hash.in_(hashes), Coordinator.revoked_at.is_(None))
            .where(Coordinator.enrol_until > now)
            .with_for_update()
        )
        if access is None:
            raise wrong_field("codigo", NO_SUCH_CODE)
        _standing(access.id, today).refuse_ended(_posts(catalog), today)
        access.enrol_hash = access.enrol_until = None
        access.secret_hash = pins.secret_hashes(ring, secret)[0]
        access.pin_hash = pins.pin_hash(secret, pin)
        access.enrolled_at = now
        access.valid_until = _last_day(access.member_id, today)
        _note(access, Happened.ACCESS_ENROLLED, now)
        return Enrolled(secret, access.valid_until)


def open_session(ring: KeyRing, catalog: Catalog, secret: str, pin: str, now: datetime) -> Session:
    """Half an hour for who shows the phone's secret and the PIN.

    An unknown phone, a wrong PIN and a locked access answer alike, after the same work. Only with
    both right does `AccessEnded` say why an access is over.
    """
    today, hashes = in_lima(now).date(), pins.secret_hashes(ring, secret)
    with transaction():
        _one_try_at_a_time(hashes[0])
        access = db.session.scalar(select(Coordinator).where(Coordinator.secret_hash.in_(hashes)))
        may_open = access is not None and access.locked_at is None
        is_right = pins.pin_fits(access.pin_hash if access and may_open else None, secret, pin)
        if access is not None and may_open:
            _count_try(access, is_right, now)
        coordinator_id = access.id if access is not None and is_right else None
    if coordinator_id is None:
        raise Unauthenticated(WRONG)
    standing = _standing(coordinator_id, today)
    standing.refuse_ended(_posts(catalog), today)
    token = sign_token(ring, "junta", coordinator_id.hex)
    return Session(token, now + SESSION, standing)


def coordinator_in_force(ring: KeyRing, catalog: Catalog, token: str, now: datetime) -> Standing:
    """Whose session it is, read anew: who was removed a moment ago is refused with the reason."""
    payload = read_token(ring, "junta", token, int(SESSION.total_seconds()))
    today = in_lima(now).date()
    standing = standing_of(UUID(payload), today) if isinstance(payload, str) else None
    if standing is None:
        raise Unauthenticated("Tu sesión de la junta terminó. Escribe tu PIN otra vez.")
    standing.refuse_ended(_posts(catalog), today)
    return standing


def revoke(
    catalog: Catalog, staff: Staff, coordinator_id: UUID, *, reason: str, now: datetime
) -> None:
    """End an access of the own unit at once; by its office or its comisario."""
    if reason not in catalog.juntas.revocaciones or reason == RENEWED:
        raise wrong_field("motivo", "Elija un motivo de la lista.")
    unit_id = unit_of_juntas(staff)
    with transaction():
        access = db.session.scalar(
            select(Coordinator)
            .join(JuntaVecinal, JuntaVecinal.id == Coordinator.junta_id)
            .where(Coordinator.id == coordinator_id, JuntaVecinal.unit_id == unit_id)
            .with_for_update(of=Coordinator)
        )
        if access is None:
            raise NotFound("No encontramos ese acceso entre los de su unidad.")
        if access.revoked_at is not None:
            raise Conflict("Ese acceso ya estaba retirado.")
        _end(access, reason, staff.id, now)
        audit(staff.id, "access_revoked", member=str(access.member_id), reason=reason)


def revoke_member_access(member_id: UUID, reason: str, by: int | None, now: datetime) -> None:
    """End whatever access a member has, inside the caller's transaction."""
    accesses = db.session.scalars(
        select(Coordinator)
        .where(Coordinator.member_id == member_id, Coordinator.revoked_at.is_(None))
        .with_for_update()
    )
    for access in accesses.all():
        _end(access, reason, by, now)


def access_of(junta_id: UUID, now: datetime) -> list[AccessRow]:
    """Every access that the junta's coordinators had, the latest first."""
    query = (
        select(Coordinator, JuntaMember.position, last_day_of_access())
        .join(JuntaMember, JuntaMember.id == Coordinator.member_id)
        .where(Coordinator.junta_id == junta_id)
        .order_by(Coordinator.created_at.desc(), Coordinator.id)
    )
    found = db.session.execute(query)
    return [AccessRow(one, place, last, _state(one, last, now)) for one, place, last in found]


def _state(access: Coordinator, last_day: date, now: datetime) -> AccessState:
    """By itself; whether member and junta are in force is another matter."""
    if access.revoked_at is not None:
        return AccessState.NONE
    if access.enrolled_at is None:
        waits = access.enrol_until is not None and access.enrol_until > now
        return AccessState.ENROLLING if waits else AccessState.NONE
    if access.locked_at is not None:
        return AccessState.LOCKED
    is_over = last_day < in_lima(now).date()
    return AccessState.EXPIRED if is_over else AccessState.ACTIVE


def _junta_of_coordinator(catalog: Catalog, unit_id: int, member_id: UUID, today: date) -> UUID:
    """The junta of a coordinator of this unit, its row locked; raises when there is no such."""
    row = db.session.execute(
        select(JuntaVecinal.id, JuntaMember.post, junta_in_force(today), member_active(today))
        .join(JuntaMember, JuntaMember.junta_id == JuntaVecinal.id)
        .where(JuntaMember.id == member_id, JuntaVecinal.unit_id == unit_id)
        .with_for_update(of=JuntaVecinal)
    ).one_or_none()
    if row is None:
        raise NotFound("No encontramos a esa persona entre las juntas de su unidad.")
    junta_id, post, is_in_force, is_member = row
    if not (is_in_force and is_member):
        raise Conflict("Su periodo o el de la junta no está vigente hoy: renuévelo antes.")
    if post not in _posts(catalog):
        raise Conflict("Solo quien coordina la junta recibe un acceso.")
    return UUID(str(junta_id))


def _last_day(member_id: UUID, today: date) -> date:
    """Of the access: with the term and those that follow it without a gap, with the member's time,
    and within half a year."""
    member = db.session.get_one(JuntaMember, member_id)
    terms = select(JuntaTerm.valid_from, JuntaTerm.valid_until)
    terms = terms.where(JuntaTerm.junta_id == member.junta_id).order_by(JuntaTerm.valid_from)
    in_force_until = today
    for begins, ends in db.session.execute(terms).tuples():
        if begins <= in_force_until + timedelta(days=1):
            in_force_until = max(in_force_until, ends)
    return min(today + LONGEST, in_force_until, member.until or date.max)


def _end(access: Coordinator, reason: str, by: int | None, now: datetime) -> None:
    access.enrol_hash = access.enrol_until = None
    access.revoked_at, access.revoked_by, access.revoke_reason = now, by, reason
    db.session.flush()
    _note(access, Happened.ACCESS_REVOKED, now, by, reason=reason)


def _note(
    access: Coordinator, event: Happened, now: datetime, by: int | None = None, **details: str
) -> None:
    record_event(access.junta_id, event, by, now, member_id=access.member_id, **details)


def _one_try_at_a_time(secret_hash: bytes) -> None:
    """Until the transaction ends, and not by a lock on the row.

    A row keeps the transaction that locked it: with a report's beside it, who reads the table
    would know who had just opened their part, and so who told of a sensible matter.
    """
    number = int.from_bytes(secret_hash[:8], "big", signed=True)
    db.session.execute(select(func.pg_advisory_xact_lock(number)))


def _count_try(access: Coordinator, is_right: bool, now: datetime) -> None:
    access.wrong_pins = 0 if is_right else access.wrong_pins + 1
    if access.wrong_pins >= WRONG_PINS:
        access.locked_at = now
        _note(access, Happened.ACCESS_LOCKED, now)


def _standing(coordinator_id: UUID, today: date) -> Standing:
    standing = standing_of(coordinator_id, today)
    if standing is None:  # only while somebody removes its junta at this very moment
        raise Unauthenticated(WRONG)
    return standing


def _posts(catalog: Catalog) -> set[str]:
    return {one.codigo for one in catalog.juntas.cargos.values() if one.is_coordinator}
