"""The staff edge: the panel, rendered on the server."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the panel to the application."""
