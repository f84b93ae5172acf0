"""The OpenAPI description and its readable pages, and how flask-smorest is set up for both."""

from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

PROBLEM_JSON = "application/problem+json"


class FieldProblemSchema(Schema):
    """One field to correct."""

    campo = fields.Str(required=True, metadata={"example": "lugar.lat"})
    mensaje = fields.Str(required=True)


class ProblemSchema(Schema):
    """RFC 9457, in Spanish."""

    type = fields.Str(required=True)
    title = fields.Str(required=True)
    status = fields.Int(required=True)
    detail = fields.Str(required=True, metadata={"description": "Qué pasó y qué hacer."})
    errores = fields.List(fields.Nested(FieldProblemSchema))


class ComisariaSchema(Schema):
    """A unit of the police, as a citizen needs it."""

    nombre = fields.Str(required=True)
    telefono = fields.Str(required=True, allow_none=True)


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest with our errors instead of its own."""

    ERROR_SCHEMA = ProblemSchema
    # Each call names its problems: a catch-all would describe any answer, and so none.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE="Yo Alerto",
            API_VERSION="v1",
            OPENAPI_VERSION="3.0.3",
            OPENAPI_URL_PREFIX="/api",
            OPENAPI_JSON_PATH="v1/openapi.json",
            API_SPEC_OPTIONS={
                "info": {
                    "description": "Avisar a la policía, seguir un reporte y ver el riesgo. "
                    "Las horas llevan zona (RFC 3339) y las coordenadas son WGS84."
                },
                "components": {
                    "securitySchemes": {
                        "dispositivo": {
                            "type": "http",
                            "scheme": "bearer",
                            "description": "El `token` de `POST /dispositivos`.",
                        },
                        "acceso": {
                            "type": "http",
                            "scheme": "bearer",
                            "description": "El `acceso` de `POST /seguimiento`, por 30 minutos.",
                        },
                        "junta": {
                            "type": "http",
                            "scheme": "bearer",
                            "description": "El `acceso` de `POST /junta/sesion`, por 30 minutos.",
                        },
                    }
                },
            },
        )
        super().__init__(app)

    def _register_error_handlers(self) -> None:
        """Errors are `mobile_api.problems`' work."""


def problems(*statuses: int) -> Any:
    """Document the problems that a call may answer with, besides its success."""

    def document(view: Any) -> Any:
        for status in (*statuses, 429, 500):
            view = _ANYWHERE.alt_response(status, schema=ProblemSchema, content_type=PROBLEM_JSON)(
                view
            )
        return view

    return document


_ANYWHERE = Blueprint("undocumented", __name__)
