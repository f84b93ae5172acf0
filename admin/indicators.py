"""What juntas told and what came of it, by quarter: the page, and the same in Excel and PDF."""

from datetime import date
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.indicator_words import level_name, quarter_name, sheet_of
from backend import clock
from backend.app import parts_of
from backend.errors import Forbidden, InvalidInput
from backend.identity.services import record_reading
from backend.indicators import queries, services
from backend.indicators.models import QUARTERS, Level, Quarter, Results
from backend.indicators.typst_client import typeset
from backend.indicators.xlsx_client import workbook
from backend.territory.queries import today

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


@blueprint.get("/juntas/resultados")
def indicators() -> Any:
    """The tables of a quarter, with the definitions; the present one unless asked."""
    levels = services.levels_for(current_staff())
    if not levels:
        return render_template("indicators/nothing.html")
    results = _results(levels)
    return render_template(
        "indicators/results.html",
        sheet=sheet_of(results, clock.now()),
        results=results,
        years=[(year, year) for year in _years(today())],
        quarters=[(number, quarter_name(number)) for number in QUARTERS],
        levels=[(level, level_name(level)) for level in levels],
        asked=_address(results),
    )


@blueprint.get("/juntas/resultados.xlsx")
def indicators_excel() -> Response:
    """The same as a workbook."""
    results = _results(services.levels_for(current_staff()))
    return _file(results, workbook(sheet_of(results, clock.now())), EXCEL, "xlsx")


@blueprint.get("/juntas/resultados.pdf")
def indicators_pdf() -> Response:
    """The same as a CODISEC prints it."""
    results = _results(services.levels_for(current_staff()))
    now = clock.now()
    signers = _("Secretaría técnica"), _("Presidencia")
    committee = _("Comité de seguridad ciudadana (CODISEC o COPROSEC)")
    made = typeset(sheet_of(results, now), signers, committee, now)
    return _file(results, made, PDF, "pdf")


def _results(levels: tuple[Level, ...]) -> Results:
    if not levels:
        raise Forbidden(_("Su cuenta no tiene una unidad cuyas juntas pueda ver."))
    asked = request.args
    quarter = _quarter(asked.get("anio", ""), asked.get("trimestre", ""))
    level = asked.get("nivel", levels[0])
    if quarter is not None and quarter > Quarter.of(today()):
        raise InvalidInput(_("Ese trimestre todavía no empieza. Elija el actual o uno anterior."))
    if quarter is None or level not in levels:
        raise InvalidInput(_("Ese cuadro no existe. Elija de la lista."))
    catalog = parts_of().catalog
    now, day = clock.now(), today()
    return services.results_for(current_staff(), catalog, quarter, Level(level), now, day)


def _quarter(year: str, number: str) -> Quarter | None:
    """The quarter of an address, the present one by default; None: there is none."""
    present = Quarter.of(today())
    try:
        wanted = Quarter(int(year or present.year), int(number or present.number))
        is_known = wanted.number in QUARTERS and Quarter(1900, 1) <= wanted
    except ValueError:
        return None
    return wanted if is_known else None


def _years(day: date) -> list[int]:
    """The years to choose from, the present first."""
    first = queries.first_year() or day.year
    return list(range(day.year, min(first, day.year) - 1, -1))


def _address(results: Results) -> dict[str, Any]:
    """What the address of these results, or of their files, asks for."""
    quarter = results.period.quarter
    return {"anio": quarter.year, "trimestre": quarter.number, "nivel": results.level.value}


def _file(results: Results, content: bytes, mimetype: str, ending: str) -> Response:
    """A download, which leaves a trace."""
    asked = _address(results)
    details = {"year": asked["anio"], "quarter": asked["trimestre"], "level": asked["nivel"]}
    record_reading(current_staff().id, "indicators_exported", None, format=ending, **details)
    name = f"juntas-{asked['anio']}-t{asked['trimestre']}-{asked['nivel']}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, mimetype=mimetype, headers=headers)
