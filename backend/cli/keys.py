"""`flask keys …`: making and rotating the key ring."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.crypto import PURPOSES, KeyRing
from backend.db import transaction
from backend.media.services import rewrap_some
from backend.parts import Parts

BATCH = 500

group = AppGroup("keys", help="Secret keys of this installation.")


@group.command("create", with_appcontext=False)
@click.argument("path", type=click.Path(path_type=Path))
def create(path: Path) -> None:
    """Write a fresh key ring to PATH; refuses to overwrite one."""
    if path.exists():
        raise click.ClickException(f"{path} exists: keys are never overwritten")
    KeyRing.generate().save(path)
    click.echo(f"Keys written to {path}. Back them up apart from the database.")


@group.command("rotate", with_appcontext=False)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.argument("purpose", type=click.Choice(PURPOSES))
def rotate(path: Path, purpose: str) -> None:
    """Add a fresh current key for PURPOSE to the ring at PATH; old ones stay readable."""
    ring = KeyRing.load(path)
    known = next(name for name in PURPOSES if name == purpose)
    ring.rotated(known).save(path)
    click.echo(f"{purpose}: new current key. Restart the processes to use it.")


@group.command("rewrap")
def rewrap() -> None:
    """Wrap every photo's key with the current master key, so that old ones can be dropped.

    May be interrupted and repeated; the system may take reports meanwhile.
    """
    parts: Parts = current_app.extensions["yo_alerto"]
    after, lost = None, 0
    while True:
        with transaction():
            after, unreadable = rewrap_some(parts.settings.keys, after, BATCH)
        lost += len(unreadable)
        if after is None:
            break
    click.echo("Every photo's key is wrapped by the current master key.")
    if lost:
        raise click.ClickException(f"{lost} photos could not be opened: their master key is lost")
