"""The one place that asks what time it is, so that tests can answer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LIMA = ZoneInfo("America/Lima")
SHIFT_HOURS = 6


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def in_lima(instant: datetime) -> datetime:
    """The same instant on Peru's clocks (UTC-5, no daylight saving)."""
    return instant.astimezone(LIMA)


def next_shift(instant: datetime) -> datetime:
    """When the next shift begins in Lima: at 0, 6, 12 or 18 hours, later than the instant."""
    local = in_lima(instant)
    began = local.replace(
        hour=local.hour // SHIFT_HOURS * SHIFT_HOURS, minute=0, second=0, microsecond=0
    )
    return (began + timedelta(hours=SHIFT_HOURS)).astimezone(UTC)
