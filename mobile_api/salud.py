"""`/salud` (the process lives) and `/listo` (it can take reports)."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.app import parts_of
from backend.db import db
from mobile_api import limits

blueprint = Blueprint("salud", __name__)

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@blueprint.route("/salud")
@limits.limiter.exempt
def alive() -> Response:
    """Answers without touching anything."""
    return jsonify(estado="vivo")


@blueprint.route("/listo")
@limits.limiter.exempt
def ready() -> tuple[Response, int]:
    """Whether reports can be taken: the database decides; Redis away is only mentioned."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        revision = None
    is_ready = revision is not None and revision == newest_revision()
    body = {
        "estado": "listo" if is_ready else _why_not(revision),
        "esquema": revision,
        "redis": parts_of().doorbell.is_reachable(),
    }
    return jsonify(body), 200 if is_ready else 503


@cache
def newest_revision() -> str | None:
    """The schema that this code was written for."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _why_not(revision: str | None) -> str:
    return "faltan migraciones" if revision else "sin base de datos"
