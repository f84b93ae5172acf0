"""Composes the web application; gunicorn (`wsgi:create_app()`) and `flask` load it from here."""

import os
import sys

from flask import Flask

import admin
import mobile_api
from backend import app as base
from backend.errors import ConfigurationError
from backend.settings import Settings, load_settings


def compose(settings: Settings) -> Flask:
    """The whole web: public API, citizen's pages, and panel, on one base application."""
    app = base.create_app(settings)
    mobile_api.register(app)
    admin.register(app)
    return app


def create_app() -> Flask:
    """The web for this environment; ends the process naming every wrong setting at once."""
    try:
        return compose(load_settings(os.environ))
    except ConfigurationError as error:
        sys.exit("Yo Alerto does not start:\n" + "\n".join(f" - {p}" for p in error.problems))
