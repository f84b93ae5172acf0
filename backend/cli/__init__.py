"""The commands of `flask …`; each module holds one group."""

from flask import Flask

from backend.cli import keys, limits, riskmap, staff, territory


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    for group in (keys.group, limits.group, riskmap.group, staff.group, territory.group):
        app.cli.add_command(group)
