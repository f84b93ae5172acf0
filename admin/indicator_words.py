"""The results of the juntas as tables in words, for the page, Excel and the PDF alike."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext

from admin.indicator_definitions import definitions_for, remarks_on
from backend import clock
from backend.indicators.models import (
    Cell,
    Facts,
    Level,
    Line,
    Period,
    Results,
    Row,
    Share,
    Sheet,
    Table,
)
from backend.typesetting import MONTHS, day_in_words

Cells = Callable[[Facts, Level], tuple[Cell, ...]]


def sheet_of(results: Results, now: datetime) -> Sheet:
    """Everything that is shown of the results."""
    is_own = results.level is Level.JUNTA
    unit = results.unit_name
    return Sheet(
        title=_("Resultados de las juntas vecinales"),
        unit=unit if is_own else _("Comisarías de %(unit)s", unit=unit),
        period=_period_words(results.period),
        counted_at=f"{day_in_words(clock.in_lima(now))}, {clock.in_lima(now):%H:%M}",
        tables=tuple(_tables(results)),
        remarks=tuple(remarks_on(results)),
        definitions=tuple(definitions_for(results)),
    )


def quarter_name(number: int) -> str:
    """ "Cuarto trimestre"."""
    names = _("Primer"), _("Segundo"), _("Tercer"), _("Cuarto")
    return _("%(nth)s trimestre", nth=names[number - 1])


def level_name(level: Level) -> str:
    """The heading above the names of a table's lines."""
    return {
        Level.JUNTA: _("Junta"),
        Level.COMISARIA: _("Comisaría"),
        Level.DISTRICT: _("Distrito"),
        Level.PROVINCE: _("Provincia"),
    }[level]


def _period_words(period: Period) -> str:
    quarter = period.quarter
    words = _(
        "%(name)s de %(year)s (%(first)s al %(last)s)",
        name=quarter_name(quarter.number),
        year=quarter.year,
        first=_day(quarter.first_day),
        last=_day(quarter.last_day),
    )
    running = f"{words}, {_('en curso')}" if period.is_running else words
    if period.by_weeks and period.told_until < period.last_day:
        return f"{running}: {_told_words(period)}"
    if period.is_running:
        return _(
            "%(period)s: contado hasta el %(day)s",
            period=running,
            day=day_in_words(period.last_day),
        )
    return words


def _told_words(period: Period) -> str:
    """Until which of its weeks the quarter's informes are counted."""
    if period.told_until < period.quarter.first_day:
        next_monday = period.last_sunday + timedelta(days=8)
        return _("sus informes se cuentan desde el lunes %(day)s", day=f"{next_monday:%d/%m/%Y}")
    return _("informes contados hasta el domingo %(day)s", day=f"{period.told_until:%d/%m/%Y}")


def _day(day: date) -> str:
    return f"{day.day} de {MONTHS[day.month - 1]}"


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


# Tables


def _tables(results: Results) -> list[Table]:
    last_day = day_in_words(results.period.last_day)
    return [
        _table(
            results,
            _("Juntas que informaron a la PNP (A 28)"),
            _("A 28"),
            (
                _("En el trimestre"),
                _("Desde el 1 de enero de %(year)s", year=results.period.quarter.year),
            ),
            _informing,
        ),
        _table(
            results,
            _("Informes del trimestre"),
            _("Informes"),
            (_("Delitos"), _("Faltas"), _("Factores de riesgo"), _("Otros"), _("Total")),
            _informes,
        ),
        _table(
            results,
            _("Cómo se atendieron"),
            _("Atención"),
            (
                _("Con acuse de recibo"),
                _("Acuse a tiempo"),
                _("Respondidos"),
                _("Respondidos a tiempo"),
            ),
            _attended,
        ),
        _table(
            results,
            _("Qué se logró"),
            _("Logros"),
            (
                _("Verificados"),
                _("Patrulla"),
                _("Personas intervenidas"),
                _("Riesgos corregidos"),
                _("De ellos, luces"),
            ),
            _achieved,
        ),
        _table(
            results,
            _("Integrantes activos al %(day)s", day=last_day),
            _("Integrantes"),
            (_("Mujeres"), _("Hombres"), _("Total")),
            _members,
        ),
    ]


def _table(
    results: Results, title: str, short: str, headings: tuple[str, ...], cells: Cells
) -> Table:
    lines = tuple(
        Line(row.name, cells(row.facts, results.level), _line_note(row, results.level))
        for row in results.rows
    )
    # The total is no junta, even of the own comisaría.
    needs_total = len(lines) != 1 or results.level is Level.JUNTA
    whole = Line(_("Total"), cells(results.total, Level.COMISARIA)) if needs_total else None
    return Table(title, short, (level_name(results.level), *headings), lines, whole)


def _line_note(row: Row, level: Level) -> str:
    notes = []
    if row.reunites:
        notes.append(_("Reúne: %(names)s.", names=", ".join(row.reunites)))
    if row.is_partial:
        notes.append(_("Faltan comisarías con pocas juntas."))
    if row.joined_late:
        notes.append(_("Desde el 1 de enero no se muestra: entró una comisaría durante el año."))
    if not row.facts.juntas and level is Level.JUNTA:
        notes.append(_("No estuvo vigente en el trimestre."))
    elif not row.facts.juntas:
        notes.append(_("Sin juntas vigentes en el trimestre."))
    return " ".join(notes)


def _informing(facts: Facts, level: Level) -> tuple[Cell, ...]:
    quarter = Share(facts.informing, facts.juntas)
    year = Share(facts.informing_year, facts.juntas_year)
    if level is Level.JUNTA:
        return _yes_or_no(quarter), _yes_or_no(year)
    return quarter, year


def _yes_or_no(share: Share) -> str | None:
    if not share.denominator:
        return None
    return _("Sí") if share.numerator else _("No")


def _informes(facts: Facts, level: Level) -> tuple[Cell, ...]:
    counted = (facts.delito, facts.falta, facts.factor_de_riesgo, facts.otro, facts.informes)
    return counted if facts.juntas else (None,) * len(counted)


def _attended(facts: Facts, level: Level) -> tuple[Cell, ...]:
    return (
        Share(facts.acknowledged, facts.informes),
        Share(facts.acknowledged_in_time, facts.acknowledge_due),
        Share(facts.answered, facts.informes),
        Share(facts.answered_in_time, facts.answer_due),
    )


def _achieved(facts: Facts, level: Level) -> tuple[Cell, ...]:
    counted = (
        facts.verified,
        facts.patrols,
        facts.interventions,
        facts.risks_fixed,
        facts.lights_fixed,
    )
    return counted if facts.juntas else (None,) * len(counted)


def _members(facts: Facts, level: Level) -> tuple[Cell, ...]:
    if not facts.juntas_last_day:
        return None, None, None
    women, men = Share(facts.women, facts.members), Share(facts.men, facts.members)
    return women, men, facts.members
