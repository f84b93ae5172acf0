"""The padrón of the own unit: its juntas, and each one's recognition, renewals and end."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _

from admin import padron_forms as forms
from admin import words
from admin.access import current_staff
from admin.blueprint import blueprint
from admin.padron_view import imports_page, junta_address, render_junta
from backend import clock
from backend.app import parts_of
from backend.boards import services as boards
from backend.boards.models import JuntaVecinal
from backend.boards.queries import (
    PAGE_ROWS,
    expiring,
    junta_for,
    juntas_page,
    unit_of_juntas,
    unit_of_office,
)
from backend.boards.readings import record_list_read
from backend.boards.rows import JuntasFilter, JuntaState
from backend.boards.services import NewJunta
from backend.errors import Conflict, InvalidInput, YoAlertoError, status_of
from backend.territory.queries import today

Cursor = tuple[date, str]


@blueprint.get("/padron")
def padron() -> str:
    """The juntas, the first to end first; who looks is written down."""
    staff, asked = current_staff(), request.args
    unit_id, after = unit_of_juntas(staff), _cursor(asked.get("despues", ""))
    wanted = JuntasFilter(asked.get("buscar", "").strip(), _state(asked.get("estado", "")))
    record_list_read(staff)
    rows = juntas_page(unit_id, wanted, today(), after)
    return render_template(
        "padron/list.html",
        rows=rows,
        wanted=wanted,
        is_later_page=after is not None,
        following=_written(rows[-1].cursor) if len(rows) == PAGE_ROWS else None,
        expiring=expiring(unit_id, today()),
        ambitos=parts_of().catalog.juntas.ambitos,
        imports=imports_page(),
    )


@blueprint.get("/padron/nueva")
def new_junta() -> Any:
    """An empty form for another junta."""
    unit_of_office(current_staff())
    return _form(None, {})


@blueprint.post("/padron/nueva")
def create_junta() -> Any:
    """Enter a junta with its first term; members come afterwards."""
    try:
        term = forms.term()
        new = NewJunta(
            code=forms.line("codigo"),
            name=forms.line("nombre"),
            scope=request.form.get("ambito", ""),
            act=term.act,
            recognised_on=term.recognised_on,
            valid_from=term.valid_from,
            valid_until=term.valid_until,
        )
        catalog = parts_of().catalog
        junta_id = boards.register_junta(catalog, current_staff(), new, clock.now())
    except (InvalidInput, Conflict) as problem:
        return _form(None, request.form, problem)
    flash(_("La junta quedó registrada. Ahora dibuje su área y agregue a sus integrantes."))
    return redirect(junta_address(junta_id), 303)


@blueprint.get("/padron/juntas/<uuid:junta_id>")
def junta(junta_id: UUID) -> str:
    """One junta: data, area, terms, members without their names, access, history."""
    return render_junta(junta_id)


@blueprint.get("/padron/juntas/<uuid:junta_id>/editar")
def junta_form(junta_id: UUID) -> Any:
    """What a junta is called and covers, to be corrected."""
    found = junta_for(current_staff(), junta_id)
    return _form(found, {"codigo": found.code, "nombre": found.name, "ambito": found.scope})


@blueprint.post("/padron/juntas/<uuid:junta_id>/editar")
def change_junta(junta_id: UUID) -> Any:
    """Correct it."""
    try:
        boards.change_junta(
            parts_of().catalog,
            current_staff(),
            junta_id,
            code=forms.line("codigo"),
            name=forms.line("nombre"),
            scope=request.form.get("ambito", ""),
            now=clock.now(),
        )
    except (InvalidInput, Conflict) as problem:
        return _form(junta_for(current_staff(), junta_id), request.form, problem)
    flash(_("La junta quedó cambiada."), "success")
    return redirect(junta_address(junta_id), 303)


@blueprint.post("/padron/juntas/<uuid:junta_id>/renovar")
def renew_junta(junta_id: UUID) -> Any:
    """Add a term after the last one; the coordinator's access is another matter."""
    done = _(
        "La junta quedó renovada. El acceso de su coordinador se renueva aparte, con la persona "
        "delante."
    )

    def work() -> None:
        term = forms.term()
        boards.renew(
            current_staff(),
            junta_id,
            act=term.act,
            recognised_on=term.recognised_on,
            valid_from=term.valid_from,
            valid_until=term.valid_until,
            now=clock.now(),
        )

    return _act(junta_id, "renovar", done, work)


@blueprint.post("/padron/juntas/<uuid:junta_id>/disolver")
def dissolve_junta(junta_id: UUID) -> Any:
    """End it from a day on."""

    def work() -> None:
        boards.dissolve(
            parts_of().catalog,
            current_staff(),
            junta_id,
            reason=request.form.get("motivo", ""),
            on=forms.day("fecha"),
            now=clock.now(),
        )

    return _act(junta_id, "disolver", _("La junta quedó disuelta. Su historia se conserva."), work)


def _act(junta_id: UUID, act: str, done: str, work: Callable[[], None]) -> Any:
    """Do it and show the junta; or the junta again, with what was typed and what is wrong."""
    try:
        work()
    except (InvalidInput, Conflict) as problem:
        return render_junta(junta_id, problem, act), status_of(problem)
    flash(done, "success")
    return redirect(junta_address(junta_id), 303)


def _form(
    junta: JuntaVecinal | None, values: Mapping[str, str], problem: YoAlertoError | None = None
) -> Any:
    page = render_template(
        "padron/junta_form.html",
        junta=junta,
        f=forms.Shown(values, problem),
        ambitos=parts_of().catalog.juntas.ambitos.values(),
        today=today(),
    )
    return page, status_of(problem) if problem else 200


def _state(code: str) -> JuntaState | None:
    return JuntaState(code) if code in words.JUNTA_STATES else None


def _written(place: Cursor) -> str:
    day, code = place
    return f"{day.isoformat()}.{code}"


def _cursor(text: str) -> Cursor | None:
    day, _dot, code = text.partition(".")
    try:
        return date.fromisoformat(day), code
    except ValueError:
        return None
