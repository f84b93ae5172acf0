"""`POST /dispositivos`: a credential for one installation, which no table remembers."""

import secrets
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from mobile_api import limits
from mobile_api.access import new_device_token
from mobile_api.spec import problems

blueprint = Blueprint(
    "dispositivos", __name__, url_prefix="/api/v1", description="Credencial de una instalación"
)


class CredencialSchema(Schema):
    token = fields.Str(required=True, metadata={"description": "Para `Authorization: Bearer`."})


@blueprint.route("/dispositivos", methods=["POST"])
@blueprint.response(201, CredencialSchema)
@problems()
@limits.limiter.limit(limits.PER_ADDRESS_NEW_PHONES, exempt_when=limits.limits_are_lifted)
def create() -> dict[str, Any]:
    """Registrar esta instalación.

    La credencial sirve solo para límites y para no duplicar envíos: ningún reporte anónimo
    guarda relación con ella.
    """
    return {"token": new_device_token(secrets.token_urlsafe(16))}
