"""Accounts of the panel: who works with it, in which unit and roles; for administrators."""

from typing import Any

from flask import redirect, render_template, request, url_for

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.problems import field_messages
from admin.units import unit_id_typed, unit_label
from backend import clock
from backend.errors import YoAlertoError, status_of
from backend.identity import services as identity
from backend.identity.models import RoleName, Staff
from backend.identity.queries import PAGE_ROWS, staff_by_id, staff_page
from backend.identity.seats import readers_of
from backend.reports.queries import desks_without_staff


@blueprint.get("/cuentas")
def staff() -> str:
    """The accounts, a page at a time."""
    words = request.args.get("buscar", "").strip()
    rows = staff_page(words, request.args.get("despues", ""))
    following = rows[-1].username if len(rows) == PAGE_ROWS else None
    return render_template(
        "staff/list.html",
        rows=rows,
        words=words,
        following=following,
        unattended=desks_without_staff(),
    )


@blueprint.get("/cuentas/nueva")
def new_staff() -> Any:
    """An empty form for another account."""
    return _form(None, {"roles": []})


@blueprint.post("/cuentas")
def create_staff() -> Any:
    """Create an account; its one-time password is on the answer and nowhere else."""
    typed = _typed()
    try:
        password = identity.create_staff(
            typed["username"],
            typed["display_name"],
            roles=typed["roles"],
            unit_id=unit_id_typed(typed["unidad"]),
            by=current_staff().id,
            now=clock.now(),
        )
    except YoAlertoError as problem:
        return _form(None, typed, problem)
    return _one_time_password(typed["username"].strip().lower(), password, 201)


@blueprint.get("/cuentas/<int:staff_id>")
def staff_member(staff_id: int) -> Any:
    """One account with what can be done about it."""
    member = staff_by_id(staff_id)
    written = {
        "roles": [role.name for role in member.roles],
        "unidad": unit_label(member.unit) if member.unit else "",
    }
    return _form(member, written)


@blueprint.post("/cuentas/<int:staff_id>")
def change_staff(staff_id: int) -> Any:
    """Other roles or another unit, in force at the next request."""
    member, typed = staff_by_id(staff_id), _typed()
    try:
        identity.change_roles(
            member.username,
            roles=typed["roles"],
            unit_id=unit_id_typed(typed["unidad"]),
            by=current_staff().id,
        )
    except YoAlertoError as problem:
        return _form(member, typed, problem)
    return redirect(url_for("panel.staff_member", staff_id=staff_id, hecho="cambio"), 303)


@blueprint.post("/cuentas/<int:staff_id>/desactivar")
def disable_staff(staff_id: int) -> Any:
    """End somebody's access at once."""
    username = staff_by_id(staff_id).username
    identity.disable(username, by=current_staff().id, now=clock.now())
    return redirect(url_for("panel.staff_member", staff_id=staff_id, hecho="desactivada"), 303)


@blueprint.post("/cuentas/<int:staff_id>/restablecer")
def reset_staff(staff_id: int) -> Any:
    """Forget password and second factor; the new one-time password is on the answer."""
    username = staff_by_id(staff_id).username
    password = identity.reset_second_factor(username, by=current_staff().id, now=clock.now())
    return _one_time_password(username, password, 200)


def _typed() -> dict[str, Any]:
    form = request.form
    names = ("username", "display_name", "unidad")
    return {**{name: form.get(name, "") for name in names}, "roles": form.getlist("roles")}


def _form(
    member: Staff | None, written: dict[str, Any], problem: YoAlertoError | None = None
) -> Any:
    """The form of one account, again with what was typed and each problem at its field."""
    page = render_template(
        "staff/member.html",
        member=member,
        written=written,
        roles=list(RoleName),
        readers=_readers(member),
        errors=field_messages(problem) if problem else {},
        detail=problem.detail if problem else None,
        done=request.args.get("hecho"),
    )
    return page, status_of(problem) if problem else 200


def _readers(member: Staff | None) -> list[str]:
    """Who reads the roster of the account's unit: two at most, so that giving it is a choice."""
    if member is None or member.unit_id is None:
        return []
    return list(readers_of(member.unit_id).values())


def _one_time_password(username: str, password: str, status: int) -> Any:
    return render_template("staff/password.html", username=username, password=password), status
