"""Builds the base Flask application of web, workers and CLI; `wsgi` and `workers` call it."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast
from wsgiref.headers import Headers

import structlog
from flask import Flask, Response, current_app
from flask_babel import Babel
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from backend import cli, clock
from backend.catalog.services import load_catalog
from backend.db import VAULT, VAULT_POOL, db
from backend.media.storage_client import storage_from_url
from backend.parts import Parts
from backend.queue import Doorbell
from backend.settings import Settings, load_settings

STATIC_PREFIX = "/static/"
# Vite writes a hash of the content into these names, so that they never change.
HASHED_FILE = re.compile(r"^/static/assets/")
STATIC_SECONDS = 3600


def create_app(settings: Settings) -> Flask:
    """An application with settings, database, catalogue, storage and CLI, but no pages."""
    _configure_logs()
    app = Flask("yo_alerto", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_BINDS={VAULT: {"url": settings.vault_url, **VAULT_POOL}},
        YA_DEMO=settings.demo,
    )
    app.extensions["yo_alerto"] = Parts(
        settings, load_catalog(), storage_from_url(settings.media_url), Doorbell(settings.redis_url)
    )
    db.init_app(app)
    Migrate(app, db)
    Babel(app, default_locale="es", default_timezone=str(clock.LIMA))
    app.jinja_env.filters["fecha_hora"] = date_and_time_words
    # What pages carry for their scripts is most of a first visit: no blank and no \uXXXX in it.
    app.jinja_env.policies["json.dumps_kwargs"] = {
        "sort_keys": True,
        "ensure_ascii": False,
        "separators": (",", ":"),
    }
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["asset_styles"] = asset_styles
    app.after_request(_add_security_headers)
    cli.register(app)
    _wrap_wsgi(app, settings)
    return app


def create_app_from(environ: Mapping[str, str]) -> Flask:
    """The base application for an environment; raises `ConfigurationError`."""
    return create_app(load_settings(environ))


def parts_of(app: Flask | None = None) -> Parts:
    """The parts of an application, by default the running one; for edges and CLI."""
    return cast(Parts, (app or current_app).extensions["yo_alerto"])


def date_and_time_words(instant: datetime) -> str:
    """`21/11/2026 15:30`, Lima's clock."""
    return clock.in_lima(instant).strftime("%d/%m/%Y %H:%M")


def asset(entry: str) -> str:
    """The address of a built front-end file, by the name of its source (`src/…/main.ts`)."""
    return STATIC_PREFIX + str(_manifest()[entry]["file"])


def asset_styles(entry: str) -> list[str]:
    """The addresses of the style sheets that an entry needs, its imports' first."""
    manifest = _manifest()
    chunk = manifest[entry]
    imported = [style for name in chunk.get("imports", []) for style in asset_styles(name)]
    own = [STATIC_PREFIX + str(name) for name in chunk.get("css", [])]
    return [*imported, *(style for style in own if style not in imported)]


# One policy for every page: nothing inline, nothing from elsewhere. Photos that a page shows
# before sending and pictures fetched with a token are blobs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def _add_security_headers(response: Response) -> Response:
    response.headers.update(_security_headers(parts_of().settings.is_https))
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _security_headers(is_https: bool) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _wrap_wsgi(app: Flask, settings: Settings) -> None:
    """Serve built files before Flask is asked; believe as many proxies as there are."""

    def protect(headers: Headers, path: str, url: str) -> None:
        # A picture opened alone is a document of its own, and an SVG may carry scripts. The
        # policy of a worker is the one that its own file came with.
        for name, value in _security_headers(settings.is_https).items():
            headers[name] = value

    if settings.static_folder.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(settings.static_folder),
            prefix=STATIC_PREFIX,
            max_age=STATIC_SECONDS,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: HASHED_FILE.match(url) is not None,
            add_headers_function=protect,
        )
    if settings.trusted_hops:
        hops = settings.trusted_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def _manifest() -> dict[str, Any]:
    return _read_manifest(str(parts_of().settings.static_folder / ".vite" / "manifest.json"))


@cache
def _read_manifest(path: str) -> dict[str, Any]:
    with open(path) as file:  # noqa: PTH123  # the cache wants a hashable, plain argument
        return cast(dict[str, Any], json.load(file))


def _configure_logs() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
