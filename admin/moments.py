"""How the panel says when something happened and how long is left; Lima's clock."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext

from backend.clock import in_lima

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def moment_words(instant: datetime, now: datetime) -> str:
    """`hoy 14:05`, `ayer 23:10`, `12/11/2026 08:00`."""
    return f"{_day(instant, now)} {in_lima(instant):%H:%M}"


def band_words(instant: datetime, now: datetime) -> str:
    """`hoy, tarde`: for a sensitive report that is not urgent, the minute is nobody's business."""
    bands = (_("madrugada"), _("mañana"), _("tarde"), _("noche"))
    return f"{_day(instant, now)}, {bands[in_lima(instant).hour // 6]}"


def left_words(deadline: datetime, now: datetime) -> str:
    """`quedan 4 min`, or for how long it is overdue."""
    if deadline > now:
        return _("quedan %(span)s", span=span_words(deadline - now))
    return _("vencido hace %(span)s", span=span_words(now - deadline))


def span_words(span: timedelta) -> str:
    """A length of time by its largest unit; the browser's countdown says it alike."""
    if span < MINUTE:
        return _("%(n)s s", n=int(span.total_seconds()))
    if span < 2 * HOUR:
        return _("%(n)s min", n=span // MINUTE)
    if span < 2 * DAY:
        return _("%(n)s h", n=span // HOUR)
    return _("%(n)s días", n=span // DAY)


def _day(instant: datetime, now: datetime) -> str:
    day, today = in_lima(instant).date(), in_lima(now).date()
    if day == today:
        return _("hoy")
    if day == today - DAY:
        return _("ayer")
    return f"{day:%d/%m/%Y}"


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))
