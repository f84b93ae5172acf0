"""The area of a junta: drawn on a map, written corner by corner, or taken from a file."""

import json
import re
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.padron_map import map_of
from admin.padron_view import junta_address
from admin.problems import field_messages
from backend import clock
from backend.boards import services as boards
from backend.boards.areas import MAX_TEXT
from backend.boards.models import AreaSource
from backend.boards.queries import junta_for
from backend.errors import Conflict, InvalidInput, YoAlertoError, status_of, wrong_field

FEWEST = 3
SEPARATORS = re.compile(r"[,;\s]+")


@blueprint.get("/padron/juntas/<uuid:junta_id>/area")
def area_form(junta_id: UUID) -> Any:
    """The map with the area as it is, to be drawn anew."""
    return _form(junta_id)


@blueprint.post("/padron/juntas/<uuid:junta_id>/area")
def set_area(junta_id: UUID) -> Any:
    """Keep what was drawn, written or sent as a file."""
    typed = request.form.get("area", "")
    try:
        file = _file()
        source = AreaSource.IMPORTED if file or _is_geojson(typed) else AreaSource.DRAWN
        boards.set_area(current_staff(), junta_id, geojson_of(file or typed), source, clock.now())
    except (InvalidInput, Conflict) as problem:
        return _form(junta_id, typed, problem)
    flash(_("El área quedó guardada."), "success")
    return redirect(junta_address(junta_id), 303)


def geojson_of(text: str) -> str:
    """What was typed as GeoJSON: as it is, or corners (latitude, longitude).

    A corner on each line, or several with semicolons between them, as in a roster's file.
    """
    if _is_geojson(text):
        return text
    corners = [_corner(one) for line in text.splitlines() for one in _apart(line) if one.strip()]
    if corners and corners[0] == corners[-1]:
        corners = corners[:-1]
    if len(corners) < FEWEST:
        raise wrong_field("area", _("El área necesita por lo menos tres esquinas."))
    return json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]})


def _apart(line: str) -> list[str]:
    # One semicolon may stand inside a corner.
    pieces = line.split(";")
    return pieces if len(pieces) > 2 else [line]


def _corner(line: str) -> tuple[float, float]:
    try:
        lat, lon = (float(number) for number in SEPARATORS.split(line.strip()))
    except ValueError:
        message = _("Escriba en cada línea latitud y longitud, como -12.046400, -77.042800.")
        raise wrong_field("area", message) from None
    return lon, lat


def _is_geojson(text: str) -> bool:
    return text.lstrip().startswith("{")


def _file() -> str:
    sent = request.files.get("archivo")
    if sent is None or not sent.filename:
        return ""
    content = sent.stream.read(MAX_TEXT + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if len(content) > MAX_TEXT or not _is_geojson(text):
        raise wrong_field("area", _("El archivo no es GeoJSON, o es muy grande. Elija otro."))
    return text


def _form(junta_id: UUID, typed: str | None = None, problem: YoAlertoError | None = None) -> Any:
    junta = junta_for(current_staff(), junta_id)
    drawn = map_of(junta)
    page = render_template(
        "padron/area.html",
        junta=junta,
        map=drawn,
        text=(drawn.area or "") if typed is None else typed,
        problem=problem,
        errors=field_messages(problem) if problem else {},
    )
    return page, status_of(problem) if problem else 200
