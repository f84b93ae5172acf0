"""Members of a junta: added, corrected unseen, ended, trained; and their names, read once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request
from flask_babel import gettext as _

from admin import padron_forms as forms
from admin.access import current_staff
from admin.blueprint import blueprint
from admin.padron_view import MemberLine, junta_address, member_lines, name_in, render_junta
from backend import clock
from backend.app import parts_of
from backend.boards import members as boards
from backend.boards import readings
from backend.boards.members import NewMemberOf
from backend.boards.models import JuntaVecinal
from backend.boards.queries import junta_for, member_for, unit_of_office
from backend.boards.rules import DOCUMENT_KINDS
from backend.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    YoAlertoError,
    status_of,
    wrong_field,
)
from backend.territory.queries import today

DOCUMENTS = {"dni": "DNI", "ce": "Carné de extranjería"}
NAMES = ("nombres", "apellido_paterno", "apellido_materno")


@dataclass(frozen=True)
class Person:
    """Who a member is, for the one answer that shows it."""

    position: int
    cargo: str
    is_active: bool
    name: str
    document: str
    phone: str


@blueprint.get("/padron/juntas/<uuid:junta_id>/integrantes/nuevo")
def new_member(junta_id: UUID) -> Any:
    """An empty form for somebody who joins."""
    junta = junta_for(current_staff(), junta_id)
    return _form(junta, None, {"desde": today().isoformat(), "tipo_documento": "dni"})


@blueprint.post("/padron/juntas/<uuid:junta_id>/integrantes/nuevo")
def add_member(junta_id: UUID) -> Any:
    """Enter somebody into the junta."""
    parts = parts_of()
    try:
        since, until = forms.period()
        new = NewMemberOf(
            identity=forms.identity(),
            post=request.form.get("cargo", ""),
            sex=request.form.get("sexo", ""),
            since=since,
            until=until,
            designated_by=request.form.get("designado_por", ""),
        )
        staff, now = current_staff(), clock.now()
        boards.add_member(parts.settings.keys, parts.catalog, staff, junta_id, new, now)
    except (InvalidInput, Conflict) as problem:
        return _form(junta_for(current_staff(), junta_id), None, {}, problem)
    flash(_("El integrante quedó agregado."), "success")
    return redirect(junta_address(junta_id), 303)


@blueprint.get("/padron/integrantes/<uuid:member_id>")
def member(member_id: UUID) -> Any:
    """What can be corrected of a member; who it is does not stand there."""
    return _member_page(member_id)


@blueprint.post("/padron/integrantes/<uuid:member_id>")
def change_member(member_id: UUID) -> Any:
    """Correct a member; whose identity was left empty keeps it."""
    parts = parts_of()

    def work() -> None:
        since, until = forms.period()
        boards.change_member(
            parts.settings.keys,
            parts.catalog,
            current_staff(),
            member_id,
            identity=forms.other_identity(),
            post=request.form.get("cargo", ""),
            sex=request.form.get("sexo", ""),
            since=since,
            until=until,
            designated_by=request.form.get("designado_por", ""),
            now=clock.now(),
        )

    return _act(member_id, "datos", _("El integrante quedó corregido."), work)


@blueprint.post("/padron/integrantes/<uuid:member_id>/baja")
def end_member(member_id: UUID) -> Any:
    """End the membership from a day on."""

    def work() -> None:
        boards.end_member(
            parts_of().catalog,
            current_staff(),
            member_id,
            reason=request.form.get("motivo", ""),
            on=forms.day("fecha"),
            now=clock.now(),
        )

    return _act(member_id, "baja", _("La baja quedó registrada."), work)


@blueprint.post("/padron/integrantes/<uuid:member_id>/capacitacion")
def record_training(member_id: UUID) -> Any:
    """Note a training."""

    def work() -> None:
        boards.record_training(
            parts_of().catalog,
            current_staff(),
            member_id,
            topic=request.form.get("tema", ""),
            held_on=forms.day("fecha"),
            now=clock.now(),
        )

    return _act(member_id, "capacitacion", _("La capacitación quedó registrada."), work)


@blueprint.route("/padron/juntas/<uuid:junta_id>/nombres", methods=["GET", "POST"])
def read_names(junta_id: UUID) -> Any:
    """Who the members are, once: in this answer and nowhere else.

    Whoever comes back to its address, or sends it to somebody, finds the junta.
    """
    parts, staff, now = parts_of(), current_staff(), clock.now()
    if request.method == "GET":
        return redirect(junta_address(junta_for(staff, junta_id).id), 303)
    reason = request.form.get("motivo", "")
    try:
        found = readings.read_names(
            parts.settings.keys,
            parts.catalog,
            staff,
            junta_id,
            reason=reason,
            now=now,
            member_ids=_asked_member(),
        )
    except (InvalidInput, Conflict, NotFound) as problem:
        # `NotFound` of nobody to name in the own junta; of another's junta this page is, too.
        return render_junta(junta_id, problem, "nombres"), status_of(problem)
    junta = junta_for(current_staff(), junta_id)
    lines = member_lines(parts.catalog.juntas, junta, today())
    page = render_template(
        "padron/names.html",
        junta=junta,
        people=[_person(line, found[line.id]) for line in lines if line.id in found],
        reason=name_in(parts.catalog.juntas.lecturas, reason),
        read_at=now,
    )
    # Also for what stands between: nobody keeps it, and nobody else is given it.
    return Response(page, headers={"Cache-Control": "no-store, private", "Pragma": "no-cache"})


def _asked_member() -> list[UUID] | None:
    typed = request.form.get("miembro", "")
    try:
        return [UUID(typed)] if typed else None
    except ValueError:
        raise wrong_field("miembro", _("Elija una opción de la lista.")) from None


def _person(line: MemberLine, who: Mapping[str, str]) -> Person:
    kind = who.get("tipo_documento", "")
    return Person(
        line.position,
        line.cargo,
        line.is_active,
        name=" ".join(who[name] for name in NAMES if who.get(name)),
        document=f"{DOCUMENTS.get(kind, kind)} {who.get('numero_documento', '')}",
        phone=who.get("celular", ""),
    )


def _act(member_id: UUID, act: str, done: str, work: Callable[[], None]) -> Any:
    """Do it and show the junta; or the member again, with what was typed and what is wrong."""
    try:
        work()
    except (InvalidInput, Conflict) as problem:
        return _member_page(member_id, problem, act)
    flash(done, "success")
    return redirect(junta_address(member_for(current_staff(), member_id).junta_id), 303)


def _member_page(member_id: UUID, problem: YoAlertoError | None = None, act: str = "") -> Any:
    staff = current_staff()
    unit_of_office(staff)
    row = member_for(staff, member_id)
    junta = junta_for(staff, row.junta_id)
    lines = member_lines(parts_of().catalog.juntas, junta, today())
    values = {
        "cargo": row.post,
        "sexo": row.sex.value,
        "designado_por": row.designated_by,
        "desde": row.since.isoformat(),
        "hasta": row.until.isoformat() if row.until else "",
    }
    [line] = [one for one in lines if one.id == member_id]
    return _form(junta, line, values, problem, act)


def _form(
    junta: JuntaVecinal,
    member: MemberLine | None,
    values: Mapping[str, str],
    problem: YoAlertoError | None = None,
    act: str = "datos",
) -> Any:
    page = render_template(
        "padron/member_form.html",
        junta=junta,
        member=member,
        values=values,
        problem=problem,
        form=forms.sent_form(problem, act),
        juntas=parts_of().catalog.juntas,
        documentos=[{"codigo": kind, "nombre": DOCUMENTS[kind]} for kind in DOCUMENT_KINDS],
        today=today(),
    )
    return page, status_of(problem) if problem else 200
