"""The commands of `flask …`; each module holds one group."""

from flask import Flask

from backend.cli import demo, keys, limits, riskmap, staff, territory


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    for module in (demo, keys, limits, riskmap, staff, territory):
        app.cli.add_command(module.group)
