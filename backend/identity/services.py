"""Making, disabling and resetting staff accounts, and writing the audit trail."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_security.utils import hash_password
from sqlalchemy import select

from backend.db import db, transaction
from backend.errors import Conflict, NotFound, wrong_field
from backend.identity.models import AuditEntry, Role, RoleName, Staff

ONE_TIME_PASSWORD_BYTES = 12


def create_staff(
    username: str,
    display_name: str,
    *,
    roles: Iterable[str],
    unit_id: int | None,
    by: int | None,
    now: datetime,
) -> str:
    """Create an account; returns its one-time password, which is stored nowhere."""
    username = username.strip().lower()
    if not 3 <= len(username) <= 40 or not username.replace(".", "").replace("-", "").isalnum():
        raise wrong_field(
            "username", "Usa de 3 a 40 letras o números, sin espacios; puedes usar punto o guion."
        )
    if not display_name.strip():
        raise wrong_field("display_name", "Escribe el nombre que verán los demás.")
    wanted = {RoleName(name) for name in roles}
    if not wanted:
        raise wrong_field("roles", "Elige al menos un rol.")
    password = secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    with transaction():
        if db.session.scalar(select(Staff.id).where(Staff.username == username)):
            raise Conflict("Ya existe una cuenta con ese usuario. Elige otro.")
        staff = Staff(
            username=username,
            display_name=display_name.strip(),
            unit_id=unit_id,
            password=hash_password(password),
            active=True,
            must_change_password=True,
            fs_uniquifier=secrets.token_hex(32),
            roles=list(db.session.scalars(select(Role).where(Role.name.in_(wanted)))),
        )
        db.session.add(staff)
        db.session.flush()
        audit(by, "staff_created", subject_staff_id=staff.id, roles=sorted(wanted))
    return password


def disable(username: str, *, by: int | None, now: datetime) -> None:
    """End a leaver's access: no sign-in any more, and open sessions are refused."""
    with transaction():
        staff = _named(username)
        staff.active = False
        staff.disabled_at = now
        staff.fs_uniquifier = secrets.token_hex(32)
        audit(by, "staff_disabled", subject_staff_id=staff.id)


def end_sessions(staff_id: int) -> None:
    """Sign out of everywhere: cookies of this account, copies included, are refused from now on."""
    with transaction():
        staff = db.session.get_one(Staff, staff_id)
        staff.fs_uniquifier = secrets.token_hex(32)
        audit(staff_id, "signed_out")


def reset_second_factor(username: str, *, by: int | None, now: datetime) -> str:
    """Forget the second factor and password; returns a one-time password to enrol again."""
    password = secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    with transaction():
        staff = _named(username)
        staff.password = hash_password(password)
        staff.must_change_password = True
        staff.tf_primary_method = None
        staff.tf_totp_secret = None
        staff.mf_recovery_codes = None
        staff.fs_uniquifier = secrets.token_hex(32)
        audit(by, "second_factor_reset", subject_staff_id=staff.id)
    return password


def change_roles(
    username: str, *, roles: Iterable[str], unit_id: int | None, by: int | None
) -> None:
    """Give an account other roles or another unit; both are in force at its next request."""
    wanted = {RoleName(name) for name in roles}
    with transaction():
        staff = _named(username)
        staff.unit_id = unit_id
        staff.roles = list(db.session.scalars(select(Role).where(Role.name.in_(wanted))))
        audit(by, "staff_changed", subject_staff_id=staff.id, roles=sorted(wanted))


def audit(
    staff_id: int | None,
    action: str,
    *,
    report_id: UUID | None = None,
    subject_staff_id: int | None = None,
    **details: Any,
) -> None:
    """Append to the audit trail, inside the caller's transaction. Ids and states only."""
    db.session.add(
        AuditEntry(
            staff_id=staff_id,
            action=action,
            report_id=report_id,
            subject_staff_id=subject_staff_id,
            details=details,
        )
    )


def record_reading(staff_id: int, action: str, report_id: UUID | None, **details: Any) -> None:
    """Append to the audit trail that somebody read something; opens its own transaction."""
    with transaction():
        audit(staff_id, action, report_id=report_id, **details)


def _named(username: str) -> Staff:
    staff = db.session.scalar(select(Staff).where(Staff.username == username.strip().lower()))
    if staff is None:
        raise NotFound("No existe una cuenta con ese usuario.")
    return staff
