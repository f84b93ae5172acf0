"""`/salud` (the process lives) and `/listo` (it can take reports)."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.app import parts_of
from backend.db import db
from mobile_api import limits

blueprint = Blueprint("salud", __name__)


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
    body = {
        "estado": "listo" if revision else "sin base de datos",
        "esquema": revision,
        "redis": parts_of().doorbell.is_reachable(),
    }
    return jsonify(body), 200 if revision else 503
