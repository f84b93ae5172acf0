"""The switch that lifts the limits per phone after a disaster; for administrators."""

from typing import Any

from flask import redirect, render_template, url_for

from admin.access import current_staff
from admin.blueprint import blueprint
from backend import clock, switches
from backend.db import transaction
from backend.identity.services import audit


@blueprint.get("/limites")
def limits() -> str:
    """Whether the limits per phone apply, and the button that changes it."""
    switches.forget()
    return render_template("limits/switch.html", lifted=switches.is_on(switches.LIMITS_LIFTED))


@blueprint.post("/limites/levantar")
def lift_limits() -> Any:
    """Let every phone send as much as it wants."""
    return _turn(True, "limits_lifted")


@blueprint.post("/limites/reponer")
def restore_limits() -> Any:
    """Put the limits back."""
    return _turn(False, "limits_restored")


def _turn(on: bool, action: str) -> Any:
    with transaction():
        switches.turn(switches.LIMITS_LIFTED, on, clock.now())
        audit(current_staff().id, action)
    return redirect(url_for("panel.limits"), 303)
