"""Where staff land after signing in, and what they see of their own account."""

from typing import Any

from flask import redirect, render_template, url_for

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.menu import menu_for
from backend.errors import NotFound
from backend.identity.models import RoleName

ROLE_LABELS = {
    RoleName.OPERADOR: "Operador de guardia",
    RoleName.COMISARIO: "Comisario",
    RoleName.JEFE_SECTOR: "Jefe de sector",
    RoleName.SUPERVISOR: "Supervisor",
    RoleName.ANALISTA: "Analista",
    RoleName.SECRETARIA_TECNICA: "Secretaría técnica",
    RoleName.ADMINISTRADOR: "Administrador",
    RoleName.AUDITOR: "Auditor",
    RoleName.PARTICIPACION_CIUDADANA: "Participación ciudadana",
    RoleName.CARGADOR_PADRON: "Cargador de padrones",
}
# What whoever gives a role should know about it.
ROLE_HINTS = {
    RoleName.PARTICIPACION_CIUDADANA: (
        "Lleva el padrón de las juntas vecinales de su comisaría. Solo dos cuentas por comisaría "
        "leen nombres; cada lectura queda registrada."
    ),
    RoleName.CARGADOR_PADRON: (
        "Carga archivos de padrón para su unidad y las que dependen de ella, y no lee ninguno."
    ),
}


@blueprint.get("/")
def home() -> Any:
    """The first page that this member of staff may open."""
    staff = current_staff()
    if staff.mf_recovery_codes is None:
        return redirect(url_for("security.mf_recovery_codes"), 303)
    return redirect(url_for(menu_for(staff)[0].endpoint), 303)


@blueprint.get("/mi-cuenta")
def account() -> str:
    """One's own account: unit, roles, password, second factor, recovery codes."""
    return render_template("panel/account.html", staff=current_staff())


@blueprint.route("/<path:rest>", methods=["GET", "POST"])
def nowhere(rest: str) -> Any:
    """Any other address under /panel, so that the refusal looks like the panel."""
    raise NotFound("Esa dirección no existe. Vuelva al inicio del panel.")


@blueprint.app_template_filter("role_label")
def role_label(name: str) -> str:
    """What a role is called on screen."""
    return ROLE_LABELS[RoleName(name)]


@blueprint.app_template_filter("role_hint")
def role_hint(name: str) -> str:
    """What to know before giving a role; most say it by their name."""
    return ROLE_HINTS.get(RoleName(name), "")
