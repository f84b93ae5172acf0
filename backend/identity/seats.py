"""The two accounts of a comisaría that read its roster; `services` keeps them with the role."""

from collections.abc import Collection

from sqlalchemy import delete, select

from backend.db import db
from backend.errors import wrong_field
from backend.identity.models import PADRON_SEATS, PadronSeat, RoleName, Staff
from backend.territory.models import PoliceUnit


def keep_seat(staff: Staff, roles: Collection[RoleName]) -> None:
    """Give the account its seat, or take it away; a third of a unit is refused.

    Inside the caller's transaction. The vault asks for the seat, whatever the roles say.
    """
    if RoleName.PARTICIPACION_CIUDADANA not in roles or staff.unit_id is None:
        free_seat(staff)
        return
    held = db.session.scalar(select(PadronSeat.unit_id).where(PadronSeat.staff_id == staff.id))
    if held != staff.unit_id:
        free_seat(staff)
        _take_seat(staff, staff.unit_id)


def free_seat(staff: Staff) -> None:
    """From now on the account reads no names; another may take its place."""
    db.session.execute(delete(PadronSeat).where(PadronSeat.staff_id == staff.id))


def readers_of(unit_id: int) -> dict[int, str]:
    """The user names of a unit's seats."""
    query = (
        select(PadronSeat.seat, Staff.username)
        .join(Staff, Staff.id == PadronSeat.staff_id)
        .where(PadronSeat.unit_id == unit_id)
        .order_by(PadronSeat.seat)
    )
    return dict(db.session.execute(query).tuples().all())


def _take_seat(staff: Staff, unit_id: int) -> None:
    # One at a time: of two who take the last seat, one is told so.
    unit = select(PoliceUnit.id).where(PoliceUnit.id == unit_id).with_for_update(key_share=True)
    db.session.execute(unit)
    taken = readers_of(unit_id)
    free = [seat for seat in range(1, PADRON_SEATS + 1) if seat not in taken]
    if not free:
        raise wrong_field(
            "roles",
            f"Esa comisaría ya tiene dos cuentas que leen el padrón: {' y '.join(taken.values())}. "
            "Quite el rol a una antes de darlo a otra.",
        )
    db.session.add(PadronSeat(unit_id=unit_id, seat=free[0], staff_id=staff.id))
