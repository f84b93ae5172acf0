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
from backend.identity.models import APART, CASE_ROLES, AuditEntry, Role, RoleName, Staff
from backend.identity.queries import is_last_administrator
from backend.identity.seats import free_seat, keep_seat
from backend.territory.models import PoliceUnit, UnitKind

ONE_TIME_PASSWORD_BYTES = 12
LOADER_KINDS = frozenset({UnitKind.REGION, UnitKind.DIVPOL, UnitKind.COMISARIA})


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
            "username", "Use de 3 a 40 letras o números, sin espacios; puede usar punto o guion."
        )
    if not display_name.strip():
        raise wrong_field("display_name", "Escriba el nombre que verán los demás.")
    wanted = _checked_roles(roles, unit_id)
    password = secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    with transaction():
        _check_unit(wanted, unit_id)
        if db.session.scalar(select(Staff.id).where(Staff.username == username)):
            raise wrong_field(
                "username",
                "Ya existe una cuenta con ese usuario. Elija otro; si es suya y no tiene la clave, "
                "ábrala en la lista y restablezca su acceso.",
            )
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
        keep_seat(staff, wanted)
        audit(by, "staff_created", subject_staff_id=staff.id, roles=sorted(wanted))
    return password


def disable(username: str, *, by: int | None, now: datetime) -> None:
    """End a leaver's access: no sign-in any more, and open sessions are refused."""
    with transaction():
        staff = _named(username)
        if staff.id == by:
            raise Conflict("No puede desactivar su propia cuenta: pídalo a otro administrador.")
        _keep_an_administrator(staff)
        staff.active = False
        staff.disabled_at = now
        staff.fs_uniquifier = secrets.token_hex(32)
        free_seat(staff)
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
    wanted = _checked_roles(roles, unit_id)
    with transaction():
        _check_unit(wanted, unit_id)
        staff = _named(username)
        if RoleName.ADMINISTRADOR not in wanted:
            _keep_an_administrator(staff)
        staff.unit_id = unit_id
        staff.roles = list(db.session.scalars(select(Role).where(Role.name.in_(wanted))))
        keep_seat(staff, wanted if staff.active else ())
        audit(by, "staff_changed", subject_staff_id=staff.id, roles=sorted(wanted))


def _checked_roles(roles: Iterable[str], unit_id: int | None) -> set[RoleName]:
    """The roles asked for; raises `InvalidInput` when there is none or one lacks its unit."""
    try:
        wanted = {RoleName(name) for name in roles}
    except ValueError:
        raise wrong_field("roles", "Ese rol no existe.") from None
    if not wanted:
        raise wrong_field("roles", "Elija al menos un rol.")
    if unit_id is None and wanted & CASE_ROLES:
        raise wrong_field("unidad", "Elija la unidad: quien atiende casos ve los de su unidad.")
    _refuse_both_hats(wanted)
    return wanted


def _refuse_both_hats(wanted: set[RoleName]) -> None:
    if wanted & APART[RoleName.CARGADOR_PADRON] and RoleName.CARGADOR_PADRON in wanted:
        raise wrong_field("roles", "Quien carga padrones no lee ninguno: use dos cuentas.")
    office = RoleName.PARTICIPACION_CIUDADANA
    if office in wanted and wanted & APART[office]:
        raise wrong_field(
            "roles",
            "Quien lleva el padrón no es quien lo aprueba, da cuentas o audita: use dos cuentas.",
        )


def _check_unit(wanted: set[RoleName], unit_id: int | None) -> None:
    """Refuse roles of the roster outside the units that have one; call inside a transaction."""
    unit = db.session.get(PoliceUnit, unit_id) if unit_id is not None else None
    kind = unit.kind if unit else None
    if RoleName.PARTICIPACION_CIUDADANA in wanted and kind is not UnitKind.COMISARIA:
        raise wrong_field("unidad", "Elija la comisaría: cada una lleva el padrón de sus juntas.")
    if RoleName.CARGADOR_PADRON in wanted and kind not in LOADER_KINDS:
        message = "Elija la región, división o comisaría cuyos padrones va a cargar."
        raise wrong_field("unidad", message)


def _keep_an_administrator(staff: Staff) -> None:
    """Refuse what would leave nobody to keep the accounts; call inside a transaction."""
    # One such change at a time: two administrators must not remove each other.
    role = select(Role).where(Role.name == RoleName.ADMINISTRADOR).with_for_update()
    db.session.execute(role)
    if staff.active and staff.is_one_of(RoleName.ADMINISTRADOR) and is_last_administrator(staff.id):
        raise Conflict("Es el último administrador: nombre a otro antes.")


def audit(
    staff_id: int | None,
    action: str,
    *,
    report_id: UUID | None = None,
    subject_staff_id: int | None = None,
    **details: Any,
) -> None:
    """Append to the audit trail, inside the caller's transaction.

    Ids and states only, never what a citizen wrote; but the officer's own reason for downloading
    an original is kept in their words.
    """
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
