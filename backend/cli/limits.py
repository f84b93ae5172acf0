"""`flask limits …`: the emergency switch that lifts the limits per phone."""

import click
from flask.cli import AppGroup

from backend import clock, switches
from backend.db import transaction

group = AppGroup("limits", help="Limits on what one phone may send.")


@group.command("lift")
def lift() -> None:
    """Lift the limits per phone, as after an earthquake."""
    _turn(True)
    click.echo("Limits per phone are lifted on every process within 10 seconds.")


@group.command("restore")
def restore() -> None:
    """Put the limits per phone back."""
    _turn(False)
    click.echo("Limits per phone apply again within 10 seconds.")


@group.command("status")
def status() -> None:
    """Say whether the limits apply."""
    click.echo("lifted" if switches.is_on(switches.LIMITS_LIFTED) else "in force")


def _turn(on: bool) -> None:
    with transaction():
        switches.turn(switches.LIMITS_LIFTED, on, clock.now())
