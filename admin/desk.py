"""The desk: the worklist of a unit, its news for open browsers, and finding a report by number."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin import desk_rows, moments, words
from admin.access import current_staff, may_open
from admin.blueprint import blueprint
from admin.deliveries import failed_count
from admin.desk_filters import ALL_UNITS, Filters
from admin.opaque import fingerprint
from backend import clock, upkeep
from backend.app import parts_of
from backend.identity.models import Staff
from backend.reports.audience import GlimpseReason
from backend.reports.numbers import parse_number
from backend.reports.queries import desk_pulse

# For how long a neighbour's report, or one handed over, stays on the desk's margin.
NEIGHBOUR_TIME = timedelta(hours=24)
FORMER_OWNER_TIME = timedelta(days=15)


@blueprint.context_processor
def _wording() -> dict[str, Any]:
    """What templates of the panel say things with."""
    return {
        "words": words,
        "moments": moments,
        "now": clock.now(),
        "catalog": parts_of().catalog,
        "may_open": may_open,
    }


@blueprint.get("/mesa")
def desk() -> str:
    """The desk as the filters in the address ask for it."""
    return _render("desk/desk.html")


@blueprint.get("/mesa/novedades")
def desk_news() -> Any:
    """What an open desk asks all the time: nothing while nothing changed. Also its heartbeat."""
    staff, filters = current_staff(), Filters.read(request.args)
    pulse = desk_pulse(staff, is_wide=filters.is_wide)
    upkeep.attend_desk(staff, pulse.beaten_at, clock.now())
    if fingerprint(pulse.version) == request.args.get("desde"):
        return Response(status=204)
    if request.args.get("solo") == "avisos":
        return render_template("desk/_arrivals.html", **_arrivals(staff, filters))
    return _render("desk/_news.html")


@blueprint.post("/mesa/buscar")
def find_report() -> Any:
    """Open a report by its number, which comes in the body because addresses are logged."""
    staff, typed = current_staff(), request.form.get("numero", "")
    numero = parse_number(typed)
    if numero is None:
        message = _("Ese número no está completo o tiene un error. Revíselo: YA-XXXX-XXXX-X.")
        return _render("desk/desk.html", buscado=typed, aviso_busqueda=message), 422
    report_id = desk_rows.visible_number(staff, numero)
    if report_id is not None:
        return redirect(url_for("panel.case", report_id=report_id), 303)
    state = desk_rows.former_number(staff, numero)
    if state is not None:
        message = _("%(numero)s ya no es de su unidad: fue trasladado.", numero=numero)
        message = f"{message} {words.STATES[state]}."
        return _render("desk/desk.html", buscado=typed, aviso_busqueda=message)
    message = _("No encontramos ese número entre los reportes de su unidad.")
    return _render("desk/desk.html", buscado=typed, aviso_busqueda=message), 404


def _render(template: str, **more: Any) -> str:
    staff, filters = current_staff(), Filters.read(request.args)
    cursor = request.args.get("cursor", "")
    # The version comes first: what changes while the lists are read is asked for again.
    context = _arrivals(staff, filters)
    page = desk_rows.desk_page(staff, filters, cursor)
    now = clock.now()
    return render_template(
        template,
        **context,
        filters=filters,
        page=page,
        cursor=cursor,
        # In the wide list they stand already.
        escalated=[] if filters.is_wide else desk_rows.escalated_cards(staff),
        held=desk_rows.review_count(staff),
        due=desk_rows.due_count(staff, filters, now),
        failed=failed_count(staff) if may_open(staff, "panel.deliveries") else 0,
        **_margins(staff, now),
        units=desk_rows.units_below(staff) if template == "desk/desk.html" else [],
        all_units=ALL_UNITS,
        staff=staff,
        **more,
    )


def _arrivals(staff: Staff, filters: Filters) -> dict[str, Any]:
    version = fingerprint(desk_pulse(staff, is_wide=filters.is_wide).version)
    return {
        "version": version,
        "arrivals": desk_rows.arrivals(staff, is_wide=filters.is_wide),
    }


def _margins(staff: Staff, now: datetime) -> dict[str, Any]:
    neighbour, former = GlimpseReason.NEIGHBOUR, GlimpseReason.FORMER_OWNER
    return {
        "neighbours": desk_rows.glimpses(staff, neighbour, now - NEIGHBOUR_TIME),
        "handed_over": desk_rows.glimpses(staff, former, now - FORMER_OWNER_TIME),
    }
