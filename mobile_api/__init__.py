"""The public HTTP edge: the app's API, uploads, tracking, risk tiles and the citizen's pages."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the public edge to the application."""
