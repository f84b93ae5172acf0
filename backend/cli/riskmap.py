"""`flask riskmap …`: making the risk maps anew."""

import click
from flask import current_app
from flask.cli import AppGroup

from backend import clock
from backend.parts import Parts
from backend.riskmap import services as riskmap

group = AppGroup("riskmap", help="The risk maps.")


@group.command("rebuild")
def rebuild() -> None:
    """Count every verified report again; needed after units or categories changed."""
    parts: Parts = current_app.extensions["yo_alerto"]
    click.echo(f"{riskmap.rebuild(parts.catalog)} facts counted.")


@group.command("publish")
def publish() -> None:
    """Renew the citizens' map, at most once an hour, as the scheduler does."""
    done = riskmap.publish_public_layer(clock.now())
    click.echo("Published." if done else "The published map is less than an hour old: kept.")
