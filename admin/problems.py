"""Errors of the panel as pages in Spanish, from the same tree as the public API's."""

from typing import Any

import structlog
from flask import request
from sqlalchemy.exc import DataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from admin.blueprint import blueprint
from admin.refusals import error_page
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


@blueprint.errorhandler(DataError)
def refuse_unreadable(error: DataError) -> Any:
    """The one sign that PostgreSQL keeps in no text; a broken copy may bring it, no keyboard."""
    if not any("\x00" in words for sent in (request.args, request.form) for words in _all(sent)):
        return apologise(error)
    return error_page(
        400,
        "Hay un signo que no se puede leer",
        "Vuelva atrás, borre lo que pegó en ese campo y escríbalo a mano.",
    )


def _all(sent: MultiDict[str, str]) -> list[str]:
    return [words for _, values in sent.lists() for words in values]


@blueprint.errorhandler(Exception)
def apologise(error: Exception) -> Any:
    """A bug of ours: its kind and places go to the log."""
    log.error("panel.failed", endpoint=request.endpoint, **whereabouts(error))
    return error_page(
        500, "Algo falló de nuestro lado", "Actualice la página. Si sigue, avise al administrador."
    )
