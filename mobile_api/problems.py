"""Errors of the public edge, as `application/problem+json` or as a page."""

import json
from typing import Any

import structlog
from flask import Flask, Response, render_template, request
from flask_limiter.errors import RateLimitExceeded
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from backend import errors
from backend.errors import FieldError, YoAlertoError, status_of, whereabouts
from mobile_api.limits import too_many

log = structlog.get_logger()

# For what Flask and Werkzeug refuse themselves.
DETAIL: dict[int, tuple[str, str]] = {
    400: ("No entendimos el envío", "Revisa los datos y vuelve a intentarlo."),
    404: ("No se encontró", "Esa dirección no existe. Vuelve al inicio."),
    405: ("No se puede", "Esa dirección no acepta esta forma de envío."),
    413: ("Demasiado grande", "El envío es demasiado grande: hasta 4 fotos de 25 MB cada una."),
    415: ("No entendimos el envío", "Envía los datos como JSON o como formulario."),
    422: ("Hay datos por corregir", "Revisa los datos marcados."),
}
BROKEN = (
    "Algo falló de nuestro lado",
    "Tu envío no se perdió en tu teléfono: vuelve a intentarlo. Si es urgente, llama al 105.",
)


def register(app: Flask) -> None:
    """Handle every error of the application."""
    app.register_error_handler(YoAlertoError, _handle_ours)
    app.register_error_handler(ValidationError, _handle_validation)
    app.register_error_handler(RateLimitExceeded, _handle_limit)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(Exception, _handle_bug)


def problem(
    status: int, title: str, detail: str, fields: tuple[FieldError, ...] = ()
) -> tuple[Response, int]:
    """RFC 9457 for the API, a page with the way back for everything else."""
    if not request.path.startswith("/api/"):
        page = render_template("error.html", title=title, detail=detail)
        return Response(page, mimetype="text/html"), status
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if fields:
        body["errores"] = [{"campo": one.field, "mensaje": one.message} for one in fields]
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, mimetype="application/problem+json"), status


def field_errors(messages: Any, path: str = "") -> tuple[FieldError, ...]:
    """Marshmallow's nested messages as flat fields: `lugar.lat`."""
    if isinstance(messages, dict):
        return tuple(
            found
            for key, value in messages.items()
            for found in field_errors(value, _joined(path, str(key)))
        )
    if isinstance(messages, (list, tuple)):
        return tuple(FieldError(path or "datos", str(message)) for message in messages)
    return (FieldError(path or "datos", str(messages)),)


def _joined(path: str, key: str) -> str:
    # The location that webargs adds, and marshmallow's name for the whole schema.
    if not path and key in ("json", "query", "_schema"):
        return ""
    return path if key == "_schema" else f"{path}.{key}".lstrip(".")


def _handle_ours(error: YoAlertoError) -> tuple[Response, int]:
    response, status = problem(status_of(error), error.title, error.detail, error.errors)
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response, status


def _handle_validation(error: ValidationError) -> tuple[Response, int]:
    title, detail = DETAIL[422]
    return problem(422, title, detail, field_errors(error.messages))


def _handle_limit(_: RateLimitExceeded) -> tuple[Response, int]:
    return _handle_ours(too_many())


def _handle_http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error  # a redirect
    title, detail = DETAIL.get(status, BROKEN if status >= 500 else DETAIL[400])
    data = getattr(error, "data", None) or {}
    response, _ = problem(status, title, detail, field_errors(data.get("messages", ())))
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"
    for name, value in error.get_headers():
        if name in ("Allow", "WWW-Authenticate"):
            response.headers[name] = value
    return response, status


def _handle_bug(error: Exception) -> tuple[Response, int]:
    log.error("request.failed", endpoint=request.endpoint, **whereabouts(error))
    return problem(500, *BROKEN)
