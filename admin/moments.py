"""How the panel says when something happened and how long is left; Lima's clock."""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import ngettext as _ngettext

from backend.catalog.calendar import working_days_between
from backend.clock import in_lima

MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def moment_words(instant: datetime, now: datetime) -> str:
    """`hoy 14:05`, `ayer 23:10`, `12/11/2026 08:00`."""
    return f"{_day(instant, now)} {in_lima(instant):%H:%M}"


def band_words(instant: datetime, now: datetime) -> str:
    """`hoy, en la tarde`: of a sensitive report that is not urgent, the minute is kept back."""
    bands = (_("de madrugada"), _("en la mañana"), _("en la tarde"), _("en la noche"))
    return f"{_day(instant, now)}, {bands[in_lima(instant).hour // 6]}"


def left_words(deadline: datetime, now: datetime) -> str:
    """`quedan 4 min`, or for how long it is overdue."""
    if deadline > now:
        return _("quedan %(span)s", span=span_words(deadline - now))
    return _("vencido hace %(span)s", span=span_words(now - deadline))


def term_words(answer_by: date, now: datetime) -> str:
    """`Vence el 5 dic · 2 días hábiles`, or for how long the answer is overdue."""
    today = in_lima(now).date()
    days = working_days_between(today, answer_by)
    if answer_by < today:
        late = ngettext("hace 1 día hábil", "hace %(num)s días hábiles", -days)
        return _("Venció el %(day)s", day=day_words(answer_by, today)) + f" · {late}"
    if answer_by == today:
        return _("Vence hoy")
    left = ngettext("1 día hábil", "%(num)s días hábiles", days)
    return _("Vence el %(day)s", day=day_words(answer_by, today)) + f" · {left}"


def is_overdue(answer_by: date, now: datetime) -> bool:
    """Whether the last day for an answer is over."""
    return answer_by < in_lima(now).date()


def day_words(day: date, today: date) -> str:
    """`5 dic`, with the year when it is another one."""
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


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


def ngettext(one: str, many: str, num: int) -> str:
    return str(_ngettext(one, many, num))
