"""The one place that asks what time it is, so that tests can answer."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LIMA = ZoneInfo("America/Lima")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def in_lima(instant: datetime) -> datetime:
    """The same instant on Peru's clocks (UTC-5, no daylight saving)."""
    return instant.astimezone(LIMA)
