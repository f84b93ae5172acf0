"""Switches that an administrator turns while the system runs, kept as rows."""

import time
from datetime import datetime

from sqlalchemy import DateTime, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, db

# On: the limits per phone are lifted, as after an earthquake (design §4, domain §4).
LIMITS_LIFTED = "limits_lifted"
REMEMBER_SECONDS = 10.0


class Switch(Base):
    """One switch by name; absent means off."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


_remembered: dict[str, tuple[float, bool]] = {}


def is_on(name: str) -> bool:
    """Whether the switch is on, as read at most `REMEMBER_SECONDS` ago."""
    read_at, value = _remembered.get(name, (float("-inf"), False))
    if time.monotonic() - read_at < REMEMBER_SECONDS:
        return value
    value = bool(db.session.scalar(select(Switch.is_on).where(Switch.name == name)))
    _remembered[name] = (time.monotonic(), value)
    return value


def turn(name: str, on: bool, now: datetime) -> None:
    """Turn a switch; call inside `transaction()`."""
    db.session.merge(Switch(name=name, is_on=on, changed_at=now))
    forget()


def forget() -> None:
    """Read every switch afresh next time."""
    _remembered.clear()
