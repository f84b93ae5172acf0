"""Which units receive quejas, in which order, and which are independent; for administrators."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.problems import field_messages
from admin.units import unit_id_typed
from backend.db import db, transaction
from backend.errors import YoAlertoError, status_of, wrong_field
from backend.identity.services import audit
from backend.reports.queries import desks_without_staff
from backend.routing.queries import left_without_desk, still_there
from backend.territory import services as territory
from backend.territory.models import PoliceUnit, QuejaDesk
from backend.territory.queries import fallback_desk_id, today

DESK, INDEPENDENT = "mesa", "independiente"
MOST_NAMED = 8


@blueprint.get("/mesas-de-quejas")
def queja_desks() -> Any:
    """The desks in order, the independent units, and what this order cannot do."""
    return _page({})


@blueprint.post("/mesas-de-quejas")
def add_queja_desk() -> Any:
    """Let a unit receive quejas, after the others; or mark it as independent."""
    typed = {name: request.form.get(name, "") for name in ("unidad", "que")}
    try:
        unit_id = unit_id_typed(typed["unidad"])
        if unit_id is None:
            raise wrong_field("unidad", _("Elija la unidad."))
        if typed["que"] == DESK:
            _do("queja_desk_added", unit_id, lambda: territory.add_queja_desk(unit_id, today()))
        elif typed["que"] == INDEPENDENT:
            _set_independent(unit_id, True)
        else:
            raise wrong_field("que", _("Elija una opción de la lista."))
    except YoAlertoError as problem:
        return _page(typed, problem)
    return redirect(url_for("panel.queja_desks"), 303)


@blueprint.post("/mesas-de-quejas/<int:unit_id>/subir")
def raise_queja_desk(unit_id: int) -> Any:
    """One place up."""
    return _done("queja_desk_raised", unit_id, lambda: territory.raise_queja_desk(unit_id))


@blueprint.post("/mesas-de-quejas/<int:unit_id>/quitar")
def remove_queja_desk(unit_id: int) -> Any:
    """It receives no more quejas."""
    return _done("queja_desk_removed", unit_id, lambda: territory.remove_queja_desk(unit_id))


@blueprint.post("/mesas-de-quejas/<int:unit_id>/dependiente")
def end_independence(unit_id: int) -> Any:
    """It is kept from quejas about units below it, from now on."""
    _set_independent(unit_id, False)
    return redirect(url_for("panel.queja_desks"), 303)


def _set_independent(unit_id: int, is_independent: bool) -> None:
    action = "independence_given" if is_independent else "independence_ended"
    _do(action, unit_id, lambda: territory.set_independent(unit_id, is_independent, today()))


def _done(action: str, unit_id: int, change: Callable[[], None]) -> Any:
    _do(action, unit_id, change)
    return redirect(url_for("panel.queja_desks"), 303)


def _do(action: str, unit_id: int, change: Callable[[], None]) -> None:
    with transaction():
        change()
        audit(current_staff().id, action, unit_id=unit_id)


def _page(typed: dict[str, str], problem: YoAlertoError | None = None) -> Any:
    desks = db.session.scalars(
        select(PoliceUnit)
        .join(QuejaDesk, QuejaDesk.unit_id == PoliceUnit.id)
        .order_by(QuejaDesk.position)
    ).all()
    independent = db.session.scalars(
        select(PoliceUnit).where(PoliceUnit.is_independent).order_by(PoliceUnit.name)
    ).all()
    page = render_template(
        "quejas/desks.html",
        desks=desks,
        independent=independent,
        warnings=[*_warnings(list(desks)), *_uncovered()],
        typed=typed,
        errors=field_messages(problem) if problem else {},
        detail=problem.detail if problem else None,
    )
    return page, status_of(problem) if problem else 200


def _warnings(desks: list[PoliceUnit]) -> list[str]:
    """What is wrong with the desks themselves."""
    there = still_there([desk.id for desk in desks])
    unattended = desks_without_staff()
    found = []
    if not there:
        found.append(_("Ninguna unidad recibe quejas: todas van a la mesa sin jurisdicción."))
    elif len(there) == 1:
        found.append(_("No hay suplente: si se quejan de esa unidad, no queda otra mesa."))
    for desk in desks:
        if desk.id not in there:
            found.append(_("%(unit)s ya no está vigente y no recibe nada.", unit=_name(desk)))
        elif _name(desk) in unattended:
            message = _("Nadie tiene cuenta para atender %(unit)s.", unit=_name(desk))
            found.append(message)
    return found


def _uncovered() -> list[str]:
    """Units of which nobody could complain to any of the desks."""
    unit_ids = left_without_desk()
    if not unit_ids:
        return []
    found = []
    if fallback_desk_id() in unit_ids:
        found.append(
            _("Una queja contra la mesa sin jurisdicción no se podría recibir: no hay otra mesa.")
        )
    named = select(PoliceUnit).where(PoliceUnit.id.in_(unit_ids[:MOST_NAMED]))
    names = ", ".join(sorted(_name(unit) for unit in db.session.scalars(named)))
    rest = len(unit_ids) - MOST_NAMED
    more = _(" y %(n)s más", n=rest) if rest > 0 else ""
    found.append(
        _(
            "Una queja contra estas unidades no tendría mesa que pueda verla e iría a la mesa "
            "sin jurisdicción: %(names)s%(more)s.",
            names=names,
            more=more,
        )
    )
    return found


def _name(unit: PoliceUnit) -> str:
    return unit.name or unit.code
