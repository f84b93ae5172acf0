"""Builds the base Flask application of web, workers and CLI; `wsgi` and `workers` call it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app
from flask_migrate import Migrate

from backend import cli
from backend.catalog.services import load_catalog
from backend.db import db
from backend.media.storage_client import storage_from_url
from backend.parts import Parts
from backend.queue import Doorbell
from backend.settings import Settings, load_settings

STATIC_PREFIX = "/static/"


def create_app(settings: Settings) -> Flask:
    """An application with settings, database, catalogue, storage and CLI, but no pages."""
    _configure_logs()
    app = Flask("yo_alerto", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        YA_DEMO=settings.demo,
    )
    app.extensions["yo_alerto"] = Parts(
        settings, load_catalog(), storage_from_url(settings.media_url), Doorbell(settings.redis_url)
    )
    db.init_app(app)
    Migrate(app, db)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["asset_styles"] = asset_styles
    app.after_request(_add_security_headers)
    cli.register(app)
    return app


def create_app_from(environ: Mapping[str, str]) -> Flask:
    """The base application for an environment; raises `ConfigurationError`."""
    return create_app(load_settings(environ))


def parts_of(app: Flask | None = None) -> Parts:
    """The parts of an application, by default the running one; for edges and CLI."""
    return cast(Parts, (app or current_app).extensions["yo_alerto"])


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
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if parts_of().settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.setdefault("Cache-Control", "no-store")
    return response


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
