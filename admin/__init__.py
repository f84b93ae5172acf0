"""The staff edge: the panel, rendered on the server."""

from typing import Any

from flask import Flask

from admin import (
    access,
    audit,
    case_acts,
    cases,
    channels,
    coordinators,
    deliveries,
    desk,
    emergency,
    formal_acts,
    home,
    indicators,
    limits,
    mapa,
    menu,
    openings,
    padron,
    padron_area,
    padron_exports,
    padron_imports,
    padron_members,
    problems,
    queja_desks,
    review,
    sessions,
    staff,
    units,
)
from admin.blueprint import blueprint

# Imported for the views that they hang on the blueprint.
PAGES = (
    audit,
    case_acts,
    cases,
    channels,
    coordinators,
    deliveries,
    desk,
    emergency,
    formal_acts,
    home,
    indicators,
    mapa,
    openings,
    padron,
    padron_area,
    padron_exports,
    padron_imports,
    padron_members,
    problems,
    queja_desks,
    review,
    staff,
    units,
)


def register(app: Flask) -> None:
    """Add the panel to the application."""
    limits.register(app)
    access.register(app)
    # Before Flask-Security's, so that our templates are found first.
    app.register_blueprint(blueprint)
    sessions.register(app)
    limits.leave_to_the_panel(app, ("panel", "security"))
    app.jinja_env.globals["panel_menu"] = _menu
    app.jinja_env.globals["panel_staff"] = _staff


def _menu() -> list[menu.MenuEntry]:
    return menu.menu_for(access.current_staff()) if access.is_signed_in() else []


def _staff() -> Any:
    return access.current_staff() if access.is_signed_in() else None
