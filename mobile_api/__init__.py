"""The public HTTP edge: the app's API, uploads, tracking, risk tiles and the citizen's pages."""

from flask import Flask

from mobile_api import (
    access,
    alertas,
    ampliaciones,
    asuntos,
    caso,
    constancia,
    denuncias,
    dispositivos,
    docs,
    junta,
    junta_informes,
    limits,
    lugares,
    pages,
    problems,
    riesgo,
    seguimiento,
)
from mobile_api.salud import blueprint as salud
from mobile_api.spec import ProblemApi
from mobile_api.uploads import SealingRequest, discard_unfinished

# What is not a report with photos fits into this.
MAX_BODY_BYTES = 64 * 1024


def register(app: Flask) -> None:
    """Add the public edge to the application."""
    app.request_class = SealingRequest
    app.teardown_request(discard_unfinished)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        # Werkzeug's parser counts its 64 KiB chunk and what it holds back against this, too:
        # as small as a chunk, every photo would be refused.
        MAX_FORM_MEMORY_SIZE=4 * MAX_BODY_BYTES,
        MAX_FORM_PARTS=20,
    )
    problems.register(app)
    limits.register(app)
    access.register(app)
    api = ProblemApi(app)
    for module in (
        dispositivos,
        lugares,
        asuntos,
        riesgo,
        alertas,
        denuncias,
        seguimiento,
        caso,
        ampliaciones,
        constancia,
        junta,
        junta_informes,
    ):
        api.register_blueprint(module.blueprint)
    app.extensions["yo_alerto_api"] = api
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(constancia.pages)
    app.register_blueprint(salud)
