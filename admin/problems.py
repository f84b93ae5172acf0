"""Errors of the panel as pages in Spanish, from the same tree as the public API's."""

from typing import Any

import structlog
from flask import request
from werkzeug.exceptions import HTTPException

from admin.access import error_page
from admin.blueprint import blueprint
from backend.errors import YoAlertoError, status_of, whereabouts

log = structlog.get_logger()


def field_messages(error: YoAlertoError) -> dict[str, str]:
    """The first message of each wrong field, to stand beside it."""
    messages: dict[str, str] = {}
    for one in error.errors:
        messages.setdefault(one.field, one.message)
    return messages


@blueprint.errorhandler(YoAlertoError)
def refuse(error: YoAlertoError) -> Any:
    """What we refuse ourselves, with the reason."""
    return error_page(status_of(error), error.title, error.detail)


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> Any:
    """What Flask refuses."""
    status = error.code or 500
    if status < 400:
        return error
    return error_page(status, "No se pudo", "Vuelva atrás y revise lo que envió.")


@blueprint.errorhandler(Exception)
def apologise(error: Exception) -> Any:
    """A bug of ours: its kind and places go to the log."""
    log.error("panel.failed", endpoint=request.endpoint, **whereabouts(error))
    return error_page(
        500, "Algo falló de nuestro lado", "Actualice la página. Si sigue, avise al administrador."
    )
