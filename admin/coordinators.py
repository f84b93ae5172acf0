"""The access of a junta's coordinator, as the office gives it in person and takes it away."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.padron_view import AccessLine, access_line, junta_address, render_junta
from backend import clock
from backend.app import parts_of
from backend.boards import access as boards
from backend.boards.access import Enrolment
from backend.boards.models import Coordinator, JuntaVecinal
from backend.boards.queries import junta_for, member_for, unit_of_juntas
from backend.db import db
from backend.errors import Conflict, InvalidInput, NotFound, status_of
from backend.qr_codes import qr_path

PAGE = "/junta"


@blueprint.route("/padron/integrantes/<uuid:member_id>/acceso", methods=["GET", "POST"])
def enrol_coordinator(member_id: UUID) -> Any:
    """The code that the coordinator's phone reads, once: in this answer and nowhere else."""
    parts, staff, now = parts_of(), current_staff(), clock.now()
    if request.method == "GET":
        return redirect(junta_address(member_for(staff, member_id).junta_id), 303)
    try:
        made = boards.start_enrolment(parts.settings.keys, parts.catalog, staff, member_id, now)
    except Conflict as problem:
        flash(problem.detail, "error")
        return redirect(junta_address(member_for(current_staff(), member_id).junta_id), 303)
    return _enrolment_page(member_id, made)


@blueprint.get("/padron/accesos/<uuid:coordinator_id>")
def enrolment_state(coordinator_id: UUID) -> str:
    """Whether the phone has done it, for the page that waits."""
    access = _access(coordinator_id)
    return render_template("padron/_enrolment.html", access=_line(access))


@blueprint.post("/padron/accesos/<uuid:coordinator_id>/quitar")
def revoke_coordinator(coordinator_id: UUID) -> Any:
    """End an access at once."""
    junta_id = _access(coordinator_id).junta_id
    try:
        boards.revoke(
            parts_of().catalog,
            current_staff(),
            coordinator_id,
            reason=request.form.get("motivo", ""),
            now=clock.now(),
        )
    except (InvalidInput, Conflict) as problem:
        return render_junta(junta_id, problem, f"quitar-{coordinator_id}"), status_of(problem)
    flash(_("El acceso quedó quitado: el teléfono ya no entra."), "success")
    return redirect(junta_address(junta_id), 303)


def _access(coordinator_id: UUID) -> Coordinator:
    """An access of the own unit; any other raises `NotFound`."""
    query = (
        select(Coordinator)
        .join(JuntaVecinal, JuntaVecinal.id == Coordinator.junta_id)
        .where(Coordinator.id == coordinator_id)
        .where(JuntaVecinal.unit_id == unit_of_juntas(current_staff()))
    )
    access: Coordinator | None = db.session.scalar(query)
    if access is None:
        raise NotFound(_("No encontramos ese acceso en su comisaría."))
    return access


def _line(access: Coordinator) -> AccessLine:
    now = clock.now()
    rows = boards.access_of(access.junta_id, now)
    [row] = [one for one in rows if one.coordinator.id == access.id]
    return access_line(row, parts_of().catalog.juntas, now)


def _enrolment_page(member_id: UUID, made: Enrolment) -> Response:
    member = member_for(current_staff(), member_id)
    [latest, *_others] = boards.access_of(member.junta_id, clock.now())
    address = f"{parts_of().settings.public_url}{PAGE}"
    page = render_template(
        "padron/enrol.html",
        junta=junta_for(current_staff(), member.junta_id),
        member=member,
        access=_line(latest.coordinator),
        until=f"{clock.in_lima(made.until):%H:%M}",
        address=address,
        groups=made.token.split("-"),
        qr=_qr(f"{address}#codigo=", made.token),
    )
    return Response(page, headers={"Cache-Control": "no-store, private", "Pragma": "no-cache"})


def _qr(address: str, code: str) -> Markup:
    path, size = qr_path(address, code, border=4)
    words = _("Código QR con el mismo código que está escrito debajo")
    return Markup(
        '<svg class="qr qr-acceso" xmlns="http://www.w3.org/2000/svg" role="img" '
        'aria-label="{}" viewBox="0 0 {} {}"><path d="{}"/></svg>'
    ).format(words, size, size, path)
