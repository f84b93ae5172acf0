"""The pages that the menu offers, in order; whoever may not open one is not offered it."""

from dataclasses import dataclass

from flask import current_app

from admin.access import may_open
from backend.identity.models import Staff


@dataclass(frozen=True)
class MenuEntry:
    """A page that the menu offers to those who may open it."""

    endpoint: str
    label: str
    # Another page that leads there, too: whoever may open that one needs no second entry.
    unless: str = ""


MENU = (
    MenuEntry("panel.desk", "Mesa"),
    MenuEntry("panel.review", "Revisión"),
    MenuEntry("panel.deliveries", "Envíos fallidos"),
    MenuEntry("panel.risk_map", "Mapa de riesgo"),
    MenuEntry("panel.indicators", "Juntas: resultados"),
    MenuEntry("panel.padron", "Padrón"),
    MenuEntry("panel.padron_imports", "Cargar padrón", unless="panel.padron"),
    MenuEntry("panel.staff", "Cuentas"),
    MenuEntry("panel.channels", "Canales"),
    MenuEntry("panel.queja_desks", "Mesas de quejas"),
    MenuEntry("panel.limits", "Límites"),
    MenuEntry("panel.audit", "Auditoría"),
    MenuEntry("panel.openings", "Identidades abiertas"),
    MenuEntry("panel.account", "Mi cuenta"),
)


def menu_for(staff: Staff) -> list[MenuEntry]:
    """The pages that exist and that this member of staff may open, in order."""
    return [
        entry
        for entry in MENU
        if entry.endpoint in current_app.view_functions
        and may_open(staff, entry.endpoint)
        and not (entry.unless and may_open(staff, entry.unless))
    ]
